"""The clockwork: which job fires when, and what ends the run."""

import os
import signal
import socket
import threading
from contextlib import nullcontext
from dataclasses import replace
from datetime import date

import httpx
import pytest
from structlog.testing import capture_logs

from ejsync.bootstrap import Exchange
from ejsync.daemon import Daemon
from ejsync.domain.deadlines import Urgency
from ejsync.domain.quiet import QuietHours
from ejsync.domain.records import Feed, Kind
from ejsync.domain.windows import Heat
from ejsync.errors import ConfigError, Exit, SourceUnavailable, StoreError
from ejsync.pipeline.sync import sync_feed
from ejsync.settings import load
from tests.doubles.records import mark, marks, pupil, roster, school_class
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


@pytest.fixture(autouse=True)
def handlers():
    """The process's own signal handlers, put back afterwards."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def run_until(daemon, arrived, end=None):
    """Run until a condition holds (looked at by a thread), then end the run and return its verdict and port."""
    ports = []

    def watch():
        arrived.wait(20)
        (end or daemon.stop)()

    watcher = threading.Thread(target=watch)
    watcher.start()
    verdict = daemon.run(announce=ports.append)
    watcher.join()
    return verdict, ports[0]


@pytest.fixture
def arrived(world):
    """Set once a mark has been pushed."""
    event = threading.Event()
    world.ed.on_request = lambda items: event.set() if any(i["kind"] == "mark" for i in items) else None
    return event


def test_a_run_carries_the_journal_over_and_ends_well(exchange, world, arrived):
    """Started on an empty store, the daemon reads every feed, delivers, and ends with its life witnessed."""
    verdict, _ = run_until(Daemon(exchange), arrived)
    assert verdict is Exit.WELL
    assert world.seen() == {mark().key: "5"}
    events = [entry.event for entry in world.audit()]
    assert [event for event in events if event.startswith("instance")] == ["instance.started", "instance.stopped"]
    assert world.batches("in_flight") == []


def test_a_signal_ends_the_run(exchange, arrived):
    """SIGTERM ends the run with exit 0."""
    daemon = Daemon(exchange)
    verdict, _ = run_until(daemon, arrived, lambda: os.kill(os.getpid(), signal.SIGTERM))
    assert verdict is Exit.WELL


def test_health_answers_while_it_runs(exchange, arrived):
    """Both endpoints answer from the announced port until the end."""
    daemon, found = Daemon(exchange), []
    original = daemon._finish

    def finish(within_s):
        answers = (httpx.get(f"http://127.0.0.1:{ports[0]}/{path}") for path in ("healthz", "readyz"))
        found.extend(answer.json()["ok"] for answer in answers)
        original(within_s)

    daemon._finish = finish
    ports = []
    watcher = threading.Thread(target=lambda: (arrived.wait(20), daemon.stop()))
    watcher.start()
    daemon.run(announce=ports.append)
    watcher.join()
    assert found == [True, True]


def test_a_lost_lease_ends_the_run_with_its_own_exit_code(exchange, world):
    """An instance that was replaced stops by itself."""
    world.restart()
    assert Daemon(exchange).run() is Exit.INSTANCE_RUNNING


@pytest.mark.parametrize(
    "error",
    [StoreError(path="x", reason="locked"), KeyError("Тестова"), SourceUnavailable(host="h", method="m", reason="r")],
)
def test_trouble_with_one_feed_does_not_keep_the_others_from_their_schedule(exchange, world, monkeypatch, error):
    """Whatever one read of the first round raises, the other feeds are read all the same."""
    from ejsync import daemon as module

    read = []

    def read_feed(wiring, feed, days, **kwargs):
        read.append(feed)
        if feed is Feed.PERIODS:
            raise error
        return module.read_feed.__wrapped__(wiring, feed, days, **kwargs)

    read_feed.__wrapped__ = module.read_feed
    monkeypatch.setattr(module, "read_feed", read_feed)
    daemon = Daemon(exchange)
    daemon._first_round(world.wiring)
    assert read == list(Feed)


def test_every_job_is_set_before_the_clockwork_starts(exchange):
    """First round, feeds, sweep and sinks have their job at once: a job that added jobs would block a shutdown."""
    daemon = Daemon(exchange)
    daemon._schedule()
    jobs = [job.args[1:] for job in daemon._scheduler.get_jobs()]
    assert jobs == [(), *((feed,) for feed in Feed), (), *((sink,) for sink in exchange.schools["school-7"].sinks)]


def test_told_to_stop_nothing_more_is_read(exchange, world):
    """After the stop a feed whose turn comes is not read any more."""
    daemon = Daemon(exchange)
    daemon.stop()
    daemon._first_round(world.wiring)
    assert world.source.fetched == []


def test_a_job_that_hangs_is_cut_off_in_time(exchange, world, arrived):
    """A push that does not come back delays the end by no more than what is set; the batch stays for the next run."""
    release = threading.Event()

    def hang(_items):
        arrived.set()
        release.wait(20)

    world.ed.on_request = hang
    service = exchange.settings.service.model_copy(update={"stop_within_s": 0.2})
    settings = exchange.settings.model_copy(update={"service": service})
    daemon = Daemon(Exchange(settings, exchange.store, exchange.clock, exchange.schools))
    run_until(daemon, arrived)
    assert daemon.cut_off
    assert len(world.batches("in_flight")) == 1
    release.set()
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and "shutdown" in thread.name:
            thread.join(5)


def test_readiness_needs_the_store_and_the_lease(exchange, world):
    """A daemon whose lease is gone is not ready."""
    daemon = Daemon(exchange)
    assert daemon._ready()["store"] is True
    world.restart()
    assert daemon._ready()["store"] is False


def test_an_occupied_port_is_an_error_of_the_settings(exchange):
    """A health port that another program holds is named as a fault of the settings, with what would be right."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        service = exchange.settings.service.model_copy(update={"port": taken.getsockname()[1]})
        settings = exchange.settings.model_copy(update={"service": service})
        with pytest.raises(ConfigError) as caught:
            Daemon(replace(exchange, settings=settings)).run()
    assert [(fault.file, fault.key) for fault in caught.value.faults] == [("[service]", "port")]


