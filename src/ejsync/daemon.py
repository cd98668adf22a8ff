"""The clockwork behind `run`: which feed fires when (the only file that knows APScheduler)."""

import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from queue import Empty, SimpleQueue
from types import FrameType
from typing import Any

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from ejsync.bootstrap import Exchange
from ejsync.errors import ConfigError, ConfigFault, EjsyncError, Exit, LeaseLost
from ejsync.health import HealthServer, health_app
from ejsync.pipeline.ports import Wiring
from ejsync.rounds import Rounds
from ejsync.wording import N_, say

JITTER_SHARE = 0.1
WORKERS = 8
SWEEP_EVERY_S = 60
LOOK_UP_S = 1.0
"""A signal that comes just before a wait without end would be slept through."""
COMPARE_EVERY_S = 300
CLOCK_STEP = timedelta(seconds=5)
"""By so much a clock may be set back without a word."""
ERASE_EVERY_S = 10
CHECKPOINT_LOOK_S = 30
_NEVER_AGAIN_DAYS = 36_500
READS, DELIVERIES = "reads", "deliveries"  # pools of their own: reads that take long keep no delivery waiting
log = structlog.get_logger("ejsync.daemon")


class Daemon:
    """Runs feeds and deliveries on their schedules until it is told to stop.

    Attributes:
        cut_off: a job was still waiting for an answer when the time to stop had run out; its thread lives on, so the
            process must be ended without waiting for it.
    """

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._stop = threading.Event()
        self._woken: SimpleQueue[None] = (
            SimpleQueue()
        )  # a handler may `put` anywhere; `set` in an Event's `wait` deadlocks
        self._verdict = Exit.WELL
        self._rounds = Rounds(exchange, self._stop.is_set)
        self.cut_off = False
        sinks = sum(len(wiring.sinks) for wiring in exchange.schools.values())
        self._scheduler = BackgroundScheduler(
            timezone="UTC",
            executors={READS: ThreadPoolExecutor(WORKERS), DELIVERIES: ThreadPoolExecutor(max(1, sinks))},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def run(self, *, announce: Callable[[int], None] = lambda _port: None) -> Exit:
        """Work until SIGTERM or SIGINT, or until another instance takes over.

        Args:
            announce: is told the port of the health endpoint once it answers.
        """
        service = self._exchange.settings.service
        health = self._health_server(service.host, service.port)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        self._rounds.witness("instance.started")
        self._rounds.tell_doubts()
        health.start()
        self._schedule()
        self._scheduler.start()
        announce(health.port)
        log.info("daemon.started", port=health.port, schools=len(self._exchange.schools))
        while not self._stop.is_set():
            self._mind_the_clock()
            with suppress(Empty):
                self._woken.get(timeout=LOOK_UP_S)
                self._stop.set()
        self._finish(service.stop_within_s)
        health.stop()
        return self._verdict

    def _health_server(self, host: str, port: int) -> HealthServer:
        try:
            return HealthServer(health_app(self._alive, self._ready), host, port)
        except OSError:
            problem = say(N_("{host}:{port} cannot be listened on"), host=host, port=port)
            fault = ConfigFault("[service]", "port", problem, say(N_("a free port, or 0 for any")))
            raise ConfigError(file="[service] port", faults=(fault,)) from None

    def stop(self, verdict: Exit = Exit.WELL) -> None:
        """End the run; safe from any thread."""
        self._verdict = verdict
        self._stop.set()
        self._woken.put(None)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self._woken.put(None)

    def _mind_the_clock(self) -> None:
        """A clock that was set back leaves jobs waiting for a moment long gone: they are due now."""
        now = datetime.now(UTC)
        for job in self._scheduler.get_jobs():
            if job.next_run_time - now > job.trigger.interval * (1 + JITTER_SHARE) + CLOCK_STEP:
                job.modify(next_run_time=now)

    def _finish(self, within_s: float) -> None:
        """Let jobs under way come to their next safe point; what does not is safe to be cut off by design."""
        waiter = threading.Thread(target=self._scheduler.shutdown, daemon=True)
        waiter.start()
        waiter.join(timeout=within_s)
        self.cut_off = waiter.is_alive()
        if self.cut_off:
            log.warning("daemon.cut_off", seconds=within_s)
        elif self._verdict is Exit.WELL:
            self._rounds.witness("instance.stopped")
            for wiring in self._exchange.schools.values():
                self._guarded(self._rounds.sign)(wiring)
        log.info("daemon.stopped")

    def _schedule(self) -> None:
        """Set every job before the start: a job that adds jobs would wait for a shutdown that waits for it."""
        for wiring in self._exchange.schools.values():
            # A job that fires once is taken off afterwards, and may then be looked for in vain while all is shut down.
            once = {"trigger": IntervalTrigger(days=_NEVER_AGAIN_DAYS), "next_run_time": datetime.now(UTC)}
            self._scheduler.add_job(self._first_round, args=[wiring], executor=READS, **once)
            for feed in self._exchange.feeds():
                seconds = self._exchange.settings.feeds.of(feed).every_minutes * 60
                trigger = IntervalTrigger(seconds=seconds, jitter=int(seconds * JITTER_SHARE) or None)
                self._scheduler.add_job(self._guarded(self._rounds.read), trigger, args=[wiring, feed], executor=READS)
            sweep = IntervalTrigger(seconds=SWEEP_EVERY_S, jitter=int(SWEEP_EVERY_S * JITTER_SHARE))
            self._scheduler.add_job(self._sweep, sweep, args=[wiring], executor=READS)
            job, trigger = self._guarded(self._rounds.checkpoint), IntervalTrigger(seconds=CHECKPOINT_LOOK_S)
            self._scheduler.add_job(job, trigger, args=[wiring], executor=READS)
            job, trigger = self._guarded(self._rounds.erase), IntervalTrigger(seconds=ERASE_EVERY_S)
            self._scheduler.add_job(job, trigger, args=[wiring], executor=READS)
            job, trigger = self._guarded(self._rounds.purge), IntervalTrigger(seconds=COMPARE_EVERY_S)
            self._scheduler.add_job(job, trigger, args=[wiring], executor=READS)
            for sink in wiring.sinks:
                seconds = self._exchange.settings.delivery.every_seconds
                job, trigger = self._guarded(self._rounds.deliver), IntervalTrigger(seconds=seconds)
                self._scheduler.add_job(job, trigger, args=[wiring, sink], executor=DELIVERIES)
                job, trigger = self._guarded(self._rounds.reconcile), IntervalTrigger(seconds=COMPARE_EVERY_S)
                self._scheduler.add_job(job, trigger, args=[wiring, sink], executor=READS)

    def _first_round(self, wiring: Wiring) -> None:
        """Read every feed once in the order they need each other; one that fails keeps no other from being read."""
        self._guarded(self._rounds.erase_returned)(wiring)
        for feed in self._exchange.feeds():
            self._guarded(self._rounds.read)(wiring, feed)

    def _sweep(self, wiring: Wiring) -> None:
        """Let every feed read what may wait."""
        for feed in self._exchange.feeds():
            self._guarded(self._rounds.sweep)(wiring, feed)

    def _guarded(self, job: Callable[..., None]) -> Callable[..., None]:
        """Keep one job's foreseen trouble from ending the daemon; a lost lease ends it at once."""

        def run(*args: Any) -> None:
            try:
                job(*args)
            except LeaseLost:
                log.error("lease.lost")  # noqa: TRY400 - the error tells all
                self.stop(Exit.INSTANCE_RUNNING)
            except EjsyncError as error:
                log.error("job.failed", code=error.code)  # noqa: TRY400 - as above
            except Exception:  # a bug in one job must not stop the others
                log.exception("job.crashed")

        return run

    def _alive(self) -> dict[str, bool]:
        return {"scheduler": bool(self._scheduler.running)}

    def _ready(self) -> dict[str, bool]:
        return {"scheduler": bool(self._scheduler.running), "store": self._store_answers()}

    def _store_answers(self) -> bool:
        try:
            for wiring in self._exchange.schools.values():
                with self._exchange.store.read(wiring.school) as tx:
                    tx.marks.require_epoch(wiring.epoch)
        except EjsyncError:
            return False
        return True
