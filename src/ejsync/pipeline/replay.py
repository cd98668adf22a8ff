"""replay: send dead letters again as a new batch linked to the old one; decide about held and about stuck batches."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ejsync.domain.batches import BatchState, ItemState
from ejsync.domain.changes import Op
from ejsync.domain.decisions import ALL, Fate, Reason, Selection, Standing, fate
from ejsync.domain.records import Kind
from ejsync.domain.standing import BatchRow
from ejsync.errors import IllegalTransition
from ejsync.pipeline.absorb import new_id
from ejsync.pipeline.claim import still_current, store_batch
from ejsync.pipeline.gate import gate_in_effect
from ejsync.pipeline.offer import offer_again
from ejsync.pipeline.ports import KindKey, Transaction, Wiring

GIVEN_UP = "discarded"
"""What stands as the last error of a batch that an operator gave up while it waited for its next try."""
Planned = Counter[tuple[str, Kind, Reason, Fate]]
"""Dead letters by sink, kind, reason, and what a replay would do with them."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay did: the new batch (None if none was needed), and items by fate."""

    of: str
    batch: str | None
    sent: int
    superseded: int
    withheld: int
    held: int


def plan(wiring: Wiring, selection: Selection) -> Planned:
    """Count what a replay would do, reading one item after another; nothing is changed.

    Raises:
        StoreError: the database cannot be used.
    """
    with wiring.store.read(wiring.school) as tx:
        return Counter(
            (one.sink, one.kind, one.reason or "", fate(one)) for one in tx.decisions.standings(_dead(selection))
        )


def replay(wiring: Wiring, batch: str, selection: Selection = ALL) -> Replayed:
    """Send the chosen dead letters of a batch again. Safe beside a running daemon, and twice in a row sends once.

    What another batch carries or what waits already goes no second time; what follows an older version that is under
    way goes behind it.

    Raises:
        NotFound: there is no such batch.
        StoreError: the database cannot be used.
    """
    at = wiring.clock.now()
    with wiring.store.begin(wiring.school) as tx:
        row = tx.batches.get(batch)
        dead = list(tx.decisions.standings(_dead(selection, row.batch)))
        fates = Counter(map(fate, dead))
        going = [one for one in dead if fate(one) is Fate.SENT]
        tx.decisions.mark(row.batch, [one.position for one in dead], ItemState.REPLAYED)
        new = _send_again(wiring, tx, row, [one.position for one in going if one.travels is None])
        offer_again(wiring, tx, row.sink, _keys(one for one in going if one.travels is not None))
        done = Replayed(
            row.batch, new, fates[Fate.SENT], fates[Fate.SUPERSEDED], fates[Fate.WITHHELD], fates[Fate.HELD]
        )
        details = {"batch": row.batch, "replay": new, "sent": done.sent, "superseded": done.superseded}
        tx.audit.append("batch.replayed", {**details, "withheld": done.withheld, "held": done.held}, at)
    return done


def _dead(selection: Selection, batch: str | None = None) -> Selection:
    """Choose dead letters; of one batch whatever its state and age, for it was chosen by them before."""
    if batch is None:
        return replace(selection, dead=True, items=(ItemState.DEAD,))
    return Selection(batch=batch, items=(ItemState.DEAD,), kind=selection.kind, reason=selection.reason)


def _keys(standings: Iterable[Standing]) -> list[KindKey]:
    return [(one.kind, one.key) for one in standings]


def _send_again(wiring: Wiring, tx: Transaction, row: BatchRow, positions: Sequence[int]) -> str | None:
    if not positions:
        return None
    at, new, wanted = wiring.clock.now(), new_id(wiring), set(positions)
    sendables = still_current(tx, [item for item in tx.batches.items(row.batch) if item.position in wanted])
    child = BatchRow(
        new, row.school, row.sink, BatchState.PENDING, new_id(wiring), f"replay: {row.reason}", at, at,
        replay_of=row.batch,
    )  # fmt: skip
    store_batch(wiring, tx, child, sendables)
    return new


