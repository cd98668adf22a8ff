"""claim (B1): choose the next batch, store its key and bytes before the first byte is sent; ask consent again."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from ejsync.domain.backoff import still_waits
from ejsync.domain.batches import BatchState, Item, ItemState, Parcel
from ejsync.domain.breaker import Admission
from ejsync.domain.changes import Op
from ejsync.domain.consent import pupil_of
from ejsync.domain.standing import BatchRow, Choice, ItemRow, OutboxEntry, Sendable, SinkMark
from ejsync.domain.suspicion import PROBE, PROBE_ITEMS, asked_to_wait, is_searched, is_stuck, is_unclear, may_be_halved
from ejsync.pipeline.absorb import new_id
from ejsync.pipeline.admission import admitted, begin_probe, breaker_of
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


@dataclass(frozen=True, slots=True)
class Alone:
    """A stuck batch is due that is to go on in halves."""

    row: BatchRow


@dataclass(frozen=True, slots=True)
class _Wish:
    """What kind of new batch is wanted; `most` bounds it beside the settings and the sink's own limit."""

    which: Choice = Choice.ALL
    most: int = sys.maxsize
    reason: str = "changes"


_ANY, _PASSING, _APART = _Wish(), _Wish(Choice.PASSING), _Wish(Choice.APART)
_PROBE = _Wish(Choice.APART, PROBE_ITEMS, PROBE)


def claim(wiring: Wiring, tx: Transaction, sink: str) -> Claimed | Alone | Waiting:
    """Claim the next batch of a sink inside the caller's transaction."""
    now = wiring.clock.now()
    _recover(tx, sink, now)
    mark = tx.marks.sink(sink)
    if still_waits(mark.retry_at, now, asked=asked_to_wait(mark.error)):
        return Waiting(mark.retry_at)
    breaker = breaker_of(wiring, tx, sink)
    admission = admitted(wiring, breaker)
    if breaker is not None and admission is Admission.WAIT:
        anything = tx.batches.next_pending(sink) or tx.outbox.waiting().get(sink)
        return Waiting(breaker.retry_at if anything else None)
    found = _chosen(wiring, tx, mark)
    if breaker is not None and admission is Admission.PROBE and isinstance(found, Claimed):
        begin_probe(wiring, tx, breaker)
    return found


def _chosen(wiring: Wiring, tx: Transaction, mark: SinkMark) -> Claimed | Alone | Waiting:
    """Claim the next pending batch that may leave, or a new one that passes it."""
    now, sink = wiring.clock.now(), mark.sink
    while pending := tx.batches.next_pending(sink):
        waits = still_waits(pending.due_at, now, asked=asked_to_wait(pending.last_error))
        for wish in _wishes(pending, mark, waits=waits):
            first = _new_batch(wiring, tx, mark, wish)
            if isinstance(first, Claimed):
                return first
        if waits:
            return Waiting(pending.due_at)
        if _goes_in_halves(tx, pending, mark):
            return Alone(pending)
        pending = _or_its_other_half(tx, pending, mark)
        if not tx.batches.opens(pending.batch):
            call_off(wiring, tx, pending, "sealed")
            continue
        items = tx.batches.items(pending.batch)
        gate = follow_consents(wiring, tx, _pupils(item.pupil for item in items))
        if all(gate.lets_pass(item.pupil) for item in items if item.op is Op.UPSERT):
            return _send(wiring, tx, pending, gate)
        call_off(wiring, tx, pending, "consent")
    return _new_batch(wiring, tx, mark, _ANY)


def _goes_in_halves(tx: Transaction, pending: BatchRow, mark: SinkMark) -> bool:
    """Tell whether a stuck batch is parted: the sink answers all others, or there is nothing else to ask it by."""
    if not may_be_halved(pending):
        return False
    if mark.failures:
        return len(tx.batches.find((BatchState.PENDING,), sink=mark.sink)) == 1
    return not is_unclear(pending.last_error)


def _or_its_other_half(tx: Transaction, pending: BatchRow, mark: SinkMark) -> BatchRow:
    """Return the batch or the half that waits for it, in turns, where only that tells a bad item from a sick sink."""
    if not (mark.failures and is_searched(pending) and is_stuck(pending)):
        return pending
    half = tx.batches.waiting_half(pending)
    return half if half is not None and half.attempts < pending.attempts else pending