def test_reads_that_take_long_keep_no_delivery_waiting(exchange, world, monkeypatch):
    """Where the reads of many schools occupy every reader, deliveries have threads of their own."""
    from ejsync import daemon as module

    monkeypatch.setattr(module, "WORKERS", 1)
    release, delivered = threading.Event(), threading.Event()
    monkeypatch.setattr(module, "read_feed", lambda *_args, **_kwargs: release.wait(20))
    monkeypatch.setattr(module, "deliver", lambda *_args, **_kwargs: delivered.set())
    daemon, found = Daemon(exchange), []

    def end():
        found.append(delivered.wait(5))
        release.set()
        daemon.stop()

    run_until(daemon, delivered, end)
    assert found == [True]


def test_a_bug_in_a_read_is_logged_with_its_place(exchange, world):
    """What upset the reader of one window is not hidden: the log gets the error behind the failure."""
    bug = ZeroDivisionError()
    world.source.script(Feed.MARKS, bug)
    with capture_logs() as logs:
        Daemon(exchange)._read(world.wiring, Feed.MARKS)
    [failed] = [entry for entry in logs if entry["event"] == "feed.failed"]
    assert (failed["code"], failed["exc_info"]) == ("EJ-206", bug)


# -- what may wait --------------------------------------------------------------------------------------------------


@pytest.fixture
def diligent(exchange, tmp_path):
    """A daemon over a journal that plans what is due: its roster and hot days are read."""
    world = World(tmp_path / "diligent", source=DutifulSource(longest=15))
    made = Daemon(replace(exchange, store=world.store, clock=world.clock, schools={"school-7": world.wiring}))
    for feed in Feed.ROSTER, Feed.MARKS:
        made._read(world.wiring, feed)
    world.source.fetched.clear()
    yield made, world
    world.close()


def heats(world):
    """Why each window of marks was asked for, in order."""
    return [window.heat for window in world.source.fetched if window.feed is Feed.MARKS]


def with_quiet_hours(daemon, hours):
    """Let the school have quiet hours."""
    feeds = daemon._exchange.settings.feeds.model_copy(update={"quiet_hours": QuietHours.parse(hours)})
    daemon._exchange = replace(daemon._exchange, settings=daemon._exchange.settings.model_copy(update={"feeds": feeds}))


def test_what_may_wait_is_read_between_the_cycles(diligent):
    """A sweep reads nine weeks (no period is known) and the year, each day once; the next one finds nothing due."""
    daemon, world = diligent
    daemon._sweep(world.wiring)
    assert set(heats(world)) == {Heat.WARM, Heat.COLD}
    read = len(heats(world))
    daemon._sweep(world.wiring)
    assert len(heats(world)) == read


def test_hot_days_wait_for_one_window_of_a_sweep_at_most(diligent, monkeypatch):
    """Whoever wants to read hot days while a sweep is under way gets his turn after the window at hand."""
    daemon, world = diligent
    fetch, threads = world.source.fetch, []

    def first_asks(window, known=""):
        if not threads and window.heat is Heat.WARM:
            world.clock.move(hours=1)
            threads.append(threading.Thread(target=daemon._read, args=(world.wiring, Feed.MARKS)))
            threads[0].start()
            while not daemon._reading["school-7"].wanted:
                pass
        return fetch(window, known)

    monkeypatch.setattr(world.source, "fetch", first_asks)
    daemon._sweep(world.wiring)
    threads[0].join(20)
    assert heats(world) == [Heat.WARM, Heat.HOT]
    daemon._sweep(world.wiring)
    asked = [window.days for window in world.source.fetched if window.heat is Heat.WARM]
    assert len(asked) == len(set(asked)) > 1


def test_in_quiet_hours_nothing_is_read_by_schedule(diligent):
    """Neither cycles nor sweeps ask for anything while the school's clocks show quiet hours; afterwards they do."""
    daemon, world = diligent
    with_quiet_hours(daemon, "10:30-12:00")  # it is 11:00 in Moscow
    world.clock.move(minutes=30)
    daemon._read(world.wiring, Feed.MARKS)
    daemon._sweep(world.wiring)
    assert heats(world) == []
    world.clock.move(minutes=30)
    daemon._read(world.wiring, Feed.MARKS)
    daemon._sweep(world.wiring)
    assert set(heats(world)) == {Heat.HOT, Heat.WARM, Heat.COLD}


