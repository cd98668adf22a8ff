"""isolate: find the item for which a sink refuses batches whole, by sending ever shorter parts of what was refused.

Of two halves the first goes. If it is refused too, the second is cleared: its items wait anew and go with others once
the search is over. If it is answered, the second is the suspect and is halved without being sent. Nothing later leaves
before what stands before it, and the bad item is found after as many requests as a batch can be halved, and one.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from ejsync.domain.batches import BatchState, ItemAnswer, ItemState, Status
from ejsync.domain.standing import BatchRow, ItemRow
from ejsync.domain.suspicion import DEDUCED, SURE_AFTER, is_searched
from ejsync.errors import EjsyncError, SinkRejected
from ejsync.pipeline.claim import call_off, still_current, store_batch
from ejsync.pipeline.ports import Transaction, Wiring

APART = "nothing else to ask by"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a batch goes no further as it is: the error's code and words, and what is said of its items by them.

    Attributes:
        refused: how many requests that held all of the items have been refused whole.
        applied: an earlier attempt, or this one, may have been applied all the same.
    """

    code: str
    reason: str
    refused: int = 0
    applied: bool = False


def verdict_of(row: BatchRow, error: EjsyncError) -> Verdict:
    """Return what an error says of a batch that it refuses, or is taken to refuse.

    What is too large is no bad item, and an unclear answer counts once at most: an item is never buried by it unsent.
    """
    reason = str(error.facts().get("reason", error.code))
    if not isinstance(error, SinkRejected):
        return Verdict(error.code, reason, refused=1, applied=True)
    refused = 0 if error.too_large else row.refused + 1
    return Verdict(error.code, reason, refused, applied=row.attempts > 1)


def refuse(wiring: Wiring, tx: Transaction, row: BatchRow, verdict: Verdict) -> Counter[str]:
    """Settle a batch that was refused whole: a single item dies, more are halved; what waited for it waits anew."""
    half = tx.batches.waiting_half(row)
    items = tx.batches.items(row.batch)
    counts = _bury(wiring, tx, row, verdict) if len(items) == 1 else _halve(wiring, tx, row, items, verdict)
    if half is not None:
        call_off(wiring, tx, half, "cleared")
    return counts


def part(wiring: Wiring, tx: Transaction, row: BatchRow) -> None:
    """Halve a stuck batch against which nothing is held: each half shows whether the other is to blame."""
    code = row.last_error or ""
    _halve(wiring, tx, row, tx.batches.items(row.batch), Verdict(code, APART, applied=True))


def suspect_rest(wiring: Wiring, tx: Transaction, row: BatchRow) -> None:
    """A first half was answered: of what was refused with it, the bad item is in the second half."""
    half = tx.batches.waiting_half(row)
    if half is None or not is_searched(half):
        return
    items = tx.batches.items(half.batch)
    if not still_current(tx, items):
        call_off(wiring, tx, half, "superseded")
    elif len(items) > 1:
        _halve(wiring, tx, half, items, Verdict(SinkRejected.code, DEDUCED, half.refused))
    elif half.refused >= SURE_AFTER:
        _bury(wiring, tx, half, Verdict(SinkRejected.code, DEDUCED))


def _bury(wiring: Wiring, tx: Transaction, row: BatchRow, verdict: Verdict) -> Counter[str]:
    at, items = wiring.clock.now(), tx.batches.items(row.batch)
    answers = [ItemAnswer(item.position, Status.REJECTED, code=verdict.reason) for item in items]
    tx.batches.answer(row.batch, [answered(i, a) for i, a in zip(items, answers, strict=True)])
    _take_down(tx, row, items, verdict, at)
    tx.batches.move(row, BatchState.DEAD, settled_at=at, dead=len(items), last_error=verdict.code)
    tx.audit.append("batch.failed", told(row, verdict.code, verdict.reason), at)
    return Counter(rejected=len(items))


def _take_down(tx: Transaction, row: BatchRow, items: Sequence[ItemRow], verdict: Verdict, at: datetime) -> None:
    """Write what follows for items that did not arrive: what waits in their place, and what nobody knows."""
    if verdict.applied:
        tx.outbox.doubt(row.sink, {(item.kind, item.key): item.version for item in items}, at)
    tx.outbox.backdate(row.sink, {(item.kind, item.key): item.moments for item in items})


def answered(item: ItemRow, answer: ItemAnswer) -> ItemRow:
    """Return an item with the sink's answer to it."""
    state = ItemState.DEAD if answer.status is Status.REJECTED else ItemState.DELIVERED
    return ItemRow(
        item.position, item.op, item.kind, item.key, item.pupil, item.version, item.fingerprint,
        state, answer.code, answer.pointer, item.moments,
    )  # fmt: skip


def _halve(wiring: Wiring, tx: Transaction, row: BatchRow, items: Sequence[ItemRow], verdict: Verdict) -> Counter[str]:
    """Make two batches of one, under keys that follow from its own.

    They keep its place in the queue. Where an item was overtaken meanwhile, it may have been the bad one: then nothing
    is held against the others.
    """
    at = wiring.clock.now()
    tx.batches.move(row, BatchState.SPLIT, settled_at=at, last_error=verdict.code)
    tx.batches.mark_items(row.batch, ItemState.REQUEUED)
    _take_down(tx, row, items, verdict, at)
    sendables = still_current(tx, items)
    refused = verdict.refused if len(sendables) == len(items) else 0
    middle = (len(sendables) + 1) // 2
    halves = []
    for name, half, place in (("first", sendables[:middle], 2), ("second", sendables[middle:], 1)):
        if half:
            key = str(uuid5(UUID(row.idempotency_key), name))
            made_at = max(at, row.created_at) + timedelta(microseconds=place)  # of batches due together the newest goes
            child = BatchRow(
                key, row.school, row.sink, BatchState.PENDING, key, row.reason, made_at, min(at, row.due_at),
                replay_of=row.replay_of, split_of=row.batch, refused=refused,
            )  # fmt: skip
            store_batch(wiring, tx, child, half)
            halves.append(key)
    tx.audit.append("batch.split", {**told(row, verdict.code, verdict.reason), "halves": halves}, at)
    return Counter(split=1)


def told(row: BatchRow, code: str, reason: str, due_at: datetime | None = None) -> dict[str, Any]:
    """Return what the audit is told of an attempt that brought no receipt."""
    return {
        "batch": row.batch,
        "attempt": row.attempts,
        "code": code,
        "reason": reason,
        "due_at": due_at.isoformat() if due_at else None,
    }