def _wishes(pending: BatchRow, mark: SinkMark, *, waits: bool) -> Iterator[_Wish]:
    """Say what may pass a pending batch.

    Ends of consents and final results wait behind no batch; but while a bad item is searched for, which is a matter
    of moments, nothing is sent between the parts. A stuck batch is passed by a probe where the sink answers nobody,
    and by everything that is no part of it where the sink answers all others.
    """
    if waits or not is_searched(pending):
        yield _PASSING
    if is_stuck(pending) and (waits or mark.failures):
        yield _PROBE if mark.failures else _APART


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


def call_off(wiring: Wiring, tx: Transaction, pending: BatchRow, reason: str) -> None:
    """Give a pending batch up: its stored bytes never go again, its items are queued anew as they stand now.

    A second half that waits for it goes the same way: nothing later leaves before it.
    """
    at, items = wiring.clock.now(), tx.batches.items(pending.batch)
    half = tx.batches.waiting_half(pending)
    tx.batches.move(pending, BatchState.CANCELLED, settled_at=at, last_error=reason)
    tx.batches.mark_items(pending.batch, ItemState.REQUEUED)
    versions = {(item.kind, item.key): item.version for item in items}
    if pending.attempts:
        tx.outbox.doubt(pending.sink, versions, at)
    offer_again(wiring, tx, pending.sink, list(versions))
    tx.outbox.backdate(pending.sink, {(item.kind, item.key): item.moments for item in items})
    tx.audit.append("batch.cancelled", {"batch": pending.batch, "reason": reason}, at)
    if half is not None:
        call_off(wiring, tx, half, reason)


def _new_batch(wiring: Wiring, tx: Transaction, mark: SinkMark, wish: _Wish) -> Claimed | Waiting:
    sendables: list[Sendable] = []
    sink, limit = mark.sink, min(wiring.batch_items, mark.batch_items or wiring.batch_items, wish.most)
    while not sendables:
        gate = _asked(wiring, tx, sink, limit, wish.which)
        taken = tx.outbox.take(sink, limit, wish.which)
        if not taken:
            return Waiting()
        sendables = [item for item in taken if item.entry.op is Op.RETRACT or gate.lets_pass(item.entry.pupil)]
    at = wiring.clock.now()
    batch = new_id(wiring)
    row = BatchRow(
        batch, wiring.school, sink, BatchState.IN_FLIGHT, new_id(wiring), wish.reason, at, at,
        attempts=1, epoch=wiring.epoch, items=len(sendables),
    )  # fmt: skip
    parcel = store_batch(wiring, tx, row, sendables)
    witness_claim(wiring, tx, row, parcel, gate)
    return Claimed(row, parcel)


def _asked(wiring: Wiring, tx: Transaction, sink: str, limit: int, which: Choice) -> Gate:
    """Follow the consents of those whose entries are next, before any is taken: a turn changes what waits."""
    asked: set[str] = set()
    while not (pupils := tx.outbox.next_pupils(sink, limit, which)) <= asked:
        follow_consents(wiring, tx, pupils)
        asked |= pupils
    return gate_in_effect(tx, asked)


def store_batch(wiring: Wiring, tx: Transaction, row: BatchRow, sendables: Sequence[Sendable]) -> Parcel:
    """Pack items and store them under the batch's key: these bytes, and no others, will travel."""
    body, encoding = wiring.sinks[row.sink].pack(wiring.school, row.batch, sendables)
    items = [
        ItemRow(position, e.op, e.kind, e.key, e.pupil, e.version, e.fingerprint, ItemState.WAITING, moments=e.moments)
        for position, e in enumerate(item.entry for item in sendables)
    ]
    tx.batches.add(replace(row, items=len(items)), items, body, encoding)
    return tx.batches.parcel(row.batch)


def still_current(tx: Transaction, items: Sequence[Item] | Sequence[ItemRow]) -> list[Sendable]:
    """Return items whose version is still the newest, with their payloads; newer ones wait in the outbox already.

    What cannot be opened any more, because a pupil's key was destroyed, is no item.
    """
    keys = [(item.kind, item.key) for item in items]
    known, payloads = tx.records.known_keys(keys), tx.records.payloads(keys)
    current = []
    for item in items:
        row = known.get((item.kind, item.key))
        if row is None or row.version != item.version:
            continue
        payload = payloads.get((item.kind, item.key), b"") if item.op is Op.UPSERT else b""
        if item.op is Op.UPSERT and not payload:
            continue
        entry = OutboxEntry(
            item.kind, item.key, item.pupil, item.op, item.version, item.fingerprint, moments=item.moments
        )
        current.append(Sendable(entry, payload))
    return current


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
