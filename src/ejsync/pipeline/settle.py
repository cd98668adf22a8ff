"""settle (B2): write what came of an attempt: delivered versions, dead letters, the next try, the next size."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from ejsync.domain.backoff import STEPS_S, retry_delay_s
from ejsync.domain.batch_sizes import after_answer, eased, halved
from ejsync.domain.batches import BatchState, Item, ItemAnswer, ItemState, Status, verdict
from ejsync.domain.standing import BatchRow, ItemRow, SinkMark
from ejsync.domain.suspicion import is_its_own_trouble, is_refusal, is_stuck, is_unclear
from ejsync.errors import Disposition, EjsyncError, SinkRejected, SinkThrottled, SinkUnavailable
from ejsync.pipeline.admission import note
from ejsync.pipeline.claim import Claimed
from ejsync.pipeline.isolate import answered, refuse, suspect_rest, told, verdict_of
from ejsync.pipeline.offer import every_sink, offer_again, standing_change
from ejsync.pipeline.ports import Transaction, Wiring

GREATEST_VERSION = 2**53 - 2
"""The highest version a sink may name: the next one is still exact in every JSON reader."""
_LANDED = {Status.APPLIED, Status.UNCHANGED}


def settle_answers(
    wiring: Wiring, tx: Transaction, claimed: Claimed, answers: list[ItemAnswer], *, took_s: float = 0.0
) -> Counter[str]:
    """Settle a batch that was answered item by item, `took_s` seconds after it was sent."""
    row, parcel = claimed.row, claimed.parcel
    at = wiring.clock.now()
    answers = [_believed(item, answer) for item, answer in zip(parcel.items, answers, strict=True)]
    rows = [answered(item, answer) for item, answer in zip(tx.batches.items(row.batch), answers, strict=True)]
    pairs = list(zip(rows, answers, strict=True))
    tx.batches.answer(row.batch, rows)
    landed = [item for item, answer in pairs if answer.status in _LANDED]
    tx.outbox.settle(row.sink, landed, at)
    tx.owed.settle(row.sink, [(item.kind, item.key, item.version) for item in landed])
    stale = [(item, answer.held_version or 0) for item, answer in pairs if _stale(answer)]
    mark = _sized(wiring, _mark(wiring, tx, row.sink, stale), row, took_s)
    _overtake(wiring, tx, row.sink, stale)
    tx.delays.note(row.sink, [(item.kind, item.moments) for item in landed], at, wiring.zone)
    _wait_on(tx, row.sink, [item for item, answer in pairs if answer.status not in _LANDED])
    dead = sum(item.state is ItemState.DEAD for item in rows)
    tx.batches.move(row, verdict(answers), settled_at=at, dead=dead, last_error=None)
    _save_well(tx, mark, at)
    counts = Counter(answer.status.value for answer in answers)
    _witness(wiring, tx, row, counts, [item for item in rows if item.state is ItemState.DEAD])
    note(wiring, tx, row.sink, None)
    suspect_rest(wiring, tx, row)
    return counts


def _sized(wiring: Wiring, mark: SinkMark, row: BatchRow, took_s: float) -> SinkMark:
    most = wiring.batch_items
    limit = min(most, mark.batch_items or most)
    limit = after_answer(limit, row.items, most=most, took_s=took_s, slow_s=wiring.slow_s)
    return replace(mark, batch_items=limit if limit < most else None)


def _save_well(tx: Transaction, mark: SinkMark, at: datetime) -> None:
    """Save the mark of a sink that answered; if it did not before, what waited for it need not wait any longer."""
    if tx.marks.sink(mark.sink).failures and not mark.failures:
        tx.batches.hasten(mark.sink, at, unless=SinkThrottled.code)
    tx.marks.save_sink(mark)


def _wait_on(tx: Transaction, sink: str, items: Sequence[ItemRow]) -> None:
    """What waits in the place of items that did not arrive has waited since they were seen."""
    tx.outbox.backdate(sink, {(item.kind, item.key): item.moments for item in items})


def _believed(item: Item, answer: ItemAnswer) -> ItemAnswer:
    """Take an answer as it is, but *stale* without a version to go beyond as a refusal: a person must look."""
    if not _stale(answer) or item.version <= (answer.held_version or 0) <= GREATEST_VERSION:
        return answer
    return replace(answer, status=Status.REJECTED, code="stale")


def _stale(answer: ItemAnswer) -> bool:
    return answer.status is Status.STALE


def _mark(wiring: Wiring, tx: Transaction, sink: str, stale: Sequence[tuple[ItemRow, int]]) -> SinkMark:
    """Tell how a sink that answered stands: one that outbids a version raised beyond its own has to wait."""
    at, before = wiring.clock.now(), tx.marks.sink(sink)
    delivered = tx.outbox.delivered(sink, [(item.kind, item.key) for item, _ in stale])
    raised = {key for key, row in delivered.items() if not row.fingerprint}  # nobody knows what the sink holds there
    if not any((i.kind, i.key) in raised and delivered[i.kind, i.key].version == i.version - 1 for i, _ in stale):
        return replace(before, retry_at=None, failures=0, error=None, delivered_at=at)
    failures = before.failures + 1
    retry_at = at + timedelta(seconds=retry_delay_s(failures, wiring.rng))
    return replace(before, retry_at=retry_at, failures=failures, error=SinkUnavailable.code, delivered_at=at)


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
    if keys and not tx.store_marks.in_doubt(sink):
        tx.store_marks.doubt("sink_is_ahead", at)
    for name in every_sink(wiring, tx):  # versions are shared: nothing that waits may fall behind
        offer_again(wiring, tx, name, keys)


def _witness(wiring: Wiring, tx: Transaction, row: BatchRow, counts: Counter[str], dead: Sequence[ItemRow]) -> None:
    pseudonym = wiring.keyring.pseudonym
    details = {
        "batch": row.batch,
        "attempt": row.attempts,
        "counts": counts,
        "rejected": [[i.kind.value, pseudonym(f"{i.kind}:{i.key}"), i.version, i.code, i.pointer] for i in dead],
    }
    tx.audit.append("batch.settled", details, wiring.clock.now())


def settle_failure(wiring: Wiring, tx: Transaction, claimed: Claimed, error: EjsyncError) -> Counter[str]:
    """Settle an attempt that failed as a whole, by the disposition of its error."""
    row, before = claimed.row, tx.marks.sink(claimed.row.sink)
    note(wiring, tx, row.sink, error)
    if error.disposition is Disposition.DEAD_LETTER:
        well = replace(_shrunk(wiring, before, row, error), retry_at=None, failures=0, error=None)
        _save_well(tx, well, wiring.clock.now())  # a refusal is an answer
        return refuse(wiring, tx, row, verdict_of(row, error))
    if is_refusal(row, error.code, before.failures):
        return refuse(wiring, tx, row, verdict_of(row, error))
    _try_again(wiring, tx, row, _shrunk(wiring, before, row, error), error)
    return Counter(failed=1)


def _try_again(wiring: Wiring, tx: Transaction, row: BatchRow, mark: SinkMark, error: EjsyncError) -> None:
    """Let a batch wait for its next try, and its sink with it, unless the trouble is the batch's own."""
    at = wiring.clock.now()
    due_at = at + timedelta(seconds=_delay_s(wiring, tx, row, mark, error))
    waiting = tx.batches.move(row, BatchState.PENDING, due_at=due_at, last_error=error.code)
    tx.audit.append("batch.failed", told(row, error.code, str(error.facts().get("reason", "")), due_at), at)
    failures = mark.failures + 1
    if is_unclear(error.code) and is_stuck(waiting):
        mark = replace(mark, retry_at=None, failures=failures, error=error.code)  # a probe asks how the sink is
    elif is_unclear(error.code) or not is_its_own_trouble(row, mark.failures):
        mark = replace(mark, retry_at=due_at, failures=failures, error=error.code)
    elif isinstance(error, SinkThrottled):  # the wish is for all, and no longer than it was asked for
        mark = replace(mark, retry_at=at + timedelta(seconds=error.retry_after_s or 0.0), error=error.code)
    tx.marks.save_sink(mark)


def _shrunk(wiring: Wiring, mark: SinkMark, row: BatchRow, error: EjsyncError) -> SinkMark:
    """Return the mark with a smaller next batch where this one was too large, or too much to be answered in time."""
    limit = min(wiring.batch_items, mark.batch_items or wiring.batch_items)
    if isinstance(error, SinkRejected) and error.too_large:
        return replace(mark, batch_items=halved(limit, row.items))
    if isinstance(error, SinkUnavailable) and error.timed_out and eased(limit, row.items) < limit:
        return replace(mark, batch_items=eased(limit, row.items))
    return mark


def _delay_s(wiring: Wiring, tx: Transaction, row: BatchRow, mark: SinkMark, error: EjsyncError) -> float:
    """Refused credentials are asked again at the slowest step: only an operator mends them."""
    halting = error.disposition is Disposition.HALT
    attempt = len(STEPS_S) if halting else max(row.attempts, mark.failures + 1)
    at = wiring.clock.now()
    deadline = tx.owed.next_deadline(row.sink, at)
    asked_s = error.retry_after_s if isinstance(error, SinkThrottled) else None
    left_s = (deadline - at).total_seconds() if deadline else None
    return retry_delay_s(attempt, wiring.rng, asked_s=asked_s, left_s=left_s)
