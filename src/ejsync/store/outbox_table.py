"""Changes waiting for a sink, and what each sink was last seen to hold."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    and_,
    bindparam,
    case,
    delete,
    func,
    not_,
    or_,
    select,
    tuple_,
    update,
)  # fmt: skip

from ejsync.domain.batches import OPEN, ItemState
from ejsync.domain.changes import Op, outbox_rank
from ejsync.domain.delays import Moments
from ejsync.domain.records import Kind
from ejsync.domain.standing import Choice, Delivered, ItemRow, OutboxEntry, Priority, Sendable
from ejsync.pipeline.ports import KindKey
from ejsync.store.record_table import place_of
from ejsync.store.statements import chunked, keys_by_kind, merge_into, table_of, upsert_into
from ejsync.store.tables import BatchItemRow, BatchTableRow, DeliveredRow, OutboxRow, RecordRow
from ejsync.vault import SchoolKeys

O, D, R = table_of(OutboxRow).c, table_of(DeliveredRow).c, table_of(RecordRow).c  # noqa: E741 - one letter a table
B, I = table_of(BatchTableRow).c, table_of(BatchItemRow).c  # noqa: E741 - as above
UNKNOWN = ""
"""A fingerprint that no record has: the sink holds something, and nobody knows what."""
_URGENT, _FINAL = (O.priority == priority.value for priority in (Priority.URGENT, Priority.FINAL_RESULT))
_FREE = or_(O.hold.is_(None), _URGENT)
"""What may go: the end of a consent does not wait for approval, it only remembers which hold its key was in."""
_READABLE = or_(O.op == Op.RETRACT.value, func.length(R.payload) > 0)
"""What can be sent: a record whose content was lost waits until it is read again."""
_ENTRY = (O.kind, O.key, O.pupil, O.op, O.version, O.fingerprint, O.priority, O.hold, O.seen_at, O.hidden_at)


_CONTENT = (R.pupil.label("subject"), R.payload)


@cache  # to build such a statement takes longer than to execute it
def _choosing(which: Choice, more: tuple[ColumnElement[Any], ...]) -> Select[Any]:
    same = and_(R.school == O.school, R.kind == O.kind, R.key == O.key)
    return (
        select(O.id, *_ENTRY, *more)
        .join_from(table_of(OutboxRow), table_of(RecordRow), same)
        .where(O.school == bindparam("school"), O.sink == bindparam("sink"), _may_go(which), _READABLE)
        .order_by(O.priority, O.rank, O.id)
        .limit(bindparam("most", type_=Integer))
    )


def _may_go(which: Choice) -> ColumnElement[bool]:
    if which is Choice.ALL:
        return _FREE
    under_way = (
        select(I.kind, I.key)
        .join_from(table_of(BatchTableRow), table_of(BatchItemRow), B.batch == I.batch)
        .where(B.school == bindparam("school"), B.sink == bindparam("sink"), B.state.in_([one.value for one in OPEN]))
    )
    apart = and_(_FREE, tuple_(O.kind, O.key).not_in(under_way))
    return apart if which is Choice.APART else or_(_URGENT, and_(_FINAL, apart))


def _entry(kind: str, key: str, pupil: str | None, op: str, *rest: object) -> OutboxEntry:
    version, fingerprint, priority, hold, seen_at, hidden_at = rest
    moments = Moments(seen_at, hidden_at)  # type: ignore[arg-type]
    return OutboxEntry(Kind(kind), key, pupil, Op(op), version, fingerprint, Priority(priority), hold, moments)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class OutboxTable:
    """ports.Outbox on SQL."""

    connection: Connection
    school: str
    keys: SchoolKeys

    def put(self, sink: str, entries: Sequence[OutboxEntry], at: datetime) -> None:
        """Queue entries; each takes the place of an older one of its key, and of a dead letter just before it.

        What is seen `at` an instant keeps the moments of what it replaces: the sink has not got that either.
        """
        rows = [
            {
                "school": self.school,
                "sink": sink,
                "kind": entry.kind.value,
                "key": entry.key,
                "pupil": entry.pupil,
                "op": entry.op.value,
                "version": entry.version,
                "fingerprint": entry.fingerprint,
                "rank": outbox_rank(entry.op, entry.kind),
                "priority": int(entry.priority),
                "hold": entry.hold,
                "queued_at": at,
                "seen_at": entry.moments.seen_at or at,
                "hidden_at": entry.moments.hidden_at,
            }
            for entry in entries
        ]
        key = ("school", "sink", "kind", "key")
        merge_into(self.connection, table_of(OutboxRow), rows, key=key, choosing=_older_moments)
        self.backdate(sink, self._refused(sink, entries))

    def _refused(self, sink: str, entries: Sequence[OutboxEntry]) -> dict[KindKey, Moments]:
        """Return the moments of dead letters whose place entries take; a consent's turn raises versions further."""
        letters = (
            select(I.kind, I.key, I.version, I.seen_at, I.hidden_at)
            .join_from(table_of(BatchItemRow), table_of(BatchTableRow), B.batch == I.batch)
            .where(I.school == self.school, I.state == ItemState.DEAD.value, B.sink == sink)
        )
        dead = self.connection.execute(letters).all() if entries else []
        versions = {(entry.kind.value, entry.key): entry.version for entry in entries} if dead else {}
        return {
            (Kind(row.kind), row.key): Moments(row.seen_at, row.hidden_at)
            for row in dead
            if versions.get((row.kind, row.key)) in {row.version, row.version + 1}
        }

    def backdate(self, sink: str, since: Mapping[KindKey, Moments]) -> None:
        """What waits for these keys stands for what was seen earlier; what a consent's end or a hold makes does not."""
        given = [
            {"of_kind": kind.value, "of_key": key, "seen": moments.seen_at, "hidden": moments.hidden_at}
            for (kind, key), moments in since.items()
            if moments.seen_at is not None
        ]
        if not given:
            return
        same = and_(O.kind == bindparam("of_kind"), O.key == bindparam("of_key"), O.priority != Priority.URGENT.value)
        younger = and_(O.hold.is_(None), O.seen_at > bindparam("seen", type_=O.seen_at.type))
        backdating = update(table_of(OutboxRow)).where(O.school == self.school, O.sink == sink, same, younger)
        moments = {
            "seen_at": bindparam("seen", type_=O.seen_at.type),
            "hidden_at": bindparam("hidden", type_=O.hidden_at.type),
        }
        self.connection.execute(backdating.values(moments), given)

    def drop(self, sink: str, keys: Iterable[KindKey]) -> None:
        """Forget what waits for these keys."""
        for kind, chunk in keys_by_kind(keys):
            self.connection.execute(
                delete(table_of(OutboxRow)).where(
                    O.school == self.school, O.sink == sink, O.kind == kind, O.key.in_(chunk)
                )
            )

    def next_pupils(self, sink: str, limit: int, which: Choice = Choice.ALL) -> set[str]:
        """Return whose entries `take` would take out."""
        return {row.pupil for row in self._next(sink, limit, which) if row.pupil is not None}

    def take(self, sink: str, limit: int, which: Choice = Choice.ALL) -> list[Sendable]:
        """Take out the most urgent entries of those that may go, with their payloads, parents first.

        What was sealed with a destroyed key is taken out and handed to nobody.
        """
        chosen = self._next(sink, limit, which, _CONTENT)
        for chunk in chunked(row[0] for row in chosen):
            self.connection.execute(delete(table_of(OutboxRow)).where(O.id.in_(chunk)))
        rows = sorted(chosen, key=lambda row: (outbox_rank(Op(row.op), Kind(row.kind)), row.id))
        sendables = (self._sendable(_entry(*row[1:-2]), row.subject, row.payload) for row in rows)
        return [item for item in sendables if item.payload or item.entry.op is Op.RETRACT]

    def _sendable(self, entry: OutboxEntry, subject: str | None, sealed: bytes) -> Sendable:
        if entry.op is Op.RETRACT:
            return Sendable(entry, b"")
        return Sendable(entry, self.keys.open(sealed, subject, *place_of(entry.kind, entry.key)))

    def _next(self, sink: str, limit: int, which: Choice, more: tuple[ColumnElement[Any], ...] = ()) -> Sequence[Any]:
        asked = {"school": self.school, "sink": sink, "most": limit}
        return self.connection.execute(_choosing(which, more), asked).all()

    def delivered(self, sink: str, keys: Iterable[KindKey]) -> dict[KindKey, Delivered]:
        """Return what the sink was last seen to hold of these keys."""
        found: dict[KindKey, Delivered] = {}
        for kind, chunk in keys_by_kind(keys):
            wanted = select(D.key, D.version, D.fingerprint, D.live).where(
                D.school == self.school, D.sink == sink, D.kind == kind, D.key.in_(chunk)
            )
            found.update({(Kind(kind), row[0]): Delivered(*row[1:]) for row in self.connection.execute(wanted)})
        return found

    def settle(self, sink: str, items: Sequence[ItemRow], at: datetime) -> None:
        """Remember what the sink now holds; an older version never replaces a newer one."""
        holds = ((item.kind, item.key, item.version, item.fingerprint, item.op is Op.UPSERT) for item in items)
        self._remember(sink, holds, at)

    def doubt(self, sink: str, versions: Mapping[KindKey, int], at: datetime) -> None:
        """Remember that the sink may hold these keys up to these versions, and nobody knows with what content."""
        holds = ((kind, key, version, UNKNOWN, True) for (kind, key), version in versions.items())
        self._remember(sink, holds, at)

    def _remember(self, sink: str, holds: Iterable[tuple[Kind, str, int, str, bool]], at: datetime) -> None:
        rows = [
            {
                "school": self.school,
                "sink": sink,
                "kind": kind.value,
                "key": key,
                "version": version,
                "fingerprint": fingerprint,
                "live": live,
                "at": at,
            }
            for kind, key, version, fingerprint, live in holds
        ]
        table = table_of(DeliveredRow)
        upsert_into(self.connection, table, rows, key=("school", "sink", "kind", "key"), newest="version")

    def waiting(self) -> dict[str, int]:
        """Count what waits, by sink (held entries too)."""
        counting = select(O.sink, func.count()).where(O.school == self.school).group_by(O.sink)
        return dict(self.connection.execute(counting).all())

    def holds(self, sink: str, keys: Iterable[KindKey]) -> dict[KindKey, str]:
        """Return the held batch of each of these keys that waits in one."""
        found: dict[KindKey, str] = {}
        for kind, chunk in keys_by_kind(keys):
            wanted = select(O.key, O.hold).where(
                O.school == self.school, O.sink == sink, O.kind == kind, O.key.in_(chunk), O.hold.is_not(None)
            )
            found.update({(Kind(kind), key): hold for key, hold in self.connection.execute(wanted)})
        return found

    def release(self, hold: str, at: datetime) -> int:
        """Let the entries of a held batch go; from now on they count as seen."""
        self._forget_hold(hold, _URGENT)
        return self._forget_hold(hold, seen_at=at, hidden_at=None)

    def discard(self, hold: str) -> int:
        """Forget the entries of a held batch, but not the end of a consent."""
        self._forget_hold(hold, _URGENT)
        return self.connection.execute(
            delete(table_of(OutboxRow)).where(O.school == self.school, O.hold == hold)
        ).rowcount

    def _forget_hold(self, hold: str, *which: ColumnElement[bool], **moments: datetime | None) -> int:
        freeing = update(table_of(OutboxRow)).where(O.school == self.school, O.hold == hold, *which)
        return self.connection.execute(freeing.values(hold=bindparam("freed"), **moments), {"freed": None}).rowcount

    def waits_in(self, hold: str) -> bool:
        """Tell whether anything waits in a held batch."""
        wanted = select(O.id).where(O.school == self.school, O.hold == hold).limit(1)
        return self.connection.execute(wanted).first() is not None

    def held_owners(self, kinds: Iterable[Kind]) -> set[str]:
        """Return the owners of whom anything of these kinds waits for approval."""
        same = and_(R.school == O.school, R.kind == O.kind, R.key == O.key)
        joined = table_of(OutboxRow).join(table_of(RecordRow), same)
        wanted = select(R.owner).select_from(joined).where(O.school == self.school, O.hold.is_not(None)).distinct()
        wanted = wanted.where(O.kind.in_([kind.value for kind in kinds]))
        return set(self.connection.execute(wanted).scalars())

    def held_entries(self, hold: str) -> list[OutboxEntry]:
        """Return what waits in a held batch."""
        wanted = select(*_ENTRY).where(O.school == self.school, O.hold == hold).order_by(O.rank, O.id)
        return [_entry(*row) for row in self.connection.execute(wanted)]

    def waiting_by_kind(self, sink: str) -> dict[tuple[str, str], int]:
        """Count what is free to go to a sink, by operation and kind."""
        counting = select(O.op, O.kind, func.count()).where(O.school == self.school, O.sink == sink, _FREE)
        return {(op, kind): count for op, kind, count in self.connection.execute(counting.group_by(O.op, O.kind))}

    def standing(self) -> dict[str, tuple[int, int]]:
        """Return, by sink, how many entries are free to go and how many are held."""
        counting = select(O.sink, func.count().filter(_FREE), func.count().filter(not_(_FREE)))
        rows = self.connection.execute(counting.where(O.school == self.school).group_by(O.sink))
        return {sink: (waiting, held) for sink, waiting, held in rows}


def _older_moments(new: Any) -> dict[str, ColumnElement[Any]]:
    """Choose the moments of what was seen first, where both go of their own accord or both because a consent ended.

    A new clock begins with an approval and with a consent's turn: waiting for people is no lateness of delivery.
    """
    both_free = and_(_FREE, or_(new.hold.is_(None), new.priority == Priority.URGENT.value))
    both_urgent = (O.priority == Priority.URGENT.value) == (new.priority == Priority.URGENT.value)
    older = and_(both_free, both_urgent, O.seen_at <= new.seen_at)
    return {name: case((older, O[name]), else_=new[name]) for name in ("seen_at", "hidden_at")}
