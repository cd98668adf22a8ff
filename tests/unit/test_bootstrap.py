"""The composition root: settings in, wired schools out."""

from datetime import date
from random import Random

import pytest

from ejsync.bootstrap import keyring, limits, opened
from ejsync.domain.fingerprints import Keyring
from ejsync.domain.records import Feed
from ejsync.domain.standing import FeedMark
from ejsync.errors import ConfigError, InstanceRunning, NotFound
from ejsync.pipeline.deliver import deliver
from ejsync.pipeline.sync import sync_feed
from ejsync.runtime import InlineExecutor
from ejsync.settings import load

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
    with opened(settings, clock=clock, rng=Random(0), executor=InlineExecutor()) as exchange:
        seven, eight = exchange.schools["school-7"], exchange.schools["school-8"]
        assert (str(seven.zone), list(seven.sinks), list(eight.sinks)) == ("Asia/Kamchatka", ["dryrun"], ["one", "two"])
        assert (seven.guard.least_count, seven.batch_items, seven.clock) == (7, 500, clock)
        assert seven.store is eight.store is exchange.store


def test_a_school_is_found_by_name_and_all_without(settings, clock):
    """No name means all schools; an unknown one is told."""
    with opened(settings, clock=clock) as exchange:
        assert [wiring.school for wiring in exchange.school(None)] == ["school-7", "school-8"]
        assert [wiring.school for wiring in exchange.school("school-8")] == ["school-8"]
        with pytest.raises(NotFound):
            exchange.school("school-9")


def test_switched_off_feeds_are_left_out(settings, clock):
    """Feeds come in the order a first cycle needs them, without those that are off."""
    with opened(settings, clock=clock) as exchange:
        assert exchange.feeds() == [feed for feed in Feed if feed is not Feed.FINALS]


def test_only_a_working_exchange_takes_the_lease(settings, clock):
    """Operators' verbs run beside a working instance, a second working one is refused until the first has ended."""
    with opened(settings, clock=clock, working=True) as first:
        assert first.schools["school-7"].epoch == 1
        with opened(settings, clock=clock) as beside:
            assert beside.schools["school-7"].epoch == 0
        with pytest.raises(InstanceRunning), opened(settings, clock=clock, working=True):
            pass
    with opened(settings, clock=clock, working=True) as again:
        assert again.schools["school-7"].epoch == 2


def test_before_a_first_good_read_the_whole_school_year_is_read(settings, clock):
    """Until a feed was read well it covers the year so far, afterwards what the settings say, in the school's zone."""
    clock.move(hours=5)  # 13:00 UTC is the next day in Kamchatka
    with opened(settings, clock=clock) as exchange:
        wiring = exchange.schools["school-7"]
        first = exchange.days(wiring, Feed.TIMETABLE)
        assert (first.first, first.last) == (date(2026, 9, 1), date(2026, 12, 1))
        for read_at, expected in ((None, date(2026, 9, 1)), (clock.now(), date(2026, 11, 3))):
            with exchange.store.begin("school-7") as tx:
                tx.marks.save_feed(FeedMark("timetable", read_at, None))
            assert exchange.days(wiring, Feed.TIMETABLE).first == expected


def test_what_is_wired_works(settings, clock):
    """A cycle and a delivery run through the wired parts, with threads of their own."""
    with opened(settings, clock=clock, working=True) as exchange:
        wiring = exchange.schools["school-7"]
        assert sync_feed(wiring, Feed.ROSTER, exchange.days(wiring, Feed.ROSTER)).errors == []
        assert deliver(wiring, "dryrun").batches == 0


def test_another_database_can_be_named(settings, clock, tmp_path):
    """A rehearsal works on another file than the settings name."""
    with opened(settings, clock=clock, store_path=tmp_path / "copy.db") as exchange:
        assert exchange.store.path == tmp_path / "copy.db"
    assert not settings.store.path.exists()


@pytest.mark.parametrize("text", ["ab" * 31, "zu-kurz", "Ж" * 15])
def test_a_short_key_is_refused_without_showing_it(settings, tmp_path, text):
    """Fewer than 32 bytes are no master key, in hex or as text."""
    (tmp_path / "master.key").write_text(text)
    with pytest.raises(ConfigError) as caught:
        keyring(settings)
    assert text not in str(caught.value)


def test_a_vanished_key_is_told(settings, tmp_path):
    """A key that is gone since the settings were read is a fault of the settings, by its place."""
    (tmp_path / "master.key").unlink()
    with pytest.raises(ConfigError) as caught:
        keyring(settings)
    assert caught.value.faults[0].key == "keys.master"


def test_a_key_may_be_hex_or_text(settings, tmp_path):
    """Hex digits are taken as bytes, any other text as it is."""
    assert keyring(settings) == Keyring.from_master(bytes.fromhex("ab" * 32))
    (tmp_path / "master.key").write_text("any text of enough bytes, forty")
    with pytest.raises(ConfigError):
        keyring(settings)
    (tmp_path / "master.key").write_text("any text of enough bytes, forty of them")
    assert keyring(settings) == Keyring.from_master(b"any text of enough bytes, forty of them")


def test_the_bounds_of_requests_follow_the_settings(settings):
    """Megabytes become bytes; everything else is as written."""
    http = settings.http.model_copy(update={"body_megabytes": 3, "total_s": 7.0})
    found = limits(settings.model_copy(update={"http": http}))
    assert (found.body_bytes, found.total_s, found.attempts) == (3_000_000, 7.0, settings.http.attempts)