def approve(wiring: Wiring, batch: str) -> int:
    """Let a held batch go to the outbox and return how many changes it freed.

    Raises:
        NotFound: there is no such batch.
        IllegalTransition: it is not held.
    """
    at = wiring.clock.now()
    with wiring.store.begin(wiring.school) as tx:
        row = tx.batches.get(batch)
        count = tx.outbox.release(row.batch, at)
        tx.batches.move(row, BatchState.APPROVED, settled_at=at, items=count)
        tx.audit.append("batch.approved", {"batch": row.batch, "items": count}, at)
    return count


def discard(wiring: Wiring, batch: str, selection: Selection = ALL) -> int:
    """Give up a held batch, one that waits after a failure, or the chosen dead letters of a settled one.

    Returns:
        How many items that concerned.

    Raises:
        NotFound: there is no such batch.
        IllegalTransition: there is nothing of it to give up.
    """
    at = wiring.clock.now()
    with wiring.store.begin(wiring.school) as tx:
        row = tx.batches.get(batch)
        if row.state is BatchState.HELD:
            count = _give_up_held(wiring, tx, row)
        elif stuck(row):
            count = _give_up_stuck(wiring, tx, row)
        else:
            count = _give_up_dead(wiring, tx, row, selection)
        tx.audit.append("batch.discarded", {"batch": row.batch, "items": count}, at)
    return count


def stuck(row: BatchRow) -> bool:
    """Tell whether a batch waits for another try after a failed one: one that was never tried is on its way."""
    return row.state is BatchState.PENDING and row.attempts > 0


def _give_up_held(wiring: Wiring, tx: Transaction, row: BatchRow) -> int:
    entries = tx.outbox.held_entries(row.batch)
    tx.owed.settle(row.sink, [(entry.kind, entry.key, entry.version) for entry in entries])
    count = tx.outbox.discard(row.batch)
    tx.batches.move(row, BatchState.CANCELLED, settled_at=wiring.clock.now(), items=count)
    return count


def _give_up_dead(wiring: Wiring, tx: Transaction, row: BatchRow, selection: Selection) -> int:
    dead = list(tx.decisions.standings(_dead(selection, row.batch)))
    if not dead:
        raise IllegalTransition(batch=row.batch, current=row.state, wanted=GIVEN_UP)
    ends = [one for one in dead if one.op is Op.RETRACT and not one.allowed]  # the end of a consent is not given up
    given_up = [one for one in dead if one not in ends]
    tx.decisions.mark(row.batch, [one.position for one in given_up], ItemState.DISCARDED)
    tx.decisions.mark(row.batch, [one.position for one in ends], ItemState.REQUEUED)
    tx.owed.settle(row.sink, [(one.kind, one.key, one.version) for one in given_up])
    offer_again(wiring, tx, row.sink, _keys(ends))
    return len(given_up)


def _give_up_stuck(wiring: Wiring, tx: Transaction, row: BatchRow) -> int:
    """Call a batch off; a try may have arrived, so nobody knows what the sink holds and every later change is sent.

    The end of a consent is not given up with it: it is queued anew.
    """
    at, items = wiring.clock.now(), tx.batches.items(row.batch)
    gate = gate_in_effect(tx, (item.pupil for item in items))
    ends = [item for item in items if item.op is Op.RETRACT and not gate.lets_pass(item.pupil)]
    given_up = [item for item in items if item not in ends]
    tx.batches.move(row, BatchState.CANCELLED, settled_at=at, last_error=GIVEN_UP)
    tx.decisions.mark(row.batch, [item.position for item in given_up], ItemState.DISCARDED)
    tx.decisions.mark(row.batch, [item.position for item in ends], ItemState.REQUEUED)
    tx.outbox.doubt(row.sink, {(item.kind, item.key): item.version for item in items}, at)
    tx.owed.settle(row.sink, [(item.kind, item.key, item.version) for item in given_up])
    offer_again(wiring, tx, row.sink, [(item.kind, item.key) for item in ends])
    return len(given_up)
