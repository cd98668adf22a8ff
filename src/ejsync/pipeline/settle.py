"""settle (B2): write what came of an attempt: delivered versions, dead letters, the next try, or two halves."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from ejsync.domain.backoff import STEPS_S, retry_delay_s
from ejsync.domain.batches import BatchState, Item, ItemAnswer, ItemState, Parcel, Status, verdict
from ejsync.domain.changes import Op
from ejsync.domain.standing import BatchRow, ItemRow, OutboxEntry, Sendable, SinkMark
from ejsync.errors import Disposition, EjsyncError, SinkUnavailable
from ejsync.pipeline.claim import store_batch
from ejsync.pipeline.offer import offer_again, standing_change
from ejsync.pipeline.ports import Transaction, Wiring

GREATEST_VERSION = 2**53 - 2
"""The highest version a sink may name: the next one is still exact in every JSON reader."""
_LANDED = {Status.APPLIED, Status.UNCHANGED}


def settle_answers(
    wiring: Wiring, tx: Transaction, row: BatchRow, parcel: Parcel, answers: list[ItemAnswer]
) -> Counter[str]:
    """Settle a batch that was answered item by item."""
    at = wiring.clock.now()
    answers = [_believed(item, answer) for item, answer in zip(parcel.items, answers, strict=True)]
    rows = [_answered(item, answer) for item, answer in zip(parcel.items, answers, strict=True)]
    pairs = list(zip(rows, answers, strict=True))
    tx.batches.answer(row.batch, rows)
    landed = [item for item, answer in pairs if answer.status in _LANDED]
    tx.outbox.settle(row.sink, landed, at)
    tx.owed.settle(row.sink, [(item.kind, item.key, item.version) for item in landed])
    stale = [(item, answer.held_version or 0) for item, answer in pairs if _stale(answer)]
    mark = _mark(wiring, tx, row.sink, stale)
    _overtake(wiring, tx, row.sink, stale)
    dead = sum(item.state is ItemState.DEAD for item in rows)
    tx.batches.move(row, verdict(answers), settled_at=at, dead=dead, last_error=None)
    tx.marks.save_sink(mark)
    counts = Counter(answer.status.value for answer in answers)
    _witness(wiring, tx, row, counts, [item for item in rows if item.state is ItemState.DEAD])
    return counts


def _believed(item: Item, answer: ItemAnswer) -> ItemAnswer:
    """Take an answer as it is, but *stale* without a version to go beyond as a refusal: a person must look."""
    if not _stale(answer) or item.version <= (answer.held_version or 0) <= GREATEST_VERSION:
        return answer
    return replace(answer, status=Status.REJECTED, code="stale")


def _answered(item: Item, answer: ItemAnswer) -> ItemRow:
    state = ItemState.DEAD if answer.status is Status.REJECTED else ItemState.DELIVERED
    return ItemRow(
        item.position, item.op, item.kind, item.key, item.pupil, item.version, item.fingerprint,
        state, answer.code, answer.pointer,
    )  # fmt: skip


def _stale(answer: ItemAnswer) -> bool:
    return answer.status is Status.STALE


def _mark(wiring: Wiring, tx: Transaction, sink: str, stale: Sequence[tuple[ItemRow, int]]) -> SinkMark:
    """Tell how a sink that answered stands: one that outbids a version raised beyond its own has to wait."""
    at, delivered = wiring.clock.now(), tx.outbox.delivered(sink, [(item.kind, item.key) for item, _ in stale])
    raised = {key for key, row in delivered.items() if not row.fingerprint}  # nobody knows what the sink holds there
    if not any((i.kind, i.key) in raised and delivered[i.kind, i.key].version == i.version - 1 for i, _ in stale):
        return SinkMark(sink, None, 0, None, at)
    failures = tx.marks.sink(sink).failures + 1
    retry_at = at + timedelta(seconds=retry_delay_s(failures, wiring.rng))
    return SinkMark(sink, retry_at, failures, SinkUnavailable.code, at)


def _overtake(wiring: Wiring, tx: Transaction, sink: str, stale: Sequence[tuple[ItemRow, int]]) -> None:
    """Where the sink holds a version we never made (our store is older than it), go beyond it and send again."""
    held = {(item.kind, item.key): version for item, version in stale}
    known = tx.records.known_keys(held)
    behind = [
        replace(standing_change(row), version=held[key] + 1) for key, row in known.items() if row.version <= held[key]
    ]
    keys, at = [(change.kind, change.key) for change in behind], wiring.clock.now()
    tx.records.bump(behind, at)
    tx.outbox.doubt(sink, {key: held[key] for key in keys}, at)
    for name in wiring.sinks:  # versions are shared: what travels or waits for another sink must not fall behind
        offer_again(wiring, tx, name, keys)


def _doubt(tx: Transaction, row: BatchRow, parcel: Parcel, at: datetime) -> None:
    """An earlier attempt may have been applied before this refusal: until a later answer nobody knows."""
    if row.attempts > 1:
        tx.outbox.doubt(row.sink, {(item.kind, item.key): item.version for item in parcel.items}, at)


def _witness(wiring: Wiring, tx: Transaction, row: BatchRow, counts: Counter[str], dead: Sequence[ItemRow]) -> None:
    pseudonym = wiring.keyring.pseudonym
    details = {
        "batch": row.batch,
        "attempt": row.attempts,
        "counts": counts,
        "rejected": [[i.kind.value, pseudonym(f"{i.kind}:{i.key}"), i.version, i.code, i.pointer] for i in dead],
    }
    tx.audit.append("batch.settled", details, wiring.clock.now())


def settle_failure(wiring: Wiring, tx: Transaction, row: BatchRow, parcel: Parcel, error: EjsyncError) -> Counter[str]:
    """Settle an attempt that failed as a whole, by the disposition of its error."""
    if error.disposition is Disposition.DEAD_LETTER:
        return (
            _split(wiring, tx, row, parcel, error) if len(parcel.items) > 1 else _bury(wiring, tx, row, parcel, error)
        )
    delay_s = _delay_s(wiring, row, error)
    at = wiring.clock.now()
    due_at = at + timedelta(seconds=delay_s)
    tx.batches.move(row, BatchState.PENDING, due_at=due_at, last_error=error.code)
    before = tx.marks.sink(row.sink)
    tx.marks.save_sink(replace(before, retry_at=due_at, failures=before.failures + 1, error=error.code))
    tx.audit.append("batch.failed", _failure(row, error, due_at), at)
    return Counter(failed=1)


def _delay_s(wiring: Wiring, row: BatchRow, error: EjsyncError) -> float:
    """Refused credentials are asked again at the slowest step: only an operator mends them."""
    attempt = len(STEPS_S) if error.disposition is Disposition.HALT else row.attempts
    return retry_delay_s(attempt, wiring.rng, asked_s=getattr(error, "retry_after_s", None))


def _failure(row: BatchRow, error: EjsyncError, due_at: datetime | None) -> dict[str, Any]:
    return {
        "batch": row.batch,
        "attempt": row.attempts,
        "code": error.code,
        "reason": str(error.facts().get("reason", "")),
        "due_at": due_at.isoformat() if due_at else None,
    }


def _bury(wiring: Wiring, tx: Transaction, row: BatchRow, parcel: Parcel, error: EjsyncError) -> Counter[str]:
    at, reason = wiring.clock.now(), str(error.facts().get("reason", error.code))
    answers = [ItemAnswer(item.position, Status.REJECTED, code=reason) for item in parcel.items]
    tx.batches.answer(row.batch, [_answered(i, a) for i, a in zip(parcel.items, answers, strict=True)])
    _doubt(tx, row, parcel, at)
    tx.batches.move(row, BatchState.DEAD, settled_at=at, dead=len(answers), last_error=error.code)
    tx.audit.append("batch.failed", _failure(row, error, None), at)
    return Counter(rejected=len(answers))


def _split(wiring: Wiring, tx: Transaction, row: BatchRow, parcel: Parcel, error: EjsyncError) -> Counter[str]:
    """Halve a batch that was refused without saying which item; the halves' keys follow from the parent's.

    They keep the parent's place in the queue, and what the first half becomes stands before the second.
    """
    at = wiring.clock.now()
    tx.batches.move(row, BatchState.SPLIT, settled_at=at, last_error=error.code)
    tx.batches.mark_items(row.batch, ItemState.REQUEUED)
    _doubt(tx, row, parcel, at)
    sendables = still_current(tx, parcel.items)
    middle = (len(sendables) + 1) // 2
    halves = []
    for name, half, place in (("first", sendables[:middle], 2), ("second", sendables[middle:], 1)):
        if half:
            key = str(uuid5(UUID(row.idempotency_key), name))
            made_at = max(at, row.created_at) + timedelta(microseconds=place)  # of batches due together the newest goes
            child = BatchRow(
                key, row.school, row.sink, BatchState.PENDING, key, row.reason, made_at, row.due_at,
                replay_of=row.replay_of, split_of=row.batch,
            )  # fmt: skip
            store_batch(wiring, tx, child, half)
            halves.append(key)
    tx.audit.append("batch.split", {**_failure(row, error, None), "halves": halves}, at)
    return Counter(split=1)


def still_current(tx: Transaction, items: Sequence[Item] | Sequence[ItemRow]) -> list[Sendable]:
    """Return items whose version is still the newest, with their payloads; newer ones wait in the outbox already."""
    keys = [(item.kind, item.key) for item in items]
    known, payloads = tx.records.known_keys(keys), tx.records.payloads(keys)
    current = []
    for item in items:
        row = known.get((item.kind, item.key))
        if row is None or row.version != item.version:
            continue
        payload = payloads.get((item.kind, item.key), b"") if item.op is Op.UPSERT else b""
        entry = OutboxEntry(item.kind, item.key, item.pupil, item.op, item.version, item.fingerprint)
        current.append(Sendable(entry, payload))
    return current
