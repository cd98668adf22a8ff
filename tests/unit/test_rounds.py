"""What a working instance does at each turn."""

import os
import sqlite3
import threading
from contextlib import closing, nullcontext
from dataclasses import replace
from datetime import date

import pytest
from structlog.testing import capture_logs

from ejsync.bootstrap import Exchange
from ejsync.domain.deadlines import Urgency
from ejsync.domain.erasure import Order
from ejsync.domain.quiet import QuietHours
from ejsync.domain.records import Feed, Kind
from ejsync.domain.windows import Heat
from ejsync.errors import LeaseLost, SourceUnavailable, StoreError
from ejsync.pipeline.erase import begin
from ejsync.pipeline.replay import discard
from ejsync.pipeline.sync import sync_feed
from ejsync.rounds import COPY, Rounds
from ejsync.settings import load
from ejsync.store.backup import back_up, place_for
from ejsync.store.withdrawals import WithdrawalFile
from tests.doubles.records import broken_mark, mark, marks, pupil, roster, school_class
from tests.doubles.source import DutifulSource
from tests.doubles.world import World

SETTINGS = """
[service]
port = 0
stop_within_s = 5.0
[delivery]
every_seconds = 1
[[schools]]
name = "school-7"
title = "Школа 7"
timezone = "Europe/Moscow"
source = { type = "recorded", folder = "." }
sinks = [{ type = "dryrun" }]
"""


@pytest.fixture
def exchange(world, tmp_path):
    """The world's school under the settings of a daemon."""
    (tmp_path / "ejsync.toml").write_text(SETTINGS)
    settings = load(tmp_path / "ejsync.toml", reveal=False)
    world.consent("1001")
    world.source.script(Feed.ROSTER, roster(school_class(), pupil()))
    world.source.script(Feed.MARKS, marks(["1001"], mark()))
    return Exchange(settings, world.store, world.clock, {"school-7": world.wiring})


def turns_of(exchange):
    """The turns of a service that nobody stops."""
    return Rounds(exchange, lambda: False)


def sweep(rounds, world):
    """Let every feed read what may wait."""
    for feed in rounds._exchange.feeds():
        rounds.sweep(world.wiring, feed)


def test_a_bug_in_a_read_is_logged_with_its_place(exchange, world):
    """What upset the reader of one window is not hidden: the log gets the error behind the failure."""
    bug = ZeroDivisionError()
    world.source.script(Feed.MARKS, bug)
    with capture_logs() as logs:
        turns_of(exchange).read(world.wiring, Feed.MARKS)
    [failed] = [entry for entry in logs if entry["event"] == "feed.failed"]
    assert (failed["code"], failed["exc_info"]) == ("EJ-206", bug)


# -- what may wait --------------------------------------------------------------------------------------------------


@pytest.fixture
def diligent(exchange, tmp_path):
    """The turns of a service over a journal that plans what is due: its roster and hot days are read."""
    world = World(tmp_path / "diligent", source=DutifulSource(longest=15))
    made = turns_of(replace(exchange, store=world.store, clock=world.clock, schools={"school-7": world.wiring}))
    for feed in Feed.ROSTER, Feed.MARKS:
        made.read(world.wiring, feed)
    world.source.fetched.clear()
    yield made, world
    world.close()


def heats(world):
    """Why each window of marks was asked for, in order."""
    return [window.heat for window in world.source.fetched if window.feed is Feed.MARKS]


def with_quiet_hours(rounds, hours):
    """Let the school have quiet hours."""
    feeds = rounds._exchange.settings.feeds.model_copy(update={"quiet_hours": QuietHours.parse(hours)})
    rounds._exchange = replace(rounds._exchange, settings=rounds._exchange.settings.model_copy(update={"feeds": feeds}))


def test_what_may_wait_is_read_between_the_cycles(diligent):
    """A sweep reads nine weeks (no period is known) and the year, each day once; the next one finds nothing due."""
    rounds, world = diligent
    sweep(rounds, world)
    assert set(heats(world)) == {Heat.WARM, Heat.COLD}
    read = len(heats(world))
    sweep(rounds, world)
    assert len(heats(world)) == read