@pytest.mark.parametrize("job", ["read", "sweep"])
def test_quiet_hours_that_begin_end_what_is_under_way(diligent, monkeypatch, job):
    """A cycle or a sweep that quiet hours overtake ends with the window at hand; the rest is read after them."""
    daemon, world = diligent
    with_quiet_hours(daemon, "11:30-12:00")
    world.source.size = 1
    fetch = world.source.fetch
    monkeypatch.setattr(world.source, "fetch", lambda *asked: world.clock.move(minutes=30) or fetch(*asked))
    world.clock.move(minutes=10)
    if job == "read":
        daemon._read(world.wiring, Feed.MARKS)
    else:
        daemon._sweep(world.wiring)
    assert len(heats(world)) == 1


def test_by_hand_is_read_in_quiet_hours_too(diligent):
    """Quiet hours bind the schedule, not a person."""
    daemon, world = diligent
    with_quiet_hours(daemon, "00:00-23:59")
    sync_feed(world.wiring, Feed.MARKS, daemon._exchange.demands(world.wiring, Feed.MARKS))
    assert heats(world)


def test_after_a_failed_sweep_its_feed_rests(diligent):
    """For a quarter of an hour what may wait does not press a service in trouble; hot days are read all the same."""
    daemon, world = diligent
    away = SourceUnavailable(host="journal", method="getmarks", reason="no answer")
    world.source.poisoned = {"1001": away, "1002": away}
    daemon._sweep(world.wiring)
    asked = len(heats(world))
    world.source.poisoned = {}
    world.clock.move(minutes=10)
    daemon._sweep(world.wiring)
    assert len(heats(world)) == asked
    daemon._read(world.wiring, Feed.MARKS)
    assert heats(world)[asked:] == [Heat.HOT]
    world.clock.move(minutes=5)
    daemon._sweep(world.wiring)
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
    daemon, world = diligent
    world.source.poisoned = {"1001": SourceUnavailable(host="journal", method="getmarks", reason="no answer")}
    daemon._reading["school-7"] = Impatient()
    for _ in range(60):
        daemon._sweep(world.wiring)
    with world.tx() as tx:
        reads = tx.readings.history(Feed.MARKS)["pupil:1002"].reads
    assert (reads[0].days.first, reads[-1].days.last) == (date(2026, 9, 1), date(2026, 11, 16))


def test_feeds_that_have_nothing_to_wait_for_cost_a_sweep_nothing(diligent, monkeypatch):
    """A feed without days is not even planned by a sweep."""
    from ejsync import daemon as module

    daemon, world = diligent
    swept = []
    original = module.read_feed
    monkeypatch.setattr(
        module, "read_feed", lambda wiring, feed, *a, **k: swept.append(feed) or original(wiring, feed, *a, **k)
    )
    daemon._sweep(world.wiring)
    assert swept == [Feed.TIMETABLE, Feed.DIARY, Feed.HOMEWORK, Feed.MARKS]


def test_a_restart_asks_for_nothing_twice(diligent):
    """What was read half a cycle ago is good enough for the first round of the next run."""
    daemon, world = diligent
    world.clock.move(minutes=4)
    Daemon(daemon._exchange)._first_round(world.wiring)
    assert heats(world) == []
    world.clock.move(minutes=2)
    Daemon(daemon._exchange)._first_round(world.wiring)
    assert heats(world) == [Heat.HOT]


def test_final_results_that_wait_are_warned_of_once(exchange, world):
    """After half of their time and again when they are late the log says how many wait; counts, and nothing else."""
    daemon, moment = Daemon(exchange), world.clock.now()
    said = []
    with world.tx() as tx:
        tx.owed.begin("ed", [(Kind.FINAL_MARK, "a", 1)], moment)
    for _ in range(6):
        with capture_logs() as lines:
            daemon._deliver(world.wiring, "ed")
        said.append([line["state"] for line in lines if line["event"] == "results.owed"])
        world.clock.move(minutes=6 * 60 + 1)
    assert said == [[], [], ["pressing"], [], ["late"], []]
    assert (lines, daemon._urgencies) == ([], {("school-7", "ed"): Urgency.LATE})


def test_what_arrived_may_be_warned_of_again(exchange, world):
    """A new result that waits too long is a new warning."""
    daemon, said = Daemon(exchange), 0
    for version in (1, 2):
        with world.tx() as tx:
            tx.owed.begin("ed", [(Kind.FINAL_MARK, "a", version)], world.clock.now())
        world.clock.move(minutes=13 * 60)
        with capture_logs() as lines:
            daemon._deliver(world.wiring, "ed")
        said += [line["event"] for line in lines].count("results.owed")
        with world.tx() as tx:
            tx.owed.settle("ed", [(Kind.FINAL_MARK, "a", version)])
        daemon._deliver(world.wiring, "ed")
    assert said == 2
