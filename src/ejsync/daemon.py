"""The clockwork behind `run`: which feed fires when (the only file that knows APScheduler)."""

import signal
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from types import FrameType
from typing import Any

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from ejsync.bootstrap import Exchange
from ejsync.domain.deadlines import OwedResults, Urgency
from ejsync.domain.reads import Sweep
from ejsync.domain.records import Feed
from ejsync.errors import ConfigError, ConfigFault, EjsyncError, Exit, LeaseLost, SourceUnreadable
from ejsync.health import HealthServer, health_app
from ejsync.pipeline.cycle import read_feed
from ejsync.pipeline.deliver import deliver
from ejsync.pipeline.ports import Wiring
from ejsync.pipeline.sync import FeedReport
from ejsync.runtime import Turns
from ejsync.wording import N_, say

JITTER_SHARE = 0.1
WORKERS = 8
SWEEP_EVERY_S = 60
_NEVER_AGAIN_DAYS = 36_500
REST_S = 900.0
"""After a sweep with failures a feed's next sweep waits so long: what may wait does not press a service in trouble.

A sweep that had to give way while some of it was read goes on without a rest: it would not come to an end otherwise."""
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
        self._verdict = Exit.WELL
        self._rested_until: dict[tuple[str, Feed], float] = {}
        self._urgencies: dict[tuple[str, str], Urgency] = {}
        self.cut_off = False
        self._reading = {name: Turns() for name in exchange.schools}
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
        self._witness("instance.started")
        health.start()
        self._schedule()
        self._scheduler.start()
        announce(health.port)
        log.info("daemon.started", port=health.port, schools=len(self._exchange.schools))
        self._stop.wait()
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

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self._stop.set()

    def _finish(self, within_s: float) -> None:
        """Let jobs under way come to their next safe point; what does not is safe to be cut off by design."""
        waiter = threading.Thread(target=self._scheduler.shutdown, daemon=True)
        waiter.start()
        waiter.join(timeout=within_s)
        self.cut_off = waiter.is_alive()
        if self.cut_off:
            log.warning("daemon.cut_off", seconds=within_s)
        elif self._verdict is Exit.WELL:
            self._witness("instance.stopped")
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
                self._scheduler.add_job(self._guarded(self._read), trigger, args=[wiring, feed], executor=READS)
            sweep = IntervalTrigger(seconds=SWEEP_EVERY_S, jitter=int(SWEEP_EVERY_S * JITTER_SHARE))
            self._scheduler.add_job(self._sweep, sweep, args=[wiring], executor=READS)
            for sink in wiring.sinks:
                seconds = self._exchange.settings.delivery.every_seconds
                job, trigger = self._guarded(self._deliver), IntervalTrigger(seconds=seconds)
                self._scheduler.add_job(job, trigger, args=[wiring, sink], executor=DELIVERIES)

    def _first_round(self, wiring: Wiring) -> None:
        """Read every feed once in the order they need each other; one that fails keeps no other from being read."""
        for feed in self._exchange.feeds():
            self._guarded(self._read)(wiring, feed)

    def _read(self, wiring: Wiring, feed: Feed) -> None:
        """Read what every cycle reads of a feed.

        Feeds of one school take turns, because each leans on the roster the other may change.
        """
        with self._reading[wiring.school].soon():
            if self._must_rest(wiring):
                return
            demands = self._exchange.demands(wiring, feed, Sweep.NOW, patience=self._exchange.patience(feed))
            self._tell(wiring, read_feed(wiring, feed, demands, stopped=lambda: self._must_rest(wiring)))

    def _sweep(self, wiring: Wiring) -> None:
        """Read what may wait: days that were ordered, the current period, the school year."""
        for feed in self._exchange.feeds():
            self._guarded(self._sweep_feed)(wiring, feed)

    def _sweep_feed(self, wiring: Wiring, feed: Feed) -> None:
        """Read what may wait of one feed until somebody wants the turn; what is left is due at the next sweep."""
        turns, now = self._reading[wiring.school], self._exchange.clock.monotonic()
        if now < self._rested_until.get((wiring.school, feed), now):
            return
        with turns.at_leisure():
            demands = self._exchange.demands(wiring, feed, Sweep.LATER)
            if not demands or turns.wanted or self._must_rest(wiring):
                return
            report = read_feed(wiring, feed, demands, stopped=lambda: turns.wanted or self._must_rest(wiring))
        if report.errors and not (report.stopped and report.well):
            self._rested_until[wiring.school, feed] = self._exchange.clock.monotonic() + REST_S
        if report.errors or report.windows:
            self._tell(wiring, report)

    def _must_rest(self, wiring: Wiring) -> bool:
        """Tell whether nothing more is to be read by schedule: the end has come, or the school's quiet hours."""
        return self._stop.is_set() or self._exchange.is_quiet(wiring)

    def _tell(self, wiring: Wiring, report: FeedReport) -> None:
        """Log what came of a read."""
        for error in report.errors:
            bug = error.__cause__ if isinstance(error, SourceUnreadable) else None  # the log names where it was raised
            feed = report.feed.value
            log.warning("feed.failed", school=wiring.school, feed=feed, code=error.code, exc_info=bug)
        told = {name: count for name, count in report.counts.items() if count and "." not in name}
        done = {"windows": report.windows, "failed": len(report.errors)}
        log.info("feed.read", school=wiring.school, feed=report.feed.value, **done, **told)

    def _deliver(self, wiring: Wiring, sink: str) -> None:
        report = deliver(wiring, sink, stopped=self._stop.is_set)
        for error in report.errors:
            log.warning("batch.failed", school=wiring.school, sink=sink, code=error.code)
        if report.batches:
            log.info("batch.delivered", school=wiring.school, sink=sink, batches=report.batches, **report.counts)

        self._watch_results(wiring, sink)

    def _watch_results(self, wiring: Wiring, sink: str) -> None:
        """Warn once when final results have waited for half of their time, and once when they are late."""
        now = wiring.clock.now()
        with wiring.store.read(wiring.school) as tx:
            owed = tx.owed.standing(now).get(sink, OwedResults())
        urgency, place = owed.urgency(now), (wiring.school, sink)
        if urgency is not self._urgencies.get(place, Urgency.IN_TIME) and urgency is not Urgency.IN_TIME:
            told = {"waiting": owed.waiting, "held": owed.held, "late": owed.late}
            log.warning("results.owed", school=wiring.school, sink=sink, state=urgency.value, **told)
        self._urgencies[place] = urgency

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

    def _witness(self, event: str) -> None:
        for wiring in self._exchange.schools.values():
            with wiring.store.begin(wiring.school) as tx:
                tx.audit.append(event, {"epoch": wiring.epoch}, wiring.clock.now())

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
