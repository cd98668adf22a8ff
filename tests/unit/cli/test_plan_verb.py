"""`plan`: requests of the next cycle and of a usual day, for people and for programs."""

import pytest

from ejsync.domain.reads import Demand
from ejsync.domain.records import Feed
from ejsync.domain.windows import Heat
from ejsync.pipeline.sync import sync_feed
from tests.doubles.source import DutifulSource
from tests.doubles.world import World


@pytest.fixture
def journal(home, monkeypatch):
    """A journal of two pupils behind the settings of the folder."""
    source = DutifulSource()
    monkeypatch.setattr("ejsync.bootstrap.open_source", lambda *_: source)
    return source


@pytest.fixture
def known(home, journal):
    """The same, and who is there has been read."""
    world = World(home / "state", source=journal)
    sync_feed(world.wiring, Feed.ROSTER, [Demand(Heat.HOT, None, world.clock.now())])
    world.close()
    journal.fetched.clear()
    return journal


def told(ask):
    """The one school of the document."""
    (school,) = ask("plan")["schools"]
    return school


def test_counting_asks_for_nothing(known, ask):
    """No window is fetched while requests are counted; sums are those of the rows."""
    found = told(ask)
    assert known.fetched == []
    assert found["requests_now"] == sum(row["requests"] for row in found["due_now"]) > 1
    assert found["requests_a_day"] == sum(row["a_day"] for row in found["usual"]) > 144


def test_every_feed_that_asks_the_journal_is_counted(known, ask):
    """What is worked out here, without the journal, is no request."""
    assert [row["feed"] for row in told(ask)["usual"]] == [feed.value for feed in Feed if feed is not Feed.DERIVED]


def test_before_the_roster_only_the_roster_is_counted(journal, run):
    """Nobody is known: one request, the command to begin with, and no table of zeros."""
    shown = run("plan").stdout
    assert "A cycle now makes 1 request." in shown
    assert "→ ejsync sync --feed roster" in shown
    assert "When nothing was missed" not in shown


@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_tables_fit_a_terminal(known, run, language):
    """In either language no line of a table is wider than eighty columns."""
    shown = run("--lang", language, "plan").stdout
    assert max(map(len, shown.splitlines())) <= 80


def test_why_is_said_in_words(known, run):
    """Hot days, the period and the year are named, with the days they span."""
    shown = run("plan").stdout
    assert "every cycle" in shown
    assert "the study period" in shown
    assert "01.09–" in shown


def test_the_least_time_is_told_where_there_is_a_pause(known, run):
    """A source without a pause has no least time: nothing is said of it."""
    assert "at the pause" not in run("plan").stdout