def test_hot_days_wait_for_one_window_of_a_sweep_at_most(diligent, monkeypatch):
    """Whoever wants to read hot days while a sweep is under way gets his turn after the window at hand."""
    rounds, world = diligent
    fetch, threads = world.source.fetch, []

    def first_asks(window, known=""):
        if not threads and window.heat is Heat.WARM:
            world.clock.move(hours=1)
            threads.append(threading.Thread(target=rounds.read, args=(world.wiring, Feed.MARKS)))
            threads[0].start()
            while not rounds._reading["school-7"].wanted:
                pass
        return fetch(window, known)

    monkeypatch.setattr(world.source, "fetch", first_asks)
    sweep(rounds, world)
    threads[0].join(20)
    assert heats(world) == [Heat.WARM, Heat.HOT]
    sweep(rounds, world)
    asked = [window.days for window in world.source.fetched if window.heat is Heat.WARM]
    assert len(asked) == len(set(asked)) > 1


def test_in_quiet_hours_nothing_is_read_by_schedule(diligent):
    """Neither cycles nor sweeps ask for anything while the school's clocks show quiet hours; afterwards they do."""
    rounds, world = diligent
    with_quiet_hours(rounds, "10:30-12:00")  # it is 11:00 in Moscow
    world.clock.move(minutes=30)
    rounds.read(world.wiring, Feed.MARKS)
    sweep(rounds, world)
    assert heats(world) == []
    world.clock.move(minutes=30)
    rounds.read(world.wiring, Feed.MARKS)
    sweep(rounds, world)
    assert set(heats(world)) == {Heat.HOT, Heat.WARM, Heat.COLD}


@pytest.mark.parametrize("job", ["read", "sweep"])
def test_quiet_hours_that_begin_end_what_is_under_way(diligent, monkeypatch, job):
    """A cycle or a sweep that quiet hours overtake ends with the window at hand; the rest is read after them."""
    rounds, world = diligent
    with_quiet_hours(rounds, "11:30-12:00")
    world.source.size = 1
    fetch = world.source.fetch
    monkeypatch.setattr(world.source, "fetch", lambda *asked: world.clock.move(minutes=30) or fetch(*asked))
    world.clock.move(minutes=10)
    if job == "read":
        rounds.read(world.wiring, Feed.MARKS)
    else:
        sweep(rounds, world)
    assert len(heats(world)) == 1


def test_by_hand_is_read_in_quiet_hours_too(diligent):
    """Quiet hours bind the schedule, not a person."""
    rounds, world = diligent
    with_quiet_hours(rounds, "00:00-23:59")
    sync_feed(world.wiring, Feed.MARKS, rounds._exchange.demands(world.wiring, Feed.MARKS))
    assert heats(world)


def test_after_a_failed_sweep_its_feed_rests(diligent):
    """For a quarter of an hour what may wait does not press a service in trouble; hot days are read all the same."""
    rounds, world = diligent
    away = SourceUnavailable(host="journal", method="getmarks", reason="no answer")
    world.source.poisoned = {"1001": away, "1002": away}
    sweep(rounds, world)
    asked = len(heats(world))
    world.source.poisoned = {}
    world.clock.move(minutes=10)
    sweep(rounds, world)
    assert len(heats(world)) == asked
    rounds.read(world.wiring, Feed.MARKS)
    assert heats(world)[asked:] == [Heat.HOT]
    world.clock.move(minutes=5)
    sweep(rounds, world)
    assert len(heats(world)) > asked + 1


class Impatient:
    """Turns that are wanted whenever they have been looked at a dozen times."""

    looks = 0

    @property
    def wanted(self):
        """Look once more."""
        self.looks += 1
        return self.looks % 12 == 0

    def at_leisure(self):
        """Take a turn."""
        return nullcontext()


def test_a_sweep_that_gave_way_goes_on_without_a_rest_where_some_of_it_was_read(diligent):
    """One pupil who cannot be read does not make the others wait a quarter of an hour after every interruption."""
    rounds, world = diligent
    world.source.poisoned = {"1001": SourceUnavailable(host="journal", method="getmarks", reason="no answer")}
    rounds._reading["school-7"] = Impatient()
    for _ in range(60):
        sweep(rounds, world)
    with world.tx() as tx:
        reads = tx.readings.history(Feed.MARKS)["pupil:1002"].reads
    assert (reads[0].days.first, reads[-1].days.last) == (date(2026, 9, 1), date(2026, 11, 16))


