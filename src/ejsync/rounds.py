"""What a working instance does at each turn: read a feed, sweep up what may wait, deliver to a sink, sign the log.

Who calls when is another matter: `daemon` by threads and schedules, a simulation one turn after another.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta

import structlog

from ejsync.bootstrap import Exchange
from ejsync.domain.checkpoints import is_due
from ejsync.domain.deadlines import OwedResults, Urgency
from ejsync.domain.erasure import KeptOut, Order
from ejsync.domain.reads import Sweep
from ejsync.domain.records import Feed
from ejsync.domain.standing import SinkMark
from ejsync.errors import EjsyncError, LeaseLost, SourceUnreadable
from ejsync.pipeline.cycle import read_feed
from ejsync.pipeline.deliver import deliver
from ejsync.pipeline.erase import advance, begin, returned
from ejsync.pipeline.mend import Repair
from ejsync.pipeline.ports import Transaction, Wiring
from ejsync.pipeline.reconcile import Course, Scope, reconcile
from ejsync.pipeline.sync import FeedReport
from ejsync.pipeline.witnessing import sign_log
from ejsync.runtime import Turns
from ejsync.settings import Moment
from ejsync.store.old_files import old_files, remove
from ejsync.store.withdrawals import WithdrawalFile

REST_S = 900.0
"""After a sweep with failures a feed's next sweep waits so long: what may wait does not press a service in trouble.

