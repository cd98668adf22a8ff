"""The composition root: settings in, wired schools out."""

from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest

from ejsync.bootstrap import Outside, limits, master_key, opened
from ejsync.domain.changes import Fingerprinted, upsert
from ejsync.domain.fingerprints import canonical
from ejsync.domain.quiet import QuietHours
from ejsync.domain.reads import Demand, Order, Sweep
from ejsync.domain.records import Feed
from ejsync.domain.windows import Days, Heat
from ejsync.errors import ConfigError, InstanceRunning, NotFound
from ejsync.pipeline.deliver import deliver
from ejsync.pipeline.sync import sync_feed
from ejsync.runtime import InlineExecutor
from ejsync.settings import load
from tests.doubles.records import period

SETTINGS = """
[store]
path = "state/ejsync.db"
[keys]
master = "file:master.key"
[feeds.finals]
enabled = false
[[schools]]
name = "school-7"
title = "Школа 7"
timezone = "Asia/Kamchatka"
source = {{ type = "recorded", folder = "pages" }}
sinks = [{{ type = "dryrun" }}]
[[schools]]
name = "school-8"
title = "Школа 8"
timezone = "Europe/Moscow"
source = {{ type = "recorded", folder = "pages" }}
sinks = [{{ type = "dryrun", name = "one" }}, {{ type = "dryrun", name = "two" }}]
{more}
"""


@pytest.fixture
def settings(tmp_path):
    """Settings of two schools with recorded pages and dry-run sinks."""
    (tmp_path / "pages").mkdir()
    (tmp_path / "master.key").write_text("ab" * 32)
    (tmp_path / "ejsync.toml").write_text(SETTINGS.format(more="[guard]\nleast_count = 7\n"))
    return load(tmp_path / "ejsync.toml")


def test_every_school_is_wired_with_its_own_parts(settings, clock):
    """Zone, sinks, guard and batch size come from the settings; clock and chance from the caller."""
    with opened(settings, outside=Outside(clock, Random(0), InlineExecutor())) as exchange:
        seven, eight = exchange.schools["school-7"], exchange.schools["school-8"]
        assert (str(seven.zone), list(seven.sinks), list(eight.sinks)) == ("Asia/Kamchatka", ["dryrun"], ["one", "two"])
        assert (seven.guard.least_count, seven.batch_items, seven.clock) == (7, 500, clock)
        assert seven.store is eight.store is exchange.store


def test_a_school_is_found_by_name_and_all_without(settings, clock):
    """No name means all schools; an unknown one is told."""
    with opened(settings, outside=Outside(clock)) as exchange:
        assert [wiring.school for wiring in exchange.school(None)] == ["school-7", "school-8"]
        assert [wiring.school for wiring in exchange.school("school-8")] == ["school-8"]
        with pytest.raises(NotFound):
            exchange.school("school-9")


def test_switched_off_feeds_are_left_out(settings, clock):
    """Feeds come in the order a first cycle needs them, without those that are off."""
    with opened(settings, outside=Outside(clock)) as exchange:
        assert exchange.feeds() == [feed for feed in Feed if feed is not Feed.FINALS]


def test_only_a_working_exchange_takes_the_lease(settings, clock):
    """Operators' verbs run beside a working instance, a second working one is refused until the first has ended."""
    with opened(settings, outside=Outside(clock), working=True) as first:
        assert first.schools["school-7"].epoch == 1
        with opened(settings, outside=Outside(clock)) as beside:
            assert beside.schools["school-7"].epoch == 0
        with pytest.raises(InstanceRunning), opened(settings, outside=Outside(clock), working=True):
            pass
    with opened(settings, outside=Outside(clock), working=True) as again:
        assert again.schools["school-7"].epoch == 2


