"""reconcile: compare what a sink holds with what it was last seen to hold, and mend what it has lost.

By digest first, key by key only where digests differ; no request is made inside a transaction. What waits, travels,
died or was settled meanwhile is *under way* and no difference.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from ejsync.domain.changes import Op
from ejsync.domain.comparing import (
    NOTHING,
    SILENT,
    Comparison,
    Difference,
    Digest,
    Finding,
    Holding,
    compare,
)
from ejsync.domain.records import Kind
from ejsync.errors import SinkError, SinkUnread
from ejsync.pipeline.kept_out import kept_out_of
from ejsync.pipeline.mend import Cure, Ledger, Mended, Repair, mend, within
from ejsync.pipeline.ports import Transaction, Wiring

PAGE = 2000
"""Rows of ours in memory at once, and differences looked at in one transaction."""
EXAMPLES = 1000
"""Differences that a report names; the counts are of all."""


class Scope(StrEnum):
    """How far a comparison goes: keys where digests differ, or every key; or that there is nothing to ask."""

    SAMPLE = "sample"
    ALL = "all"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Course:
    """How a comparison goes about it."""

    scope: Scope = Scope.SAMPLE
    repair: Repair = Repair.NOTHING
    kinds: tuple[Kind, ...] = tuple(Kind)

    @property
    def whole(self) -> bool:
        """Tell whether it is about every kind."""
        return set(self.kinds) == set(Kind)


@dataclass(slots=True)
class Reconciled:
    """What a comparison with one sink found and did.

    Attributes:
        findings: how many keys of each kind were found how; what is under way is left out.
        under_way: keys that differ because something waits or travels.
        foreign: keys at the sink that we never knew.
        nameless: rows of the sink of which not even the key could be read.
        left: differences that nothing was done about.
        differences: the first of them, for people.
        erased: pupils who were erased and whom the sink shows again.
    """

    sink: str
    begun: datetime
    scope: Scope
    findings: Counter[tuple[Finding, Kind]] = field(default_factory=Counter)
    under_way: int = 0
    foreign: int = 0
    nameless: int = 0
    left: int = 0
    queued: int = 0
    held: int = 0
    retractions: int = 0
    differences: list[Difference] = field(default_factory=list)
    erased: set[str] = field(default_factory=set)
    error: SinkError | None = None

    def counts(self) -> dict[str, int]:
        """Return the counts by name, as status, log and audit show them."""
        by_finding: Counter[Finding] = Counter()
        for (finding, _), count in self.findings.items():
            by_finding[finding] += count
        told = {finding.name.lower(): by_finding[finding] for finding in Finding}
        told["unreadable"] += self.nameless
        rest = {name: getattr(self, name) for name in ("under_way", "foreign", "queued", "held", "left")}
        return {**told, **rest}


def reconcile(wiring: Wiring, sink: str, course: Course = Course()) -> Reconciled:
    """Compare a sink with the store, and mend as far as the course says; a failure of the sink stands in the report.

    Raises:
        StoreError: the database cannot be used, or another instance took over.
    """
    report = Reconciled(sink, wiring.clock.now(), course.scope)
    try:
        _ask(wiring, report, course)
        if course.repair is not Repair.NOTHING:
            _erase_again(wiring, report)
    except SinkError as error:
        report.error = error
    _conclude(wiring, report, course)
    return report


def _ask(wiring: Wiring, report: Reconciled, course: Course) -> None:
    theirs = wiring.sinks[report.sink].digest(wiring.school, course.kinds)
    if theirs is SILENT:
        report.scope = Scope.SILENT
        return
    with wiring.store.read(wiring.school) as tx:
        ours = tx.comparisons.digests(report.sink)
    for kind in course.kinds:
        if course.scope is not Scope.ALL and ours.get(kind, NOTHING) == theirs[kind]:
            report.findings[Finding.SAME, kind] += theirs[kind].count
        else:
            _by_key(wiring, report, course, kind, theirs[kind])


def _by_key(wiring: Wiring, report: Reconciled, course: Course, kind: Kind, digest: Digest) -> None:
    """Compare one kind; only its differences are kept in memory until it is dealt with."""
    found: list[Difference] = []
    for finding, difference in compare(kind, _ours(wiring, report.sink, kind), _theirs(wiring, report, kind)):
        if difference is None:
            report.findings[finding, kind] += 1
        else:
            found.append(difference)
    retractions = sum(_retractions(wiring, report, course, some) for some in _portions(found))
    report.retractions += retractions
    mended = Mended(holding=_is_mass(wiring, report, course, retractions, digest.count))
    for some in _portions(found):
        _deal(wiring, report, course, some, mended)
    report.queued, report.held = report.queued + mended.queued, report.held + mended.held


def _portions(found: list[Difference]) -> Iterator[list[Difference]]:
    return (found[first : first + PAGE] for first in range(0, len(found), PAGE))


def _retractions(wiring: Wiring, report: Reconciled, course: Course, found: Sequence[Difference]) -> int:
    """Count what a repair would take away, before any of it is."""
    with wiring.store.read(wiring.school) as tx:
        standing = _standing(tx, report, found, wiring.clock.now())
        ledger = Ledger.of(tx, standing)
    return sum(ledger.retracts(one) and within(course.repair, ledger.cure(one)) for one in standing)


def _is_mass(wiring: Wiring, report: Reconciled, course: Course, retractions: int, known: int) -> bool:
    """Tell whether retractions wait for approval: by the guard's measure, and by night if they are more than a few."""
    many = report.retractions > wiring.guard.least_count and course.repair is Repair.LOST
    return bool(retractions) and (many or wiring.guard.exceeded(Op.RETRACT, retractions, known))


