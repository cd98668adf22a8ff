"""conclude: read our own records as a source: what follows from them of a class takes the way of everything else.

Only classes of which something changed since are worked out again, and each once a day, because days pass. A class of
which anything waits for approval waits too, and all of them while the roster does: nothing may be told of what is held.
A pupil whose class is not known is in none of them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson

from ejsync.domain.conclusions import CONCLUDED, GROUNDS, OF_CLASSES, OF_PUPILS, ClassBook, Office, conclusions
from ejsync.domain.office import OfficeKind
from ejsync.domain.reads import History, PageMark, Read
from ejsync.domain.records import SCHOOL, Feed, Kind, owner_class, owner_pupil
from ejsync.domain.standing import FeedMark
from ejsync.domain.windows import Coverage, Roster, Window
from ejsync.pipeline.absorb import absorb
from ejsync.pipeline.kept_out import owners_let_in
from ejsync.pipeline.normalise import normalise
from ejsync.pipeline.offer import follow_consents
from ejsync.pipeline.ports import Transaction, Wiring
from ejsync.pipeline.pull import unreadable
from ejsync.pipeline.sync import FeedReport

_OFFICE = {
    OfficeKind.CONTACT: "contacts",
    OfficeKind.CURRICULUM: "curriculum",
    OfficeKind.DEFERRAL: "deferrals",
    OfficeKind.RECOMMENDATION: "recommendations",
}


@dataclass(frozen=True, slots=True)
class _Class:
    """One class and everybody in it, as owners of records."""

    name: str
    pupils: tuple[str, ...]

    @property
    def owners(self) -> tuple[str, ...]:
        return (owner_class(self.name), *map(owner_pupil, self.pupils))


def conclude(
    wiring: Wiring,
    *,
    stopped: Callable[[], bool] = lambda: False,
    progress: Callable[[Window | None, int, int], None] = lambda _window, _done, _total: None,
) -> FeedReport:
    """Work out what follows from the records of every class that changed, and take it in.

    Raises:
        StoreError: the database cannot be used, or another instance took over.
    """
    report = FeedReport(Feed.DERIVED)
    with wiring.store.begin(wiring.school) as tx:
        tx.marks.require_epoch(wiring.epoch)
        follow_consents(wiring, tx)
        due = _due(wiring, tx)
    report.windows = len(due)
    progress(None, 0, len(due))
    for number, school_class in enumerate(due, start=1):
        _conclude_class(wiring, school_class, report)
        progress(None, number, len(due))
        if stopped():
            report.stopped = number < len(due)
            break
    _close(wiring, report)
    return report


def _due(wiring: Wiring, tx: Transaction) -> list[_Class]:
    """Return the classes that changed since they were worked out, or were not yet on this day."""
    roster, history, pages = tx.records.roster(), tx.readings.history(Feed.DERIVED), tx.readings.pages(Feed.DERIVED)
    changes, held = tx.records.newest_changes(GROUNDS), tx.outbox.held_owners(frozenset(Kind) - CONCLUDED)
    if SCHOOL in held:  # who is in which class waits for approval
        return []
    office = [at for one in tx.office.imports() for at in (one.at, one.undone_at) if at]
    found = []
    known = tx.records.payloads((Kind.SCHOOL_CLASS, name) for name in roster.classes)
    for school_class in (one for one in _classes(roster) if (Kind.SCHOOL_CLASS, one.name) in known):
        newest = [changes[owner] for owner in school_class.owners if owner in changes]
        last = _last(history, pages, school_class)
        fresh = (
            last is not None and all(at <= last for at in (*newest, *office)) and _day(wiring, last) == _today(wiring)
        )
        if not fresh and held.isdisjoint(school_class.owners):
            found.append(school_class)
    return found


def _classes(roster: Roster) -> list[_Class]:
    return [_Class(name, pupils) for name, pupils in roster.classes.items()]


def _last(history: Mapping[str, History], pages: Mapping[str, PageMark], school_class: _Class) -> datetime | None:
    """Return when a class was worked out with just those who are in it now; None if it was with others."""
    window = _window(school_class)
    reads = [history[owner].reads[0].at for owner in school_class.owners if owner in history]
    page = pages.get(window.label())
    same = page is not None and page.digest == window.key()
    return min(reads) if same and len(reads) == len(school_class.owners) else None


def _day(wiring: Wiring, at: datetime) -> date:
    return at.astimezone(wiring.zone).date()


def _today(wiring: Wiring) -> date:
    return _day(wiring, wiring.clock.now())


def _conclude_class(wiring: Wiring, school_class: _Class, report: FeedReport) -> None:
    """Work one class out and take it in; one that upsets us leaves the others alone."""
    at, window = wiring.clock.now(), _window(school_class)
    try:
        with wiring.store.read(wiring.school) as tx:
            book = _book(wiring, tx, school_class)
        normal = normalise(wiring, conclusions(book))
    except Exception as error:  # noqa: BLE001 - what nobody foresaw in one class must not stop the others
        report.errors.append(unreadable(window, error))
        return
    coverages = (
        Coverage(OF_CLASSES, (owner_class(school_class.name),), believable_when_empty=True),
        Coverage(OF_PUPILS, tuple(map(owner_pupil, school_class.pupils)), believable_when_empty=True),
    )
    with wiring.store.begin(wiring.school) as tx:
        tx.marks.require_epoch(wiring.epoch)
        absorbed = absorb(wiring, tx, window, coverages, normal)
        owners = owners_let_in(wiring, tx, school_class.owners)
        tx.readings.note(Feed.DERIVED, owners, Read(None, at))
        if len(owners) == len(school_class.owners):
            # Who left is no owner any more: only the question that was asked tells that he was one.
            tx.readings.keep_page(Feed.DERIVED, window.label(), PageMark(window.key(), at))
    report.counts.update(absorbed.counts)
    report.well += 1


def _window(school_class: _Class) -> Window:
    return Window(
        Feed.DERIVED,
        school_class.name,
        "conclude",
        classes=(school_class.name,),
        pupils=school_class.pupils,
        owners=school_class.owners,
    )


def _book(wiring: Wiring, tx: Transaction, school_class: _Class) -> ClassBook:
    facts: dict[Kind, dict[str, Any]] = {}
    for held in tx.records.held_of(school_class.owners, GROUNDS):
        facts.setdefault(held.kind, {})[held.key] = orjson.loads(held.payload)
    known = tx.records.payloads([(Kind.SCHOOL_CLASS, school_class.name)])
    concluded = tx.records.held_of(school_class.owners, CONCLUDED)
    return ClassBook(
        school_class=orjson.loads(known[Kind.SCHOOL_CLASS, school_class.name]),
        pupils=school_class.pupils,
        as_of=_today(wiring),
        facts=facts,
        office=_office(wiring, tx, school_class),
        concluded={(held.kind, held.key): orjson.loads(held.payload) for held in concluded},
    )


def _office(wiring: Wiring, tx: Transaction, school_class: _Class) -> Office:
    """Return what the office holds of a class; contacts only where the school has them carried."""
    found: dict[str, dict[str, Any]] = {name: {} for name in _OFFICE.values()}
    for row in tx.office.of_class(school_class.name, school_class.pupils):
        if wiring.contacts or row.kind is not OfficeKind.CONTACT:
            found[_OFFICE[row.kind]][row.key] = orjson.loads(row.payload)
    return Office(**found)


def _close(wiring: Wiring, report: FeedReport) -> None:
    at = wiring.clock.now()
    with wiring.store.begin(wiring.school) as tx:
        tx.marks.require_epoch(wiring.epoch)
        before = tx.marks.feed(Feed.DERIVED)
        whole = not (report.errors or report.stopped)
        read_at = at if whole else before.read_at if before else None
        error = report.errors[0].code if report.errors else None
        counts = {name: count for name, count in report.counts.items() if count}
        tx.marks.save_feed(FeedMark(Feed.DERIVED, read_at, error, report.windows, len(report.errors), {}, counts))
        if report.windows:
            tx.audit.append("conclusions.drawn", {"classes": report.windows, "counts": counts}, at)