def test_feeds_that_have_nothing_to_wait_for_cost_a_sweep_nothing(diligent, monkeypatch):
    """A feed without days is not even planned by a sweep."""
    from ejsync import rounds as module

    rounds, world = diligent
    swept = []
    original = module.read_feed
    monkeypatch.setattr(
        module, "read_feed", lambda wiring, feed, *a, **k: swept.append(feed) or original(wiring, feed, *a, **k)
    )
    sweep(rounds, world)
    assert swept == [Feed.TIMETABLE, Feed.DIARY, Feed.HOMEWORK, Feed.MARKS]


def test_final_results_that_wait_are_warned_of_once(exchange, world):
    """After half of their time and again when they are late the log says how many wait; counts, and nothing else."""
    rounds, moment = turns_of(exchange), world.clock.now()
    said = []
    with world.tx() as tx:
        tx.owed.begin("ed", [(Kind.FINAL_MARK, "a", 1)], moment)
    for _ in range(6):
        with capture_logs() as lines:
            rounds.deliver(world.wiring, "ed")
        said.append([line["state"] for line in lines if line["event"] == "results.owed"])
        world.clock.move(minutes=6 * 60 + 1)
    assert said == [[], [], ["pressing"], [], ["late"], []]
    assert (lines, rounds._urgencies) == ([], {("school-7", "ed"): Urgency.LATE})


def test_what_arrived_may_be_warned_of_again(exchange, world):
    """A new result that waits too long is a new warning."""
    rounds, said = turns_of(exchange), 0
    for version in (1, 2):
        with world.tx() as tx:
            tx.owed.begin("ed", [(Kind.FINAL_MARK, "a", version)], world.clock.now())
        world.clock.move(minutes=13 * 60)
        with capture_logs() as lines:
            rounds.deliver(world.wiring, "ed")
        said += [line["event"] for line in lines].count("results.owed")
        with world.tx() as tx:
            tx.owed.settle("ed", [(Kind.FINAL_MARK, "a", version)])
        rounds.deliver(world.wiring, "ed")
    assert said == 2


# -- comparing with diaries -------------------------------------------------------------------------------------------


@pytest.fixture
def nightly(exchange, world):
    """The turns of a service whose diary holds a mark and has been compared once."""
    rounds = turns_of(exchange)
    for feed in Feed.ROSTER, Feed.MARKS:
        rounds.read(world.wiring, feed)
    rounds.deliver(world.wiring, "ed")
    world.clock.move(minutes=10)
    rounds.reconcile(world.wiring, "ed")
    world.ed.reads.clear()
    return rounds


def compare_hourly(rounds, world, hours):
    """Give the comparison a turn every hour and say after how many it asked the diary anything."""
    asked = []
    for hour in range(1, hours + 1):
        world.clock.move(hours=1)
        rounds.reconcile(world.wiring, "ed")
        asked += [hour] * world.ed.reads.count(("digest", None))
        world.ed.reads.clear()
    return asked


def test_a_diary_is_compared_once_a_night(nightly, world):
    """The turn after 03:00 by the school's clock asks, the others of the day do not."""
    world.clock.move(minutes=50)
    hour = world.clock.now().astimezone(world.wiring.zone).hour
    first = 27 - hour
    assert compare_hourly(nightly, world, 48) == [first, first + 24]


def test_what_a_diary_lost_is_sent_again_in_the_night(nightly, world):
    """A diary that was restored from an old backup is whole again after one turn of comparing and one of delivering."""
    world.ed.held.clear()
    world.ed.receipts.clear()
    compare_hourly(nightly, world, 24)
    nightly.deliver(world.wiring, "ed")
    assert world.seen() == {mark().key: "5"}


