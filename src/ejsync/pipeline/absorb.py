"""absorb: transaction A of one window: records, changes, quarantine and audit move together or not at all."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from ejsync.domain.batches import BatchState
from ejsync.domain.changes import Change, Difference, Op
from ejsync.domain.guard import held_changes
from ejsync.domain.records import SCHOOL, Feed, Kind
from ejsync.domain.standing import BatchRow, Normalised
from ejsync.domain.windows import Coverage, Window
from ejsync.errors import SourceSuspiciouslyEmpty
from ejsync.pipeline.derive import completed, derive, held_along
from ejsync.pipeline.detect import HOUSEHOLD, Detected, detect
from ejsync.pipeline.offer import offer
from ejsync.pipeline.ports import Transaction, Wiring


@dataclass(frozen=True, slots=True)
class Absorbed:
    """What became of one reading; `unheard` are owners who answered with nothing where records are known."""

    counts: Counter[str] = field(default_factory=Counter)
    suspicious: SourceSuspiciouslyEmpty | None = None
    unheard: frozenset[str] = frozenset()


def absorb(
    wiring: Wiring,
    tx: Transaction,
    window: Window,
    coverages: Sequence[Coverage],
    normal: Normalised,
    *,
    alarmed: set[str] | None = None,
) -> Absorbed:
    """Take a reading in: detect, hold what is a mass, save, quarantine, enqueue, witness.

    Args:
        alarmed: owners of whom a mass was held earlier in this cycle: whatever more of theirs is gone is held too;
            the owners of a mass found here are added.
    """
    at = wiring.clock.now()
    if window.feed is Feed.SUBSTITUTIONS:
        normal = replace(normal, entries=completed(wiring, tx, coverages, normal.entries))
    found = detect(wiring, tx, window, coverages, normal)
    normal = found.normal
    set_aside = {(item.kind, item.key) for item in normal.broken}
    derived = derive(wiring, tx, window, found.difference)
    changes = found.difference.all() + derived.all()
    # What follows from records was judged when they were, and waits as long as any of them does.
    judged = window.feed is not Feed.DERIVED
    masses = _masses(wiring, tx, found, coverages, set() if alarmed is None else alarmed) if judged else set()
    held = _hold(wiring, tx, window, held_along(masses, derived))
    tx.records.save(changes, at)
    tx.readings.forget(_moving(found))
    quarantined = tx.quarantine.keep(window.feed, normal.broken, at)
    mended = tx.quarantine.resolve((entry.record.kind, entry.record.key) for entry in normal.entries)
    away = tx.quarantine.known_in(coverages)
    tx.quarantine.resolve(key for key, owner in away.items() if key not in set_aside and owner not in found.silent)
    offered = offer(wiring, tx, changes, held)
    _void_healed_holds(wiring, tx)
    counts = _counts(found.difference)
    counts.update(_counts(derived))
    counts.update(
        quarantined=quarantined, mended=mended, held=offered.held, queued=offered.queued, withheld=offered.withheld
    )
    absorbed = Absorbed(counts, found.suspicious, found.unheard)
    _witness(wiring, tx, window, changes, absorbed)
    return absorbed


def _counts(found: Difference) -> Counter[str]:
    created = sum(change.created for change in found.upserts)
    return Counter(
        created=created,
        updated=len(found.upserts) - created,
        retracted=len(found.retractions),
        unchanged=found.unchanged,
    )


def new_id(wiring: Wiring) -> str:
    """Return a fresh UUID out of the passed-in randomness."""
    return str(UUID(int=wiring.rng.getrandbits(128), version=4))


def _masses(
    wiring: Wiring, tx: Transaction, found: Detected, coverages: Sequence[Coverage], alarmed: set[str]
) -> set[tuple[Op, Kind]]:
    """Judge the changes of one window in the light of what its cycle has found of the same owners."""
    changes = [change for change in found.difference.all() if (change.kind, change.key) not in found.returning]
    masses = _judged(wiring, tx, found, changes)
    owners = {owner for coverage in coverages for owner in coverage.owners}
    if owners & alarmed:
        masses |= {(Op.RETRACT, change.kind) for change in changes if change.op is Op.RETRACT}
    emptied = {kind for op, kind in masses if op is Op.RETRACT}
    if emptied:
        alarmed |= owners
    # What came in the place of a mass waits too: else families would see both until somebody decides.
    return masses | {(Op.UPSERT, change.kind) for change in changes if change.created and change.kind in emptied}


def _judged(wiring: Wiring, tx: Transaction, found: Detected, changes: Sequence[Change]) -> set[tuple[Op, Kind]]:
    """Judge what the window spoke about by circles, and what goes with its pupils and classes by the whole school."""
    household = [change for change in changes if (change.kind, change.key) in found.household]
    own = [change for change in changes if (change.kind, change.key) not in found.household]
    masses = held_changes(own, found.known_live, wiring.guard, found.circle_of)
    if household:
        live = {(kind, SCHOOL): count for kind, count in tx.records.live_counts().items()}
        masses |= held_changes(household, live, wiring.guard, lambda _change: SCHOOL)
    return masses


def _moving(found: Detected) -> set[str]:
    """Return pupils and classes who appear, return, change or go: what was read of them was read for another place."""
    return {HOUSEHOLD[change.kind](change.key) for change in found.difference.all() if change.kind in HOUSEHOLD}


def _hold(
    wiring: Wiring, tx: Transaction, window: Window, masses: set[tuple[Op, Kind]]
) -> Mapping[str, Mapping[tuple[Op, Kind], str]]:
    """Open a held batch for each sink; one held retraction holds every retraction of the window."""
    if not masses:
        return {}
    ops = {op for op, _ in masses}
    at, reason = wiring.clock.now(), ", ".join(sorted(f"{op} {kind}" for op, kind in masses))
    held = {}
    for sink in wiring.sinks:
        batch = new_id(wiring)
        row = BatchRow(batch, wiring.school, sink, BatchState.HELD, batch, f"{window.label()}: {reason}", at, at)
        tx.batches.add(row, (), b"", "")
        tx.audit.append("batch.held", {"batch": batch, "sink": sink, "window": window.label(), "mass": reason}, at)
        held[sink] = {(op, kind): batch for op in ops for kind in Kind if op is Op.RETRACT or (op, kind) in masses}
    return held


def _void_healed_holds(wiring: Wiring, tx: Transaction) -> None:
    """Call off held batches that nothing waits in any more: the journal has healed by itself."""
    at = wiring.clock.now()
    for row in tx.batches.find((BatchState.HELD,)):
        if not tx.outbox.waits_in(row.batch):
            tx.batches.move(row, BatchState.CANCELLED, settled_at=at, last_error="healed")
            tx.audit.append("batch.cancelled", {"batch": row.batch, "reason": "healed"}, at)


def _witness(
    wiring: Wiring,
    tx: Transaction,
    window: Window,
    changes: Sequence[Change],
    absorbed: Absorbed,
) -> None:
    counts, suspicious = absorbed.counts, absorbed.suspicious
    if not changes and not counts["quarantined"] and not counts["mended"] and suspicious is None:
        return  # an unchanged window is witnessed by its feed's entry
    pseudonym = wiring.keyring.pseudonym
    details: dict[str, Any] = {
        "window": window.label(),
        "counts": {name: count for name, count in counts.items() if count},
        "changes": [[c.op.value, c.kind.value, pseudonym(f"{c.kind}:{c.key}"), c.version] for c in changes],
    }
    if suspicious is not None:
        details["suspicious"] = suspicious.known
    tx.audit.append("window.read", details, wiring.clock.now())