A sweep that had to give way while some of it was read goes on without a rest: it would not come to an end otherwise."""
AGAIN = timedelta(minutes=30)
"""A comparison that failed is tried again after so long."""
COPY = "повторное уничтожение: данные вернулись со старой копией базы"
"""The reason in the act of an erasure that nobody had to order again; acts are in Russian."""
log = structlog.get_logger("ejsync.daemon")


class Rounds:
    """The turns of one exchange.

    Args:
        stopping: tells whether the end has come: what is under way then stops at its next safe point.
    """

    def __init__(self, exchange: Exchange, stopping: Callable[[], bool]) -> None:
        self._exchange = exchange
        self._stopping = stopping
        self._reading = {name: Turns() for name in exchange.schools}
        self._rested_until: dict[tuple[str, Feed], float] = {}
        self._urgencies: dict[tuple[str, str], Urgency] = {}
        self._seen: dict[tuple[str, str], SinkMark] = {}
        self._returned: set[tuple[str, str]] = set()
        self._erased: dict[str, Mapping[str, KeptOut]] = {}

    def read(self, wiring: Wiring, feed: Feed) -> None:
        """Read what every cycle reads of a feed.

        Feeds of one school take turns, because each leans on the roster the other may change.
        """
        with self._reading[wiring.school].soon():
            if self._must_rest(wiring):
                return
            demands = self._exchange.demands(wiring, feed, Sweep.NOW, patience=self._exchange.patience(feed))
            self._tell(wiring, read_feed(wiring, feed, demands, stopped=lambda: self._must_rest(wiring)))

    def sweep(self, wiring: Wiring, feed: Feed) -> None:
        """Read what may wait of a feed (ordered days, the current period, the school year) until the turn is wanted.

        What is left is due at the next sweep.
        """
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

    def deliver(self, wiring: Wiring, sink: str) -> None:
        """Send what is due to a sink."""
        report = deliver(wiring, sink, stopped=self._stopping)
        for error in report.errors:
            log.warning("batch.failed", school=wiring.school, sink=sink, code=error.code)
        if report.batches:
            log.info("batch.delivered", school=wiring.school, sink=sink, batches=report.batches, **report.counts)
        self._watch_results(wiring, sink)

    def reconcile(self, wiring: Wiring, sink: str) -> None:
        """Compare a sink with the store if that is due, and send what it has lost.

        Due is it once after each night's beginning, as soon as a sink that was long away is back, and every key of it
        when the store may be the older one. A sink in trouble is left alone.
        """
        scope = self._scope_due(wiring, sink)
        if scope is None or self._stopping():
            return
        repair = Repair.LOST if self._exchange.settings.reconcile.repair else Repair.NOTHING
        report = reconcile(wiring, sink, Course(scope, repair))
        self._returned.discard((wiring.school, sink))
        if report.error is not None:
            log.warning("reconcile.failed", school=wiring.school, sink=sink, code=report.error.code)
        log.info("reconcile.done", school=wiring.school, sink=sink, scope=report.scope.value, **report.counts())

    def _scope_due(self, wiring: Wiring, sink: str) -> Scope | None:
        rule, now = self._exchange.settings.reconcile, wiring.clock.now()
        with wiring.store.read(wiring.school) as tx:
            last, in_doubt = tx.comparisons.last().get(sink), tx.store_marks.in_doubt(sink)
            able = rule.enabled and sink in tx.marks.known_sinks() and not self._in_trouble(tx, sink)
        if last is not None and last.at > now:  # the clock was set back
            last = None
        if not able:
            return None
        if last is not None and last.error is not None and now - last.at < AGAIN:
            return None
        if in_doubt:
            return Scope.ALL
        due = last is None or last.error is not None or last.at < Moment(now, wiring.zone).last(rule.begins)
        return Scope.SAMPLE if due or (wiring.school, sink) in self._returned else None

    def erase(self, wiring: Wiring) -> None:
        """Go on with every erasure as far as it can go now, and begin that of whoever is back."""
        self.erase_returned(wiring)
        with wiring.store.read(wiring.school) as tx:
            unfinished = tx.erasures.unfinished()
        if not unfinished:
            return
        from ejsync.reports.acting import Paperwork  # noqa: PLC0415 - setting pages is slow to load and rarely needed

        for erasure in unfinished:
            try:
                after = advance(wiring, erasure.number, Paperwork(self._exchange))
            except LeaseLost:
                raise
            except EjsyncError as error:  # what keeps one from going on keeps no other
                log.warning("erasure.failed", school=wiring.school, code=error.code)
                continue
            if after.step is not erasure.step:
                log.info("erasure.went_on", school=wiring.school, state=after.step.value)

    def erase_returned(self, wiring: Wiring) -> None:
        """Erase anew those who were erased and are back with an older copy of the store.

        Looked for at first, and whenever the store knows other erasures than at the last look.
        """
        with wiring.store.read(wiring.school) as tx:
            known = tx.erasures.kept_out()
        if known == self._erased.get(wiring.school):
            return
        for pupil in returned(wiring):
            begin(wiring, Order(pupil, COPY))
        self._erased[wiring.school] = known

    def purge(self, wiring: Wiring) -> None:
        """Delete what is past its time, once after each night's beginning."""
        rule, now, path = self._exchange.settings.retention, wiring.clock.now(), self._exchange.store.path
        with wiring.store.read(wiring.school) as tx:
            last = tx.retention.last()
        begun = Moment(now, wiring.zone).last(rule.begins)
        if self._stopping() or (last is not None and begun <= last <= now):  # later than now: the clock was set back
            return
        before = rule.cutoffs(now)
        with wiring.store.begin(wiring.school) as tx:
            tx.marks.require_epoch(wiring.epoch)
            WithdrawalFile(path).forget_before(wiring.school, min(before.consents, before.backups))
            counts = tx.retention.purge(before, now)
            files, left = remove(old_files(path, before))
            told = {**counts, **({"files": files} if files else {})}
            if told:
                tx.audit.append("retention.purged", told, now)
        if left:
            log.warning("retention.files_left", count=len(left))
        log.info("retention.purged", school=wiring.school, discarded=sum(told.values()))

    def _in_trouble(self, tx: Transaction, sink: str) -> bool:
        """Tell whether a sink is away; one for which nothing is left to be tried may be well again."""
        return bool(tx.marks.sink(sink).failures) and tx.batches.next_pending(sink) is not None

    def witness(self, event: str) -> None:
        """Write into every school's audit what happens to this instance."""
        for wiring in self._exchange.schools.values():
            with wiring.store.begin(wiring.school) as tx:
                tx.audit.append(event, {"epoch": wiring.epoch}, wiring.clock.now())

    def checkpoint(self, wiring: Wiring) -> None:
        """Sign a school's log if it has grown, and for long enough or by entries enough since it was signed."""
        rule = self._exchange.settings.audit
        with wiring.store.read(wiring.school) as tx:
            newest, size = tx.checkpoints.newest(), tx.audit.head()[0]
        if is_due(newest, size, wiring.clock.now(), every=rule.every, entries=rule.checkpoint_entries):
            self.sign(wiring)

    def sign(self, wiring: Wiring) -> None:
        """Sign what a school's log holds now."""
        with wiring.store.begin(wiring.school) as tx:
            tx.marks.require_epoch(wiring.epoch)
            sign_log(wiring, tx)

    def tell_doubts(self) -> None:
        """Log loudly of each sink that the store may be older than what it holds."""
        for wiring in self._exchange.schools.values():
            with wiring.store.read(wiring.school) as tx:
                doubted = [sink for sink in wiring.sinks if tx.store_marks.in_doubt(sink)]
            for sink in doubted:
                log.error("store.rolled_back", school=wiring.school, sink=sink)

    def _must_rest(self, wiring: Wiring) -> bool:
        """Tell whether nothing more is to be read by schedule: the end has come, or the school's quiet hours."""
        return self._stopping() or self._exchange.is_quiet(wiring)

    def _tell(self, wiring: Wiring, report: FeedReport) -> None:
        """Log what came of a read."""
        for error in report.errors:
            bug = error.__cause__ if isinstance(error, SourceUnreadable) else None  # the log names where it was raised
            feed = report.feed.value
            log.warning("feed.failed", school=wiring.school, feed=feed, code=error.code, exc_info=bug)
        told = {name: count for name, count in report.counts.items() if count and "." not in name}
        done = {"windows": report.windows, "failed": len(report.errors)}
        log.info("feed.read", school=wiring.school, feed=report.feed.value, **done, **told)

    def _watch_results(self, wiring: Wiring, sink: str) -> None:
        """Warn once when final results have waited for half of their time, and once when they are late."""
        now = wiring.clock.now()
        with wiring.store.read(wiring.school) as tx:
            owed = tx.owed.standing(now).get(sink, OwedResults())
            self._note_return(wiring, sink, tx.marks.sink(sink))
        urgency, place = owed.urgency(now), (wiring.school, sink)
        if urgency is not self._urgencies.get(place, Urgency.IN_TIME) and urgency is not Urgency.IN_TIME:
            told = {"waiting": owed.waiting, "held": owed.held, "late": owed.late}
            log.warning("results.owed", school=wiring.school, sink=sink, state=urgency.value, **told)
        self._urgencies[place] = urgency

    def _note_return(self, wiring: Wiring, sink: str, mark: SinkMark) -> None:
        """Remember that a sink is back that was away for hours: it may have been restored from a backup meanwhile."""
        place, away = (wiring.school, sink), self._exchange.settings.reconcile.away
        before = self._seen.get(place, mark)
        if before.failures and not mark.failures and before.delivered_at and mark.delivered_at:
            self._returned |= {place} if mark.delivered_at - before.delivered_at >= away else set()
        self._seen[place] = mark