def test_who_forbids_repairs_is_told_alone(nightly, world):
    """With `repair = false` the log has the differences, and nothing is sent."""
    settings = nightly._exchange.settings
    nightly._exchange = replace(
        nightly._exchange,
        settings=settings.model_copy(update={"reconcile": settings.reconcile.model_copy(update={"repair": False})}),
    )
    world.ed.held.clear()
    with capture_logs() as lines:
        compare_hourly(nightly, world, 24)
    [done] = [line for line in lines if line["event"] == "reconcile.done"]
    assert (done["missing"], done["queued"], world.waiting()) == (3, 0, {})


def test_nothing_is_compared_where_that_is_switched_off(nightly, world):
    """With `enabled = false` no diary is asked."""
    settings = nightly._exchange.settings
    off = settings.model_copy(update={"reconcile": settings.reconcile.model_copy(update={"enabled": False})})
    nightly._exchange = replace(nightly._exchange, settings=off)
    assert compare_hourly(nightly, world, 48) == []


def test_a_failed_comparison_is_tried_again_after_half_an_hour(nightly, world):
    """A diary that did not say what it holds is not asked at every turn, and not only the next night."""
    world.ed.unread = "HTTP 503"
    world.clock.move(hours=24)
    asked = []
    for minute in range(0, 70, 5):
        nightly.reconcile(world.wiring, "ed")
        asked += [minute] * len(world.ed.reads)
        world.ed.reads.clear()
        world.clock.move(minutes=5)
    assert asked == [0, 30, 60]


@pytest.mark.parametrize(("hours", "compared"), [(2, False), (9, True)])
def test_a_diary_that_was_long_away_is_compared_as_soon_as_it_is_back(nightly, world, hours, compared):
    """Hours away may mean a restored backup: the night is not waited for. A short outage means nothing."""
    world.clock.move(hours=12)
    nightly.reconcile(world.wiring, "ed")
    world.ed.reads.clear()
    world.source.script(Feed.MARKS, marks(["1001"], mark(raw="2")))
    world.ed.faults.extend(["unavailable"] * 40)
    nightly.read(world.wiring, Feed.MARKS)
    with world.tx() as tx:
        tx.marks.save_sink(replace(tx.marks.sink("ed"), delivered_at=world.clock.now()))
    for _ in range(hours):
        nightly.deliver(world.wiring, "ed")
        nightly.reconcile(world.wiring, "ed")
        assert world.ed.reads == []
        world.clock.move(hours=1)
    world.ed.faults.clear()
    nightly.deliver(world.wiring, "ed")
    nightly.reconcile(world.wiring, "ed")
    assert (world.ed.reads == [("digest", None)]) is compared


def test_every_key_is_compared_where_the_store_may_be_the_older_one(nightly, world):
    """A store put back from a copy has each diary compared whole, once."""
    with world.tx() as tx:
        tx.store_marks.doubt("test", world.clock.now())
    world.clock.move(minutes=5)
    nightly.reconcile(world.wiring, "ed")
    assert len(world.ed.reads) == 1 + len(Kind)
    world.ed.reads.clear()
    nightly.reconcile(world.wiring, "ed")
    assert world.ed.reads == []


def test_a_diary_that_never_was_sent_anything_is_not_compared(exchange, world):
    """Before the first delivery there is nothing to compare."""
    turns_of(exchange).reconcile(world.wiring, "ed")
    assert world.ed.reads == []


def test_a_store_that_may_be_older_than_a_diary_is_logged_loudly(exchange, world):
    """Every diary that is not believed is named at the start; without doubt nothing is said."""
    rounds = turns_of(exchange)
    with capture_logs() as logs:
        rounds.tell_doubts()
        with world.tx() as tx:
            tx.store_marks.doubt("copy", world.clock.now())
        rounds.tell_doubts()
    told = {"event": "store.rolled_back", "log_level": "error", "school": "school-7", "sink": "ed"}
    assert [{name: entry[name] for name in told} for entry in logs] == [told]


def ordered(world):
    """An erasure of the exchange's pupil, whose records the diary holds."""
    with world.tx() as tx:
        tx.marks.require_epoch(world.wiring.epoch)
    return begin(world.wiring, Order("1001", "отзыв"))


