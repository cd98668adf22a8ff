"""Requests counted: what a cycle takes now, and a usual day."""

from datetime import date
from types import SimpleNamespace

import pytest

from ejsync.cli.requests import as_document, awake_hours, due_now, usual
from ejsync.domain.quiet import QuietHours
from ejsync.domain.reads import Demand, Sweep
from ejsync.domain.records import Feed
from ejsync.domain.windows import Heat
from ejsync.pipeline.sync import sync_feed
from ejsync.settings import Moment
from ejsync.settings.polling import Feeds
from tests.doubles.source import DutifulSource
from tests.doubles.world import World

PEOPLE = {"10А": [str(1001 + number) for number in range(30)]}
MARKS = (Feed.MARKS,)


@pytest.fixture
def world(tmp_path):
    """A school of thirty whose roster is read; one request asks for 25 pupils and 14 days."""
    world = World(tmp_path / "school", source=DutifulSource(classes=PEOPLE))
    sync_feed(world.wiring, Feed.ROSTER, [Demand(Heat.HOT, None, world.clock.now())])
    world.source.fetched.clear()
    yield world
    world.close()


def exchange(world, **rules):
    """What counting asks of an exchange, over the world."""
    feeds = Feeds(**rules)

    def demands(wiring, feed):
        return feeds.of(feed).demands(Sweep.ALL, Moment(world.clock.now(), wiring.zone), feeds.night_begins)

    return SimpleNamespace(store=world.store, demands=demands, settings=SimpleNamespace(feeds=feeds))


def test_what_is_counted_is_what_a_cycle_asks(world):
    """The requests counted are as many as the next cycle makes, by the same methods, days and pupils."""
    counted = due_now(exchange(world), world.wiring, MARKS)
    sync_feed(world.wiring, Feed.MARKS, exchange(world).demands(world.wiring, Feed.MARKS))
    assert sum(batch.requests for batch in counted) == len(world.source.fetched)
    assert {batch.pupils for batch in counted} == {30}
    first = min(window.days.first for window in world.source.fetched)
    assert min(batch.first for batch in counted) == first == date(2026, 9, 1)


def test_batches_are_told_apart_by_why(world):
    """Hot days and older ones of one feed are counted each by itself, the most urgent first."""
    heats = [batch.heat for batch in due_now(exchange(world), world.wiring, MARKS)]
    assert heats[0] == "hot"
    assert len(heats) == len(set(heats)) > 1


def test_after_a_read_only_what_every_cycle_asks_is_left(world):
    """A second cycle by hand asks for the hot days again and for nothing else."""
    sync_feed(world.wiring, Feed.MARKS, exchange(world).demands(world.wiring, Feed.MARKS))
    world.clock.move(seconds=1)
    assert [batch.heat for batch in due_now(exchange(world), world.wiring, MARKS)] == ["hot"]


def test_a_usual_day_is_what_its_cycles_add_up_to(world):
    """Hot reads by the feed's minutes, the period by its hours, the year once."""
    (found,) = usual(exchange(world), world.wiring, MARKS)
    assert found.a_day == round(found.hot * 144 + found.warm * 12 + found.cold)
    assert found.hot == 4  # fifteen days and thirty pupils, with 14 and 25 to a request


def test_in_quiet_hours_nothing_is_counted(world):
    """A day that is quiet for half of its hours takes half of the reads."""
    (quiet,) = usual(exchange(world, quiet_hours="20:00-08:00"), world.wiring, MARKS)
    assert quiet.a_day == round(quiet.hot * 72 + quiet.warm * 6 + quiet.cold)


@pytest.mark.parametrize(("hours", "awake"), [("", 24), ("22:30-05:30", 17), ("01:00-02:15", 22.75)])
def test_hours_that_are_not_quiet(hours, awake):
    """Over midnight or not, minutes count."""
    assert awake_hours(QuietHours.parse(hours)) == awake


def test_a_feed_without_days_has_none_to_tell(world):
    """The roster is one request without days, classes or pupils."""
    world.clock.move(seconds=1)
    (batch,) = due_now(exchange(world), world.wiring, [Feed.ROSTER])
    assert as_document(batch) == {
        "feed": Feed.ROSTER, "heat": "hot", "requests": 1, "methods": ("people",), "classes": 0, "pupils": 0,
        "first": None, "last": None,
    }  # fmt: skip
