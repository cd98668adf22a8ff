"""Days by order: in slices, with what every cycle reads in between."""

from datetime import date
from types import SimpleNamespace

import pytest

from ejsync.cli.backfill import Backfill, order_days
from ejsync.domain.reads import Demand
from ejsync.domain.records import Feed
from ejsync.domain.windows import Days, Heat
from ejsync.errors import SourceUnavailable
from ejsync.pipeline.sync import sync_feed
from ejsync.settings.polling import Feeds
from tests.doubles.source import DutifulSource
from tests.doubles.world import World

YEAR = Days(date(2026, 9, 1), date(2026, 11, 16))
AWAY = SourceUnavailable(host="journal", method="getmarks", reason="no answer")


@pytest.fixture
def school(tmp_path):
    """A school whose roster is read, and the exchange around it; marks are due every ten minutes."""
    world = World(tmp_path / "school", source=DutifulSource(longest=7))
    sync_feed(world.wiring, Feed.ROSTER, [Demand(Heat.HOT, None, world.clock.now())])
    world.source.fetched.clear()
    settings = SimpleNamespace(feeds=Feeds())
    exchange = SimpleNamespace(store=world.store, clock=world.clock, settings=settings, feeds=lambda: [Feed.MARKS])
    yield SimpleNamespace(world=world, exchange=exchange, wiring=world.wiring)
    world.close()


def slow(school, monkeypatch, minutes):
    """Let every answer take its time."""
    source, fetch = school.world.source, school.world.source.fetch
    monkeypatch.setattr(source, "fetch", lambda *asked: school.world.clock.move(minutes=minutes) or fetch(*asked))


def carried(school, breathe=lambda: None):
    """Order the year of marks and carry it out; return the report and what the progress was told."""
    told = []
    (order,) = order_days(school.exchange, school.wiring, [Feed.MARKS], YEAR)
    backfill = Backfill(school.exchange, school.wiring, breathe)
    return backfill.carry(order, lambda _window, done, total: told.append((done, total))), told


def asked(school):
    """The days asked for, window by window."""
    return [str(window.days) for window in school.world.source.fetched]


def orders(school):
    """What is still ordered."""
    with school.world.tx() as tx:
        return tx.readings.orders()


def test_a_year_is_read_with_breaths_in_between(school, monkeypatch):
    """Every ten minutes what every cycle reads comes first; no window is read twice, and the sum is told."""
    slow(school, monkeypatch, minutes=4)
    breaths = []
    report, told = carried(school, lambda: breaths.append(len(school.world.source.fetched)))
    assert breaths == [0, 3, 6, 9]
    assert len(asked(school)) == len(set(asked(school))) == 11
    assert (report.windows, report.stopped, report.errors) == (11, False, [])
    assert told[-1] == (2, 2)
    assert orders(school) == []


def test_an_interrupted_order_goes_on_where_it_stopped(school, monkeypatch):
    """A run that ends in the middle leaves its order; the next one asks for the rest only, under the same instant."""

    def give_up():
        if len(school.world.source.fetched) >= 4:
            raise KeyboardInterrupt

    slow(school, monkeypatch, minutes=3)
    with pytest.raises(KeyboardInterrupt):
        carried(school, give_up)
    (left,) = orders(school)
    school.world.clock.move(hours=20)
    carried(school)
    assert len(asked(school)) == len(set(asked(school))) == 11
    assert left.at < school.world.clock.now()
    assert orders(school) == []


def test_what_cannot_be_read_ends_the_run_and_stays_ordered(school, monkeypatch):
    """Where a whole slice gives nothing, the run does not go on for ever; its errors are told once."""
    slow(school, monkeypatch, minutes=11)
    school.world.source.poisoned = {"1001": AWAY, "1002": AWAY}
    report, _ = carried(school)
    assert report.stopped
    assert set(report.errors) == {AWAY}
    assert len(orders(school)) == 1


def test_what_failed_in_one_slice_and_was_read_in_the_next_is_no_failure(school, monkeypatch):
    """The report tells what is wanting at its end; an order with nothing wanting is done."""
    slow(school, monkeypatch, minutes=2)
    school.world.source.poisoned = {"1002": AWAY}

    def mend():
        if school.world.source.fetched:
            school.world.source.poisoned = {}

    report, _ = carried(school, mend)
    assert report.errors == []
    assert orders(school) == []