def test_an_erasure_goes_on_at_every_turn(exchange, world):
    """It waits for the diary, is finished once the retractions are there, and costs nothing where there is none."""
    rounds = turns_of(exchange)
    rounds.erase(world.wiring)
    for feed in (Feed.ROSTER, Feed.MARKS):
        rounds.read(world.wiring, feed)
    rounds.deliver(world.wiring, "ed")
    ordered(world)
    rounds.erase(world.wiring)
    assert world.ed.erasures == []
    rounds.deliver(world.wiring, "ed")
    rounds.erase(world.wiring)
    assert world.ed.erasures == ["1001"]
    with world.tx() as tx:
        assert tx.erasures.unfinished() == []


def test_an_erasure_that_cannot_go_on_stops_no_other(exchange, world, monkeypatch):
    """What keeps one from its end is logged, and the next one comes to its own."""
    rounds = turns_of(exchange)
    tried = []

    def stuck(_wiring, number, _surfaces):
        tried.append(number)
        raise StoreError(path="acts", reason="full")

    for one in ("1001", "1002"):
        world.consent(one)
        begin(world.wiring, Order(one, "отзыв"))
    monkeypatch.setattr("ejsync.rounds.advance", stuck)
    with capture_logs() as told:
        rounds.erase(world.wiring)
    assert tried == [1, 2]
    assert [line["code"] for line in told if line["event"] == "erasure.failed"] == ["EJ-501", "EJ-501"]


def test_a_key_destroyed_behind_the_store_is_seen_at_the_first_look(exchange, world):
    """A destroyed key without an erasure tells of one; nobody has to order it once more."""
    with world.tx() as tx:
        tx.keys.destroy(["1001"])
    turns_of(exchange).erase_returned(world.wiring)
    with world.tx() as tx:
        assert [one.order.reason for one in tx.erasures.unfinished()] == [COPY]


def test_who_is_back_with_an_older_copy_is_erased_anew_at_the_next_turn(exchange, world):
    """An older copy put into the store of a working instance brings a pupil back for one turn only."""
    rounds, older = turns_of(exchange), world.store.path.with_name("older")
    rounds.read(world.wiring, Feed.ROSTER)
    with closing(sqlite3.connect(world.store.path)) as store, closing(sqlite3.connect(older)) as copy:
        store.backup(copy)
        ordered(world)
        for _ in range(2):
            rounds.deliver(world.wiring, "ed")
            rounds.erase(world.wiring)
        with world.tx() as tx:
            assert (tx.erasures.unfinished(), "1001" in tx.erasures.pupils()) == ([], False)
        copy.backup(store)
    rounds.erase(world.wiring)
    rounds.deliver(world.wiring, "ed")
    rounds.erase(world.wiring)
    with world.tx() as tx:
        assert (tx.erasures.unfinished(), "1001" in tx.erasures.pupils()) == ([], False)
        assert [one.nth for one in tx.erasures.of(world.wiring.keyring.pseudonym("1001"))] == [2]


def test_what_is_past_its_time_goes_once_a_night(exchange, world):
    """Quarantine and an old backup are deleted and witnessed; nothing more happens until the next night."""
    rounds = turns_of(exchange)
    world.source.script(Feed.MARKS, marks(["1001"], broken_mark()))
    rounds.read(world.wiring, Feed.MARKS)
    backup = place_for(world.store.path, world.clock.now())
    back_up(world.store.path, backup, world.clock.now())
    rounds.purge(world.wiring)
    assert world.audit("retention.purged") == []
    world.clock.move(hours=91 * 24)
    os.utime(backup, (0, 0))
    for _ in range(2):
        rounds.purge(world.wiring)
    [entry] = world.audit("retention.purged")
    assert entry.details == {"quarantine": 1, "files": 1}
    assert not backup.exists()


def test_a_purge_is_due_although_the_clock_was_ahead_once(exchange, world):
    """What was purged by a clock a year ahead does not count once the clock is right again."""
    rounds = turns_of(exchange)
    world.clock.move(days=365)
    rounds.purge(world.wiring)
    world.clock.move(days=-265)
    rounds.purge(world.wiring)
    with world.tx() as tx:
        assert tx.retention.last() == world.clock.now()


