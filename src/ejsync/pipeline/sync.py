"""sync: one feed of one school: plan, pull, normalise, absorb; a window that failed leaves everything as it was."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from ejsync.domain.reads import SERVED, Demand, History, PageMark, Read, Sweep, due, ordered
from ejsync.domain.records import Feed
from ejsync.domain.standing import FeedMark
from ejsync.domain.windows import Due, Page, Plan, Roster, Window
from ejsync.errors import EjsyncError, SourceForbidden
from ejsync.pipeline.absorb import Absorbed, absorb
from ejsync.pipeline.kept_out import owners_let_in
from ejsync.pipeline.normalise import normalise
from ejsync.pipeline.offer import follow_consents
from ejsync.pipeline.ports import DueOf, Transaction, Wiring
from ejsync.pipeline.pull import Pulled, pull, unreadable

Progress = Callable[[Window | None, int, int], None]
Stopped = Callable[[], bool]
PAGES_KEPT = timedelta(days=3)
"""A page is opened once more after so long: most windows move on with the days, and no slip lasts."""
ORDERS_KEPT = timedelta(days=7)
_CHANGING = ("created", "updated", "retracted", "quarantined", "mended")


@dataclass(slots=True)
class FeedReport:
    """What one cycle of a feed did: counts by what became of records, and the errors of windows that failed.

    Attributes:
        uncovered: pupils whom nobody may read, by method.
        lost: how many of what nobody may read was read before, by method: rights that went.
        well: outcomes that count as read.
    """

    feed: Feed
    windows: int = 0
    well: int = 0
    uncovered: dict[str, int] = field(default_factory=dict)
    lost: dict[str, int] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    errors: list[EjsyncError] = field(default_factory=list)
    stopped: bool = False


def sync_feed(
    wiring: Wiring,
    feed: Feed,
    demands: Sequence[Demand],
    *,
    stopped: Stopped = lambda: False,
    progress: Progress = lambda _window, _done, _total: None,
) -> FeedReport:
    """Read what is due of a feed and take in what changed.

    Args:
        demands: which days are wanted how fresh, the most urgent first.

    Raises:
        StoreError: the database cannot be used, or another instance took over.
    """
    report = FeedReport(feed)
    with wiring.store.begin(wiring.school) as tx:
        tx.marks.require_epoch(wiring.epoch)
        follow_consents(wiring, tx)
        tx.readings.drop_pages(feed, wiring.clock.now() - PAGES_KEPT)
        roster, history, pages = tx.records.roster(), tx.readings.history(feed), tx.readings.pages(feed)
    plan = _planned(wiring, report, due_of(wiring, history, demands), roster)
    report.uncovered = plan.uncovered_pupils(roster)
    report.lost = dict(Counter(gap.method for gap in plan.uncovered for owner in gap.owners if owner in history))
    report.counts["lost"] = sum(report.lost.values())
    progress(None, 0, len(plan.windows))
    alarmed: set[str] = set()
    for pulled in pull(wiring, plan.windows, _usable(plan, history, pages, wiring.clock.now())):
        _take_in(wiring, pulled, roster, report, alarmed=alarmed)
        progress(pulled.window, pulled.done, len(plan.windows))
        if stopped():
            report.stopped = pulled.done < len(plan.windows)
            break
    _close(wiring, report, demands)
    return report


def due_of(wiring: Wiring, history: Mapping[str, History], demands: Sequence[Demand]) -> DueOf:
    """Return the function that tells what is due of an owner; owners who were read alike are worked out once.

    A read of a time to come was noted while the clock was wrong: it says nothing, or all would stand still until then.
    """
    worked_out: dict[object, tuple[Due, ...]] = {}
    nothing, now = History(()), wiring.clock.now()

    def of(owner: str) -> tuple[Due, ...]:
        reads = history.get(owner, nothing).reads
        if reads not in worked_out:
            worked_out[reads] = due([read for read in reads if read.at <= now], demands, wiring.zone)
        return worked_out[reads]

    return of


def _planned(wiring: Wiring, report: FeedReport, of: DueOf, roster: Roster) -> Plan:
    """Plan the windows; where people are known and nobody may read anything of anyone, that is a failure."""
    try:
        plan = wiring.source.plan(report.feed, of, roster)
    except EjsyncError as error:
        report.errors.append(error)
        plan = Plan(())
    report.errors.extend(error for error in wiring.source.failures.values() if error not in report.errors)
    if plan.uncovered and not plan.readable:
        methods = ", ".join(sorted({gap.method for gap in plan.uncovered}))
        report.errors.append(SourceForbidden(host=wiring.school, account="*", method=methods))
    report.windows = len(plan.windows)
    return plan


def _usable(plan: Plan, history: Mapping[str, History], pages: Mapping[str, PageMark], now: datetime) -> dict[str, str]:
    """Return the digests of pages that still stand for the store: nothing of their owners was changed since.

    Of a page of a time to come, kept before the clock was set back, nobody can tell.
    """
    found = {}
    for window in plan.windows:
        page = pages.get(window.key())
        if page is None or page.at > now or not window.owners:
            continue
        if all(_stands(history.get(owner), page) for owner in window.owners):
            found[window.key()] = page.digest
    return found


def _stands(history: History | None, page: PageMark) -> bool:
    return history is not None and (history.changed_at is None or history.changed_at <= page.at)


def _take_in(wiring: Wiring, pulled: Pulled, roster: Roster, report: FeedReport, *, alarmed: set[str]) -> None:
    """Run transaction A for one pulled window; no network call is made inside it."""
    if isinstance(pulled.outcome, EjsyncError):
        report.errors.append(pulled.outcome)
        return
    if pulled.outcome.unchanged:
        _note_unchanged(wiring, pulled)
        report.counts["unchanged_pages"] += 1
        report.well += 1
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
        tx.drift.note(pulled.window.method, reading.drift, wiring.clock.now())
        _note(wiring, tx, pulled, pulled.outcome, absorbed)
    report.counts.update(absorbed.counts)
    report.counts.update({f"passed_over.{reason}": count for reason, count in reading.passed_over.items()})
    if absorbed.suspicious is not None:
        report.errors.append(absorbed.suspicious)
    else:
        report.well += 1


def _note_unchanged(wiring: Wiring, pulled: Pulled) -> None:
    """An answer that was taken in before says again what is known: its days are fresh once more."""
    with wiring.store.begin(wiring.school) as tx:
        tx.marks.require_epoch(wiring.epoch)
        window = pulled.window
        owners = owners_let_in(wiring, tx, window.owners)
        tx.readings.note(window.feed, owners, Read(window.days, pulled.asked_at))


def _note(wiring: Wiring, tx: Transaction, pulled: Pulled, page: Page, absorbed: Absorbed) -> None:
    """Remember what was read; of an answer that was silent about someone known, only the others count as read.

    Days are as fresh as the question was late; a page stands for the store as it was when it was taken in.
    """
    window, at = pulled.window, wiring.clock.now()
    owners = owners_let_in(wiring, tx, window.owners)
    heard = [owner for owner in owners if owner not in absorbed.unheard]
    changed = any(absorbed.counts[name] for name in _CHANGING)
    tx.readings.note(window.feed, heard, Read(window.days, pulled.asked_at), changed_at=at if changed else None)
    if page.digest and not absorbed.unheard and len(owners) == len(window.owners):
        tx.readings.keep_page(window.feed, window.key(), PageMark(page.digest, at))


def _close(wiring: Wiring, report: FeedReport, demands: Sequence[Demand]) -> None:
    """Remember how the feed stands: `read_at` moves on only when all that every cycle asks for was read well.

    A sweep of what may wait leaves its trace only where it failed; the next cycle tells whether that is over.
    """
    urgent, at = any(demand.heat in SERVED[Sweep.NOW] for demand in demands), wiring.clock.now()
    with wiring.store.begin(wiring.school) as tx:
        tx.marks.require_epoch(wiring.epoch)
        _fulfil(tx, report, demands, at)
        if not (urgent or report.errors or report.windows):
            return
        before = tx.marks.feed(report.feed) or FeedMark(report.feed, None, None)
        counts = {name: count for name, count in report.counts.items() if count}
        mark = FeedMark(
            report.feed,
            at if urgent and _was_whole(tx, report) else before.read_at,
            report.errors[0].code if report.errors else None,
            report.windows,
            len(report.errors),
            report.uncovered,
            counts,
        )
        tx.marks.save_feed(mark if urgent or report.errors else replace(before, uncovered=report.uncovered))
        _witness(tx, report, demands, counts, wiring=wiring)


def _fulfil(tx: Transaction, report: FeedReport, demands: Sequence[Demand], at: datetime) -> None:
    """Let go of orders that were carried out, and of old ones that cannot be: somebody nobody reads is in them."""
    whole = _was_whole(tx, report)
    for order in tx.readings.orders(report.feed):
        if whole and ordered(order) in demands:
            tx.readings.fulfil(order)
        elif at - order.at > ORDERS_KEPT:
            tx.readings.fulfil(order)
            tx.audit.append("order.given_up", {"feed": order.feed.value, "days": str(order.days)}, at)


def _was_whole(tx: Transaction, report: FeedReport) -> bool:
    """Tell whether the cycle read all there was; before the roster is known no other feed knows what to ask."""
    if report.errors or report.stopped:
        return False
    roster = tx.marks.feed(Feed.ROSTER)
    return report.feed is Feed.ROSTER or (roster is not None and roster.read_at is not None)


def _witness(
    tx: Transaction, report: FeedReport, demands: Sequence[Demand], counts: Mapping[str, int], *, wiring: Wiring
) -> None:
    details = {
        "feed": report.feed.value,
        "wanted": [f"{demand.heat} {demand.days}" if demand.days else str(demand.heat) for demand in demands],
        "windows": report.windows,
        "failed": Counter(error.code for error in report.errors),
        "uncovered": report.uncovered,
        "lost": report.lost,
        "counts": counts,
    }
    tx.audit.append("feed.read", details, wiring.clock.now())
