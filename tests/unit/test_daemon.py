"""The clockwork: which job fires when, and what ends the run."""

import os
import signal
import socket
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice

import httpx
import pytest

from ejsync.bootstrap import Exchange
from ejsync.daemon import Daemon
from ejsync.domain.records import Feed
from ejsync.domain.windows import Heat
from ejsync.errors import ConfigError, Exit, SourceUnavailable, StoreError
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
    with world.tx() as tx:
        assert tx.checkpoints.newest().size == len(events)  # the end itself is signed


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
    from ejsync import rounds as module

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
    """All jobs, checkpoints among them, are set at once: a job that adds jobs blocks a shutdown."""
    daemon = Daemon(exchange)
    daemon._schedule()
    jobs = [job.args[1:] for job in daemon._scheduler.get_jobs()]
    of_sinks = [(sink,) for sink in exchange.schools["school-7"].sinks for _ in ("deliver", "reconcile")]
    assert jobs == [(), *((feed,) for feed in Feed), (), (), (), (), *of_sinks]  # sweep, sign, erase, purge


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
    from ejsync import daemon, rounds

    monkeypatch.setattr(daemon, "WORKERS", 1)
    release, delivered = threading.Event(), threading.Event()
    monkeypatch.setattr(rounds, "read_feed", lambda *_args, **_kwargs: release.wait(20))
    monkeypatch.setattr(rounds, "deliver", lambda *_args, **_kwargs: delivered.set())
    clockwork, found = Daemon(exchange), []

    def end():
        found.append(delivered.wait(5))
        release.set()
        clockwork.stop()

    run_until(clockwork, delivered, end)
    assert found == [True]


def test_a_restart_asks_for_nothing_twice(exchange, tmp_path):
    """What was read half a cycle ago is good enough for the first round of the next run."""
    world = World(tmp_path / "diligent", source=DutifulSource(longest=15))
    exchange = replace(exchange, store=world.store, clock=world.clock, schools={"school-7": world.wiring})
    Daemon(exchange)._first_round(world.wiring)
    asked = []
    for minutes in (4, 2):
        world.source.fetched.clear()
        world.clock.move(minutes=minutes)
        Daemon(exchange)._first_round(world.wiring)
        asked.append([window.heat for window in world.source.fetched if window.feed is Feed.MARKS])
    assert asked == [[], [Heat.HOT]]
    world.close()


def test_a_signal_in_the_middle_of_a_wait_is_heard(exchange):
    """The handler takes no lock that the main thread may be holding: it returns, and the run ends."""
    daemon, heard = Daemon(exchange), threading.Event()

    def interrupted():
        with daemon._stop._cond:
            daemon._on_signal(signal.SIGTERM, None)
        heard.set()

    threading.Thread(target=interrupted, daemon=True).start()
    assert heard.wait(30)
    assert daemon.run() == Exit.WELL


def test_a_clock_set_back_makes_jobs_due(exchange, monkeypatch):
    """Jobs that wait for an instant six hours away are due at once; one that waits as long as it should goes on."""
    daemon = Daemon(exchange)
    daemon._schedule()
    daemon._scheduler.start(paused=True)
    often = (job for job in daemon._scheduler.get_jobs() if job.trigger.interval < timedelta(hours=1))
    first, second = islice(often, 2)
    now = datetime.now(UTC)
    first.modify(next_run_time=now + timedelta(hours=30))
    second.modify(next_run_time=now + second.trigger.interval)
    daemon._mind_the_clock()
    due = {job.id: job.next_run_time for job in daemon._scheduler.get_jobs()}
    assert due[first.id] - now < timedelta(minutes=1)
    assert due[second.id] == now + second.trigger.interval
    daemon._scheduler.shutdown(wait=False)
