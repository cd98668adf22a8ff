"""replay: send dead letters again as a new batch linked to the old one; decide about held batches."""

from dataclasses import dataclass

from ejsync.domain.batches import BatchState, ItemState, transition
from ejsync.domain.changes import Op
from ejsync.domain.standing import BatchRow
from ejsync.errors import IllegalTransition
from ejsync.pipeline.absorb import new_id
from ejsync.pipeline.claim import store_batch
from ejsync.pipeline.gate import gate_in_effect
from ejsync.pipeline.ports import Transaction, Wiring
from ejsync.pipeline.settle import still_current


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay did: the new batch (None if nothing was left to send), and items by fate."""

    of: str
    batch: str | None
    sent: int
    superseded: int
    withheld: int


def replay(wiring: Wiring, batch: str) -> Replayed:
    """Send the dead letters of a batch again. Safe beside a running daemon, and twice in a row sends once.

    Raises:
        NotFound: there is no such batch.
        StoreError: the database cannot be used.
    """
    at = wiring.clock.now()
    with wiring.store.begin(wiring.school) as tx:
        row = tx.batches.get(batch)
        dead = [item for item in tx.batches.items(row.batch) if item.state is ItemState.DEAD]
        gate = gate_in_effect(tx, (item.pupil for item in dead))
        allowed = [item for item in dead if item.op is Op.RETRACT or gate.lets_pass(item.pupil)]
        sendables = still_current(tx, allowed)
        tx.batches.mark_items(row.batch, ItemState.REPLAYED, only=ItemState.DEAD)
        new = new_id(wiring) if sendables else None
        if new is not None:
            child = BatchRow(
                new, row.school, row.sink, BatchState.PENDING, new_id(wiring), f"replay: {row.reason}", at, at,
                replay_of=row.batch,
            )  # fmt: skip
            store_batch(wiring, tx, child, sendables)
        done = Replayed(row.batch, new, len(sendables), len(allowed) - len(sendables), len(dead) - len(allowed))
        details = {"batch": row.batch, "replay": new, "sent": done.sent, "superseded": done.superseded}
        tx.audit.append("batch.replayed", {**details, "withheld": done.withheld}, at)
    return done


def approve(wiring: Wiring, batch: str) -> int:
    """Let a held batch go to the outbox and return how many changes it freed.

    Raises:
        NotFound: there is no such batch.
        IllegalTransition: it is not held.
    """
    return _decide(wiring, batch, BatchState.APPROVED)


def discard(wiring: Wiring, batch: str) -> int:
    """Give up a held batch, or the dead letters of a settled one, and return how many items that concerned.

    Raises:
        NotFound: there is no such batch.
        IllegalTransition: it is neither held nor has it dead letters.
    """
    with wiring.store.begin(wiring.school) as tx:
        row = tx.batches.get(batch)
        dead = [item for item in tx.batches.items(row.batch) if item.state is ItemState.DEAD]
        if row.state is not BatchState.HELD:
            if not dead:
                raise IllegalTransition(batch=row.batch, current=row.state, wanted="discarded")
            tx.batches.mark_items(row.batch, ItemState.DISCARDED, only=ItemState.DEAD)
            tx.owed.settle(row.sink, [(item.kind, item.key, item.version) for item in dead])
            tx.audit.append("batch.discarded", {"batch": row.batch, "items": len(dead)}, wiring.clock.now())
            return len(dead)
    return _decide(wiring, batch, BatchState.CANCELLED)


def _decide(wiring: Wiring, batch: str, wanted: BatchState) -> int:
    at = wiring.clock.now()
    with wiring.store.begin(wiring.school) as tx:
        row = tx.batches.get(batch)
        if row.state is not BatchState.HELD:
            raise IllegalTransition(batch=row.batch, current=row.state, wanted=wanted)
        transition(row.batch, row.state, wanted)
        approved = wanted is BatchState.APPROVED
        count = tx.outbox.release(row.batch) if approved else _give_up(tx, row)
        tx.batches.move(row, wanted, settled_at=at, items=count)
        event = "batch.approved" if approved else "batch.discarded"
        tx.audit.append(event, {"batch": row.batch, "items": count}, at)
    return count


def _give_up(tx: Transaction, row: BatchRow) -> int:
    tx.owed.settle(row.sink, [(entry.kind, entry.key, entry.version) for entry in tx.outbox.held_entries(row.batch)])
    return tx.outbox.discard(row.batch)
