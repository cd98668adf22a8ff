"""sync: one feed of one school: plan, pull, normalise, absorb; a window that failed leaves everything as it was."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from ejsync.domain.records import Feed
from ejsync.domain.standing import FeedMark
from ejsync.domain.windows import Days, Plan, Roster, Window, school_year_start
from ejsync.errors import EjsyncError, SourceForbidden
from ejsync.pipeline.absorb import absorb
from ejsync.pipeline.normalise import normalise
from ejsync.pipeline.offer import follow_consents
from ejsync.pipeline.ports import Transaction, Wiring
from ejsync.pipeline.pull import Pulled, pull, unreadable

Progress = Callable[[Window | None, int, int], None]
Stopped = Callable[[], bool]


@dataclass(slots=True)
class FeedReport:
    """What one cycle of a feed did: counts by what became of records, and the errors of windows that failed.

    Attributes:
        gapless: no day stays unread between the last good read and this one; a feed without days has no gaps.
    """

    feed: Feed
    gapless: bool = True
    windows: int = 0
    uncovered: dict[str, int] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    errors: list[EjsyncError] = field(default_factory=list)
    stopped: bool = False


def sync_feed(
    wiring: Wiring,
    feed: Feed,
    days: Days,
    *,
    stopped: Stopped = lambda: False,
    progress: Progress = lambda _window, _done, _total: None,
) -> FeedReport:
    """Read a feed over some days and take in what changed.

    Raises:
        StoreError: the database cannot be used, or another instance took over.
    """
    report = FeedReport(feed)
    with wiring.store.begin(wiring.school) as tx:
        tx.marks.require_epoch(wiring.epoch)
        follow_consents(wiring, tx)
        roster, mark = tx.records.roster(), tx.marks.feed(feed)
    plan = _planned(wiring, report, days, roster)
    report.gapless = _is_gapless(wiring, plan, days, mark.read_at if mark else None)
    progress(None, 0, len(plan.windows))
    alarmed: set[str] = set()
    for number, pulled in enumerate(pull(wiring, plan.windows), start=1):
        _take_in(wiring, pulled, roster, report, alarmed=alarmed)
        progress(pulled.window, number, len(plan.windows))
        if stopped():
            report.stopped = number < len(plan.windows)
            break
    _close(wiring, report, days)
    return report


def first_due(read_at: datetime | None, zone: ZoneInfo, today: date) -> date:
    """Return the first day that the next read must reach back to: that of the last good one, in the school's zone."""
    return read_at.astimezone(zone).date() if read_at else school_year_start(today)


def _planned(wiring: Wiring, report: FeedReport, days: Days, roster: Roster) -> Plan:
    """Plan the windows; where people are known and nobody may read anything of anyone, that is a failure."""
    try:
        plan = wiring.source.plan(report.feed, days, roster)
    except EjsyncError as error:
        report.errors.append(error)
        plan = Plan(())
    report.errors.extend(error for error in wiring.source.failures.values() if error not in report.errors)
    if plan.uncovered and not plan.windows:
        methods = ", ".join(sorted(plan.uncovered))
        report.errors.append(SourceForbidden(host=wiring.school, account="*", method=methods))
    report.windows, report.uncovered = len(plan.windows), dict(plan.uncovered)
    return plan


def _is_gapless(wiring: Wiring, plan: Plan, days: Days, read_at: datetime | None) -> bool:
    if plan.windows and all(window.days is None for window in plan.windows):
        return True
    today = wiring.clock.now().astimezone(wiring.zone).date()
    return days.first <= first_due(read_at, wiring.zone, today) and today <= days.last


def _take_in(wiring: Wiring, pulled: Pulled, roster: Roster, report: FeedReport, *, alarmed: set[str]) -> None:
    """Run transaction A for one pulled window; no network call is made inside it."""
    if isinstance(pulled.outcome, EjsyncError):
        report.errors.append(pulled.outcome)
        return
    try:
        reading = wiring.source.read(pulled.outcome, roster)
        normal = normalise(wiring, reading.records)
    except EjsyncError as error:
        report.errors.append(error)
        return
    except Exception as error:  # noqa: BLE001 - one answer nobody foresaw must not stop the other windows
        report.errors.append(unreadable(pulled.window, error))
        return
    with wiring.store.begin(wiring.school) as tx:
        tx.marks.require_epoch(wiring.epoch)
        absorbed = absorb(wiring, tx, pulled.window, reading.coverages, normal, alarmed=alarmed)
    report.counts.update(absorbed.counts)
    report.counts.update({f"passed_over.{reason}": count for reason, count in reading.passed_over.items()})
    if absorbed.suspicious is not None:
        report.errors.append(absorbed.suspicious)


def _was_whole(tx: Transaction, report: FeedReport) -> bool:
    """Tell whether the cycle read all there was; before the roster is known no other feed knows what to ask."""
    if report.errors or report.stopped or not report.gapless:
        return False
    roster = tx.marks.feed(Feed.ROSTER)
    return report.feed is Feed.ROSTER or (roster is not None and roster.read_at is not None)


def _close(wiring: Wiring, report: FeedReport, days: Days) -> None:
    """Remember how the feed stands; only a whole cycle without failure or gap moves `read_at` on."""
    at = wiring.clock.now()
    with wiring.store.begin(wiring.school) as tx:
        tx.marks.require_epoch(wiring.epoch)
        before = tx.marks.feed(report.feed)
        read_at = at if _was_whole(tx, report) else (before.read_at if before else None)
        error = report.errors[0].code if report.errors else None
        counts = {name: count for name, count in report.counts.items() if count}
        mark = FeedMark(report.feed, read_at, error, report.windows, len(report.errors), report.uncovered, counts)
        tx.marks.save_feed(mark)
        details = {
            "feed": report.feed.value,
            "days": str(days),
            "windows": report.windows,
            "failed": Counter(error.code for error in report.errors),
            "uncovered": report.uncovered,
            "counts": counts,
        }
        tx.audit.append("feed.read", details, at)
