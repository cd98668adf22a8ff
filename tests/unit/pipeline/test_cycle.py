"""One feed, wherever it comes from: the journal is asked, or what is known is gone through."""

from datetime import UTC, datetime

import pytest

from ejsync.domain.reads import Demand
from ejsync.domain.records import Feed
from ejsync.domain.windows import Heat
from ejsync.pipeline.cycle import read_feed
from tests.doubles import records
from tests.doubles.world import WANTED, World

ASKED = (Demand(Heat.HOT, None, datetime.max.replace(tzinfo=UTC)),)


@pytest.fixture
def world(tmp_path):
    """A class of one pupil, whose marks the journal will show."""
    made = World(tmp_path)
    made.read(records.roster(records.school_class(), records.pupil()), feed=Feed.ROSTER)
    made.source.script(Feed.MARKS, records.marks(["1001"], records.mark()))
    yield made
    made.close()


def test_a_feed_of_the_journal_is_read_from_it(world):
    """The journal is asked for its own feeds."""
    asked = len(world.source.fetched)
    assert read_feed(world.wiring, Feed.MARKS, WANTED).counts["created"] == 1
    assert len(world.source.fetched) == asked + 1


def test_conclusions_ask_nobody(world):
    """What follows is worked out without a request, and told class by class to whoever watches."""
    asked, seen = len(world.source.fetched), []
    report = read_feed(world.wiring, Feed.DERIVED, ASKED, progress=lambda _window, done, of: seen.append((done, of)))
    assert (report.feed, report.windows, report.errors) == (Feed.DERIVED, 1, [])
    assert len(world.source.fetched) == asked
    assert seen == [(0, 1), (1, 1)]


def test_without_a_demand_nothing_is_worked_out(world):
    """A cycle in which nothing is due of the conclusions leaves every class due."""
    assert read_feed(world.wiring, Feed.DERIVED, ()).windows == 0
    assert read_feed(world.wiring, Feed.DERIVED, ASKED, stopped=lambda: True).windows == 1
