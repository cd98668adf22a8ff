"""absorb: transaction A of one window: records, changes, quarantine and audit move together or not at all."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from ejsync.domain.batches import BatchState
from ejsync.domain.changes import Change, Difference
from ejsync.domain.guard import Mass, held_keys
from ejsync.domain.records import Feed, owner_class
from ejsync.domain.standing import BatchRow, Normalised
from ejsync.domain.windows import Coverage, Window
from ejsync.errors import SourceSuspiciouslyEmpty
from ejsync.pipeline.derive import completed, derive, held_along
from ejsync.pipeline.detect import HOUSEHOLD, Detected, detect
from ejsync.pipeline.judge import judge
from ejsync.pipeline.kept_out import above_floors, let_in
from ejsync.pipeline.offer import every_sink, offer
from ejsync.pipeline.ports import KindKey, Transaction, Wiring
from ejsync.pipeline.sighting import hidden_since


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
        alarmed: classes of which a mass was held earlier in this cycle; `judge` reads them and adds to them.
    """
    at = wiring.clock.now()
    normal, left_out = let_in(wiring, tx, normal)
    if window.feed is Feed.SUBSTITUTIONS:
        normal = replace(normal, entries=completed(wiring, tx, coverages, normal.entries))
    found = detect(wiring, tx, window, coverages, normal)
    normal = found.normal
    set_aside = {(item.kind, item.key) for item in normal.broken}
    derived = derive(wiring, tx, window, found.difference)
    changes = above_floors(wiring, tx, found.difference.all() + derived.all())
    held = _held(wiring, tx, window, found, derived, alarmed=set() if alarmed is None else alarmed)
    tx.records.save(changes, at)
    tx.readings.forget(_moving(found))
    quarantined = tx.quarantine.keep(window.feed, normal.broken, at)
    mended = tx.quarantine.resolve((entry.record.kind, entry.record.key) for entry in normal.entries)
    away = tx.quarantine.known_in(coverages)
    tx.quarantine.resolve(key for key, owner in away.items() if key not in set_aside and owner not in found.silent)
    offered = offer(wiring, tx, changes, held, hidden=hidden_since(tx, window, changes))
    void_healed_holds(wiring, tx)
    counts = _counts(found.difference)
    counts.update(_counts(derived))
    counts.update(
        quarantined=quarantined, mended=mended, held=offered.held, queued=offered.queued, withheld=offered.withheld,
        kept_out=left_out,
    )  # fmt: skip
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


def _moving(found: Detected) -> set[str]:
    """Return pupils and classes who appear, return, change or go: what was read of them was read for another place."""
    return {HOUSEHOLD[change.kind](change.key) for change in found.difference.all() if change.kind in HOUSEHOLD}


def _held(
    wiring: Wiring, tx: Transaction, window: Window, found: Detected, derived: Difference, *, alarmed: set[str]
) -> Mapping[str, Mapping[KindKey, str]]:
    """Return, by sink, which keys wait in which held batch."""
    if window.feed is Feed.DERIVED:
        return {}  # what follows from records was judged when they were, and waits as long as any of them does
    judged = judge(wiring, tx, window, found, alarmed=alarmed)
    if not judged.masses:
        return {}
    keys = held_keys(judged.masses, found.difference.all(), found.returning, judged.forms)
    return _hold(wiring, tx, window, judged.masses, keys | held_along(judged.masses, derived))


def _hold(
    wiring: Wiring, tx: Transaction, window: Window, masses: Collection[Mass], keys: Collection[KindKey]
) -> Mapping[str, Mapping[KindKey, str]]:
    """Open a held batch for each sink, under the name of the class if it concerns but one."""
    forms = {form for form, _, _ in masses}
    scope = next(iter(forms)).removeprefix(owner_class("")) if len(forms) == 1 else ""
    label = replace(window, scope=scope).label() if owner_class(scope) in forms else window.label()
    at, reason = wiring.clock.now(), ", ".join(sorted({f"{op} {kind}" for _, op, kind in masses}))
    held = {}
    for sink in every_sink(wiring, tx):
        batch = new_id(wiring)
        row = BatchRow(batch, wiring.school, sink, BatchState.HELD, batch, f"{label}: {reason}", at, at)
        tx.batches.add(row, (), b"", "")
        tx.audit.append("batch.held", {"batch": batch, "sink": sink, "window": label, "mass": reason}, at)
        held[sink] = dict.fromkeys(keys, batch)
    return held


def void_healed_holds(wiring: Wiring, tx: Transaction) -> None:
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