def test_an_end_of_consent_is_known_as_long_as_a_backup_that_knows_it_as_standing(exchange, world):
    """Backups that are kept longer than ends of consents bring no consent back."""
    rule = exchange.settings.retention.model_copy(update={"backups_days": 3660, "consents_years": 1})
    rounds = turns_of(replace(exchange, settings=exchange.settings.model_copy(update={"retention": rule})))
    world.withdraw("1001")
    world.clock.move(days=400)
    rounds.purge(world.wiring)
    assert [one.pupil for one in WithdrawalFile(world.store.path).of("school-7")] == ["1001"]


def test_a_file_that_cannot_be_deleted_stops_no_purge(exchange, world):
    """What is left is told in the log, and the rest of the purge is done."""
    rounds = turns_of(exchange)
    stuck = place_for(world.store.path, world.clock.now())
    stuck.mkdir(parents=True)
    os.utime(stuck, (0, 0))
    with capture_logs() as told:
        rounds.purge(world.wiring)
    assert [line["count"] for line in told if line["event"] == "retention.files_left"] == [1]
    with world.tx() as tx:
        assert tx.retention.last() == world.clock.now()


# -- signing the log ------------------------------------------------------------------------------------------------


def signed(world):
    """How many entries each checkpoint of the school stands for."""
    with world.tx() as tx:
        return [one.size for one in tx.checkpoints.every()]


def test_the_log_is_signed_at_its_interval(exchange, world):
    """At once the first time, then after a quarter of an hour if anything was appended, and sooner by many entries."""
    rounds = turns_of(exchange)
    rounds.witness("instance.started")
    first = len(world.audit())
    for minutes in (0, 10):
        world.clock.move(minutes=minutes)
        rounds.checkpoint(world.wiring)
        rounds.witness("instance.started")
    assert signed(world) == [first]
    world.clock.move(minutes=5)
    rounds.checkpoint(world.wiring)
    world.clock.move(minutes=60)
    rounds.checkpoint(world.wiring)
    assert signed(world) == [first, first + 2]
    with world.tx() as tx:
        for _ in range(1000):
            tx.audit.append("feed.read", {}, world.clock.now())
    rounds.checkpoint(world.wiring)
    assert signed(world) == [first, first + 2, first + 1002]


def test_a_log_is_signed_although_the_clock_was_ahead_once(exchange, world):
    """A checkpoint of a year to come does not keep the log from being signed today."""
    rounds = turns_of(exchange)
    rounds.witness("instance.started")
    world.clock.move(days=365)
    rounds.checkpoint(world.wiring)
    world.clock.move(days=-365)
    rounds.witness("instance.started")
    rounds.checkpoint(world.wiring)
    assert len(signed(world)) == 2
    assert signed(world)[-1] == len(world.audit())


def test_who_lost_the_lease_signs_nothing(exchange, world):
    """Another instance took over: what it appends is its own to sign."""
    rounds, before = turns_of(exchange), world.wiring
    rounds.witness("instance.started")
    world.restart()
    with pytest.raises(LeaseLost):
        rounds.checkpoint(before)
    assert signed(world) == []


def nights(rounds, world, count=5):
    """Let nights pass, and return how many questions of comparison they brought."""
    before = len(world.ed.reads)
    for _ in range(count):
        world.clock.move(days=1)
        rounds.deliver(world.wiring, "ed")
        rounds.reconcile(world.wiring, "ed")
    return len(world.ed.reads) - before


def test_nightly_comparisons_go_on_after_the_clock_was_ahead(exchange, world):
    """One comparison made while the clock stood a year ahead does not stand for all nights of that year."""
    rounds = turns_of(exchange)
    rounds.deliver(world.wiring, "ed")
    world.clock.move(days=365)
    rounds.reconcile(world.wiring, "ed")
    world.clock.move(days=-365)
    assert nights(rounds, world)


def test_nightly_comparisons_go_on_after_a_stuck_batch_was_given_up(exchange, world):
    """A diary whose last failed batch was discarded is compared although nothing new is sent to it."""
    rounds = turns_of(exchange)
    world.read(marks(["1001"], mark()))
    world.deliver()
    world.ed.faults.append("unavailable")
    world.read(marks(["1001"], mark(raw="2")))
    world.deliver()
    (stuck,) = world.batches("pending")
    discard(world.wiring, stuck.batch)
    assert nights(rounds, world)