def _deal(wiring: Wiring, report: Reconciled, course: Course, found: Sequence[Difference], mended: Mended) -> None:
    """Look at differences once more, in one transaction, and mend or tell them."""
    with _looking(wiring, course) as tx:
        standing = _standing(tx, report, found, wiring.clock.now())
        ledger = Ledger.of(tx, standing)
        cures = [(one, ledger.cure(one)) for one in standing]
        report.erased |= kept_out_of(wiring, tx, [one.key for one, cure in cures if cure is Cure.TELL])
        cured = [one for one, cure in cures if within(course.repair, cure)]
        if cured:
            mend(wiring, tx, report.sink, cured, mended)
    report.under_way += len(found) - len(standing)
    report.left += len(standing) - len(cured)
    report.foreign += sum(cure is Cure.TELL for _, cure in cures)
    report.findings.update((one.finding, one.kind) for one in standing)
    report.differences += standing[: EXAMPLES - len(report.differences)]


def _erase_again(wiring: Wiring, report: Reconciled) -> None:
    """Have those destroyed once more whom the sink got back from a copy of its own."""
    for pupil in sorted(report.erased):
        answer = wiring.sinks[report.sink].erase(wiring.school, pupil)
        told = {"pupil": wiring.keyring.pseudonym(pupil), "sink": report.sink, "again": True}
        records = 0 if answer is SILENT else answer
        with _writing(wiring) as tx:
            tx.audit.append("erasure.told", {**told, "records": records}, wiring.clock.now())


def _looking(wiring: Wiring, course: Course) -> AbstractContextManager[Transaction]:
    """Open a transaction that writes only where something is to be mended."""
    looks_only = course.repair is Repair.NOTHING
    return wiring.store.read(wiring.school) if looks_only else _writing(wiring)


@contextmanager
def _writing(wiring: Wiring) -> Iterator[Transaction]:
    with wiring.store.begin(wiring.school) as tx:
        if wiring.epoch:  # operators' verbs hold no lease
            tx.marks.require_epoch(wiring.epoch)
        yield tx


def _standing(tx: Transaction, report: Reconciled, found: Sequence[Difference], until: datetime) -> list[Difference]:
    """Return what is a difference still: neither under way nor settled since the comparison began."""
    unsettled = tx.comparisons.unsettled(report.sink, [(one.kind, one.key) for one in found], report.begun, until)
    return [one for one in found if (one.kind, one.key) not in unsettled]


def _conclude(wiring: Wiring, report: Reconciled, course: Course) -> None:
    """Keep the result of a comparison that was about every kind, and witness it in any case."""
    report.left += report.nameless
    code = report.error.code if report.error else None
    with _writing(wiring) as tx:
        if course.whole:
            kept = Comparison(report.sink, report.begun, report.scope.value, report.counts(), code)
            tx.comparisons.save(kept)
            if course.scope is Scope.ALL and report.error is None:
                tx.store_marks.compared(report.sink, report.begun)
        details = {"sink": report.sink, "scope": report.scope.value, "repair": course.repair.value}
        told = {"kinds": sorted(course.kinds), "counts": report.counts(), "error": code}
        tx.audit.append("reconcile.done", {**details, **told}, wiring.clock.now())


def _ours(wiring: Wiring, sink: str, kind: Kind) -> Iterator[Holding]:
    """Yield what the sink was last seen to hold; no transaction stays open between two pages."""
    after: str | None = ""
    while after is not None:
        with wiring.store.read(wiring.school) as tx:
            rows = tx.comparisons.held(sink, kind, after, PAGE)
        yield from rows
        after = rows[-1].key if len(rows) == PAGE else None


def _theirs(wiring: Wiring, report: Reconciled, kind: Kind) -> Iterator[Holding]:
    after: str | None = ""
    while after is not None:
        page = wiring.sinks[report.sink].records(wiring.school, kind, after)
        if page is SILENT:
            raise SinkUnread(sink=report.sink, reason="digests without records")
        report.nameless += page.nameless
        yield from page.rows
        after = page.following
