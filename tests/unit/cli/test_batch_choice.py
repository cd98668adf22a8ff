"""How operators choose batches: moments by the school's clock and calendar, and the same choice once more."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import click
import pytest

from ejsync.cli.batch_choice import Asked, When, choosing
from ejsync.domain.batches import BatchState
from ejsync.domain.decisions import Selection
from ejsync.domain.records import Kind

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
OMSK = SimpleNamespace(clock=SimpleNamespace(now=lambda: NOW), zone=ZoneInfo("Asia/Omsk"))


def read(*words):
    """Let the options be read by a command, and return what was asked."""
    asked = []
    command = choosing(click.command()(lambda **options: asked.append(Asked(**options))))
    command.main(words, standalone_mode=False)
    return asked[0]


@pytest.mark.parametrize(
    ("typed", "ago"), [("30m", timedelta(minutes=30)), ("2h", timedelta(hours=2)), ("3d", timedelta(days=3))]
)
def test_so_long_ago_is_counted_from_now(typed, ago):
    """Minutes, hours and days."""
    assert read("--since", typed).within(OMSK).since == NOW - ago


def test_a_day_is_one_of_the_schools_calendar():
    """Since a day is from its first instant there, until a day is to its end."""
    chosen = read("--since", "2026-11-20", "--until", "2026-11-20").within(OMSK)
    assert chosen.since == datetime(2026, 11, 19, 18, tzinfo=UTC)
    assert chosen.until - chosen.since == timedelta(days=1)


def test_nothing_asked_excludes_nothing():
    """Without an option every batch is meant."""
    assert read() == Asked()
    assert Asked().within(OMSK) == Selection()


def test_the_same_can_be_asked_for_once_more():
    """The options that are told read as those that were typed."""
    words = ("--sink", "ed", "--kind", "mark", "--reason", "poison", "--since", "2h", "--until", "2026-11-20")
    asked = read(*words, "--state", "dead", "--state", "held")
    assert asked.typed() == [*words, "--state", "dead", "--state", "held"]
    assert asked.until == When("2026-11-20", day=date(2026, 11, 20))
    chosen = asked.within(OMSK)
    assert (chosen.kind, chosen.states) == (Kind.MARK, (BatchState.DEAD, BatchState.HELD))


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
def test_a_day_that_no_clock_tells_is_refused(day):
    """Days at the ends of the calendar are a wrong word of the operator's, never a crash."""
    with pytest.raises(click.BadParameter):
        read("--until", day)