def test_what_a_cycle_asks_for_follows_settings_periods_and_orders(settings, clock):
    """Hot days lie around the school's own today, the period is the one known, orders wait for a free moment."""
    clock.move(hours=5)  # 13:00 UTC is the next day in Kamchatka
    with opened(settings, outside=Outside(clock)) as exchange:
        wiring, now = exchange.schools["school-7"], clock.now()
        order = Order(Feed.TIMETABLE, Days(date(2026, 9, 1), date(2026, 9, 9)), now)
        term = period("t2")
        term = replace(term, data={**term.data, "start": "2026-11-05"})
        with exchange.store.begin("school-7") as tx:
            tx.records.save([upsert(Fingerprinted(term, canonical(term.data), "f" * 32), 1)], now)
            tx.readings.order(order)
        hot = Demand(Heat.HOT, Days(date(2026, 11, 16), date(2026, 11, 29)), now)
        assert exchange.demands(wiring, Feed.TIMETABLE, Sweep.NOW)[1:] == (hot,)
        patient = exchange.demands(wiring, Feed.TIMETABLE, Sweep.NOW, patience=exchange.patience(Feed.TIMETABLE))
        assert patient[1].since == now - timedelta(minutes=15)
        ordered_one, warm, cold = exchange.demands(wiring, Feed.TIMETABLE, Sweep.LATER)
        assert ordered_one == Demand(Heat.ORDERED, order.days, now)
        assert (warm.days.first, cold.days.first) == (date(2026, 11, 5), date(2026, 9, 1))
        assert [one.heat for one in exchange.demands(wiring, Feed.TIMETABLE)] == list(Heat)
        assert [one.heat for one in exchange.demands(exchange.schools["school-8"], Feed.TIMETABLE, Sweep.LATER)] == [
            Heat.WARM,
            Heat.COLD,
        ]


@pytest.mark.parametrize(("hours", "quiet"), [("", False), ("19:00-21:00", True), ("10:00-12:00", False)])
def test_quiet_hours_are_the_school_s(settings, clock, hours, quiet):
    """At 08:00 UTC it is 20:00 in Kamchatka and 11:00 in Moscow."""
    feeds = settings.feeds.model_copy(update={"quiet_hours": QuietHours.parse(hours)})
    with opened(settings.model_copy(update={"feeds": feeds}), outside=Outside(clock)) as exchange:
        assert exchange.is_quiet(exchange.schools["school-7"]) is quiet


def test_what_is_wired_works(settings, clock):
    """A cycle and a delivery run through the wired parts, with threads of their own."""
    with opened(settings, outside=Outside(clock), working=True) as exchange:
        wiring = exchange.schools["school-7"]
        assert sync_feed(wiring, Feed.ROSTER, exchange.demands(wiring, Feed.ROSTER)).errors == []
        assert deliver(wiring, "dryrun").batches == 0


def test_another_database_can_be_named(settings, clock, tmp_path):
    """A rehearsal works on another file than the settings name."""
    with opened(settings, outside=Outside(clock, store_path=tmp_path / "copy.db")) as exchange:
        assert exchange.store.path == tmp_path / "copy.db"
    assert not settings.store.path.exists()


@pytest.mark.parametrize("text", ["ab" * 31, "zu-kurz", "Ж" * 15])
def test_a_short_key_is_refused_without_showing_it(settings, tmp_path, text):
    """Fewer than 32 bytes are no master key, in hex or as text."""
    (tmp_path / "master.key").write_text(text)
    with pytest.raises(ConfigError) as caught:
        master_key(settings)
    assert text not in str(caught.value)


def test_a_vanished_key_is_told(settings, tmp_path):
    """A key that is gone since the settings were read is a fault of the settings, by its place."""
    (tmp_path / "master.key").unlink()
    with pytest.raises(ConfigError) as caught:
        master_key(settings)
    assert caught.value.faults[0].key == "keys.master"


def test_a_key_may_be_hex_or_text(settings, tmp_path):
    """Hex digits are taken as bytes, any other text as it is."""
    assert master_key(settings) == bytes.fromhex("ab" * 32)
    (tmp_path / "master.key").write_text("any text of enough bytes, forty")
    with pytest.raises(ConfigError):
        master_key(settings)
    (tmp_path / "master.key").write_text("any text of enough bytes, forty of them")
    assert master_key(settings) == b"any text of enough bytes, forty of them"


def test_the_bounds_of_requests_follow_the_settings(settings):
    """Megabytes become bytes; everything else is as written."""
    http = settings.http.model_copy(update={"body_megabytes": 3, "total_s": 7.0})
    found = limits(settings.model_copy(update={"http": http}))
    assert (found.body_bytes, found.total_s, found.attempts) == (3_000_000, 7.0, settings.http.attempts)
