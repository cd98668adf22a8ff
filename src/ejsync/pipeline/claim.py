"""claim (B1): choose the next batch, store its key and bytes before the first byte is sent; ask consent again."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from ejsync.domain.batches import BatchState, ItemState, Parcel
from ejsync.domain.changes import Op
from ejsync.domain.consent import pupil_of
from ejsync.domain.standing import BatchRow, ItemRow, Sendable
from ejsync.pipeline.absorb import new_id
from ejsync.pipeline.gate import Gate, gate_in_effect
from ejsync.pipeline.offer import follow_consents, offer_again
from ejsync.pipeline.ports import Transaction, Wiring


@dataclass(frozen=True, slots=True)
class Claimed:
    """A batch that is ours to send now."""

    row: BatchRow
    parcel: Parcel


@dataclass(frozen=True, slots=True)
class Waiting:
    """Nothing to send now; `until` names the next try if something waits for one."""

    until: datetime | None = None


def claim(wiring: Wiring, tx: Transaction, sink: str) -> Claimed | Waiting:
    """Claim the next batch of a sink inside the caller's transaction."""
    now = wiring.clock.now()
    _recover(tx, sink, now)
    retry_at = tx.marks.sink(sink).retry_at
    if retry_at is not None and retry_at > now:
        return Waiting(retry_at)
    while pending := tx.batches.next_pending(sink):
        first = _new_batch(wiring, tx, sink, passing=True)  # ends of consents and final results wait behind no batch
        if isinstance(first, Claimed):
            return first
        if pending.due_at > now:
            return Waiting(pending.due_at)
        items = tx.batches.items(pending.batch)
        gate = follow_consents(wiring, tx, _pupils(item.pupil for item in items))
        if all(gate.lets_pass(item.pupil) for item in items if item.op is Op.UPSERT):
            return _send(wiring, tx, pending, gate)
        _call_off(wiring, tx, pending, items)
    return _new_batch(wiring, tx, sink)


def _pupils(pupils: Iterable[str | None]) -> set[str]:
    return {pupil for pupil in pupils if pupil is not None}


def _recover(tx: Transaction, sink: str, now: datetime) -> None:
    """Take back batches whose sender died: the lease is ours, and one thread serves a sink."""
    for row in tx.batches.in_flight(sink):
        tx.batches.move(row, BatchState.PENDING, due_at=now, last_error="answer unknown")
        tx.audit.append("batch.recovered", {"batch": row.batch, "attempts": row.attempts}, now)


def _send(wiring: Wiring, tx: Transaction, pending: BatchRow, gate: Gate) -> Claimed:
    """Send a stored batch; its first time (a replay, half of a split one) is witnessed with all it carries."""
    row = tx.batches.move(pending, BatchState.IN_FLIGHT, attempts=pending.attempts + 1, epoch=wiring.epoch)
    parcel = tx.batches.parcel(row.batch)
    witness_claim(wiring, tx, row, parcel, gate)
    return Claimed(row, parcel)


def _call_off(wiring: Wiring, tx: Transaction, pending: BatchRow, items: Sequence[ItemRow]) -> None:
    """A consent has ended: the stored bytes never go again; its other items are queued anew."""
    at = wiring.clock.now()
    tx.batches.move(pending, BatchState.CANCELLED, settled_at=at, last_error="consent")
    tx.batches.mark_items(pending.batch, ItemState.REQUEUED)
    versions = {(item.kind, item.key): item.version for item in items}
    if pending.attempts:
        tx.outbox.doubt(pending.sink, versions, at)
    offer_again(wiring, tx, pending.sink, list(versions))
    tx.audit.append("batch.cancelled", {"batch": pending.batch, "reason": "consent"}, at)


def _new_batch(wiring: Wiring, tx: Transaction, sink: str, *, passing: bool = False) -> Claimed | Waiting:
    sendables: list[Sendable] = []
    while not sendables:
        gate = _asked(wiring, tx, sink, passing=passing)
        taken = tx.outbox.take(sink, wiring.batch_items, passing=passing)
        if not taken:
            return Waiting()
        sendables = [item for item in taken if item.entry.op is Op.RETRACT or gate.lets_pass(item.entry.pupil)]
    at = wiring.clock.now()
    batch = new_id(wiring)
    row = BatchRow(
        batch, wiring.school, sink, BatchState.IN_FLIGHT, new_id(wiring), "changes", at, at,
        attempts=1, epoch=wiring.epoch, items=len(sendables),
    )  # fmt: skip
    parcel = store_batch(wiring, tx, row, sendables)
    witness_claim(wiring, tx, row, parcel, gate)
    return Claimed(row, parcel)


def _asked(wiring: Wiring, tx: Transaction, sink: str, *, passing: bool) -> Gate:
    """Follow the consents of those whose entries are next, before any is taken: a turn changes what waits."""
    asked: set[str] = set()
    while not (pupils := tx.outbox.next_pupils(sink, wiring.batch_items, passing=passing)) <= asked:
        follow_consents(wiring, tx, pupils)
        asked |= pupils
    return gate_in_effect(tx, asked)


def store_batch(wiring: Wiring, tx: Transaction, row: BatchRow, sendables: Sequence[Sendable]) -> Parcel:
    """Pack items and store them under the batch's key: these bytes, and no others, will travel."""
    body, encoding = wiring.sinks[row.sink].pack(wiring.school, row.batch, sendables)
    items = [
        ItemRow(position, e.op, e.kind, e.key, e.pupil, e.version, e.fingerprint, ItemState.WAITING)
        for position, e in enumerate(item.entry for item in sendables)
    ]
    tx.batches.add(replace(row, items=len(items)), items, body, encoding)
    return tx.batches.parcel(row.batch)


def witness_claim(wiring: Wiring, tx: Transaction, row: BatchRow, parcel: Parcel, gate: Gate) -> None:
    """Write what leaves, whose it is and on what ground: records and pupils as pseudonyms, consents by number."""
    pseudonym = wiring.keyring.pseudonym
    items = []
    for item in parcel.items:
        found = gate.of(item.pupil)
        whose = pseudonym(pupil_of(item.pupil)) if item.pupil is not None else None
        ground = found.consent_number if found and found.allowed else None
        items.append(
            [item.op.value, item.kind.value, pseudonym(f"{item.kind}:{item.key}"), item.version, whose, ground]
        )
    details = {
        "batch": row.batch,
        "sink": row.sink,
        "attempt": row.attempts,
        "body_sha256": sha256(parcel.body).hexdigest(),
        "items": items,
    }
    tx.audit.append("batch.claimed", details, wiring.clock.now())
