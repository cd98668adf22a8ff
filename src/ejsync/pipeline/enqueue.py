"""enqueue: which changes must reach a sink, judged by what it was last seen to hold, not by what was ever seen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ejsync.domain.changes import Change, Op
from ejsync.domain.delays import Moments
from ejsync.domain.records import FINAL_RESULTS
from ejsync.domain.standing import Delivered, OutboxEntry, Priority
from ejsync.pipeline.ports import KindKey, Transaction


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What decides about the changes of one pass.

    Attributes:
        withheld: pupils whose records may not leave.
        held: the held batch of keys of which this very change waits for approval.
        standing: the held batch of keys that wait already and go on waiting in it.
        hidden: when the day of a change was last read without showing it, where that is known.
    """

    withheld: frozenset[str] = frozenset()
    held: Mapping[KindKey, str] = field(default_factory=dict)
    standing: Mapping[KindKey, str] = field(default_factory=dict)
    hidden: Mapping[KindKey, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Enqueued:
    """How many changes were queued, held, withheld, or needed no sending."""

    queued: int = 0
    held: int = 0
    withheld: int = 0
    settled: int = 0


def enqueue(
    tx: Transaction, sink: str, changes: Sequence[Change], circumstances: Circumstances, at: datetime
) -> Enqueued:
    """Queue changes for one sink; a newer change of a key replaces the one that waits."""
    if not changes:
        return Enqueued()
    keys = [(change.kind, change.key) for change in changes]
    delivered = tx.outbox.delivered(sink, keys)
    open_keys = tx.batches.open_keys(sink)
    entries: list[OutboxEntry] = []
    dropped: list[OutboxEntry] = []
    withheld = 0
    for change, key in zip(changes, keys, strict=True):
        closed = change.op is Op.UPSERT and change.pupil in circumstances.withheld
        withheld += closed
        entry = _entry(change, Op.RETRACT if closed else change.op, circumstances)
        if _needed(entry, delivered.get(key), in_doubt=key in open_keys):
            entries.append(entry)
        else:
            dropped.append(entry)
    tx.outbox.drop(sink, [(entry.kind, entry.key) for entry in dropped])
    tx.outbox.put(sink, entries, at)
    _owe(tx, sink, entries, dropped, at)
    held = sum(entry.hold is not None and entry.priority is not Priority.URGENT for entry in entries)
    return Enqueued(len(entries) - held, held, withheld, len(dropped))


def _owe(
    tx: Transaction, sink: str, entries: Sequence[OutboxEntry], dropped: Sequence[OutboxEntry], at: datetime
) -> None:
    """Let the 24 hours of final results run; what is withheld or needs no sending is owed no more."""
    ended = [entry for entry in entries if entry.priority is Priority.URGENT]
    owed = [entry for entry in entries if entry.priority is Priority.FINAL_RESULT]
    tx.owed.settle(sink, [(entry.kind, entry.key, entry.version) for entry in (*dropped, *ended)])
    tx.owed.begin(sink, [(entry.kind, entry.key, entry.version) for entry in owed], at)


def _entry(change: Change, op: Op, circumstances: Circumstances) -> OutboxEntry:
    priority = Priority.FINAL_RESULT if change.kind in FINAL_RESULTS else Priority.NORMAL
    key = (change.kind, change.key)
    hold = circumstances.held.get(key) or circumstances.standing.get(key)
    if op is Op.RETRACT and change.pupil in circumstances.withheld:
        # the end of a consent waits for nobody; that the key was held is remembered for a consent given again
        priority, hold = Priority.URGENT, circumstances.standing.get(key)
    moments = Moments(hidden_at=circumstances.hidden.get(key))
    return OutboxEntry(
        change.kind, change.key, change.pupil, op, change.version, change.fingerprint, priority, hold, moments
    )


def _needed(entry: OutboxEntry, at_sink: Delivered | None, *, in_doubt: bool) -> bool:
    if in_doubt:
        return True
    live = at_sink is not None and at_sink.live
    if entry.op is Op.RETRACT:
        return live
    return not (at_sink is not None and live and at_sink.fingerprint == entry.fingerprint)
