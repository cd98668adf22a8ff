"""Batches and their items."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, bindparam, func, insert, not_, or_, select, update

from ejsync.domain.batches import OPEN, BatchState, Item, ItemState, Parcel, transition
from ejsync.domain.changes import Op
from ejsync.domain.delays import Moments
from ejsync.domain.records import Kind
from ejsync.domain.standing import BatchRow, ItemRow
from ejsync.domain.suspicion import PROBE, STUCK_AFTER
from ejsync.errors import LeaseLost, NotFound
from ejsync.pipeline.ports import KindKey
from ejsync.store.statements import table_of, upsert_into
from ejsync.store.tables import BatchItemRow, BatchTableRow, OutboxRow
from ejsync.vault import SchoolKeys

B, I = table_of(BatchTableRow).c, table_of(BatchItemRow).c  # noqa: E741 - one letter a table
_BATCH = tuple(B[item.name] for item in fields(BatchRow))
_MOMENTS = ("seen_at", "hidden_at")
_ITEM = (
    I.position, I.op, I.kind, I.key, I.pupil, I.version, I.fingerprint, I.state, I.code, I.pointer,
    *(I[name] for name in _MOMENTS),
)  # fmt: skip
_FINAL = frozenset(BatchState) - {*OPEN, BatchState.HELD}


def _next_pending() -> Select[Any]:
    first = table_of(BatchTableRow).alias()
    same = and_(first.c.school == B.school, first.c.sink == B.sink, first.c.split_of == B.split_of)
    open_ = first.c.state.in_([state.value for state in OPEN])
    halved = select(first.c.batch).where(same, open_, first.c.created_at > B.created_at).exists()
    mine = (B.school == bindparam("school"), B.sink == bindparam("sink"), B.state == BatchState.PENDING.value)
    behind = and_(B.refused > 0, halved)
    probe = and_(B.reason == PROBE, B.attempts < STUCK_AFTER)
    order = (probe.desc(), B.due_at, B.created_at.desc(), B.batch)
    return select(*_BATCH).where(*mine, not_(behind)).order_by(*order).limit(1)


_NEXT_PENDING = _next_pending()  # asked at every turn: built once


def _batch(row: Row[Any]) -> BatchRow:
    values = row._asdict()
    return BatchRow(**{**values, "state": BatchState(values["state"])})


def place_of(batch: str) -> tuple[str, str]:
    """Return where a batch's body stands: it opens nowhere else."""
    return "batch", batch


def _subjects(items: Iterable[ItemRow]) -> set[str | None]:
    """Return whose data a body holds; a retraction holds none."""
    return {item.pupil for item in items if item.op is Op.UPSERT}


def _item(row: Any) -> ItemRow:
    position, op, kind, key, pupil, version, fingerprint, state, code, pointer, *moments = row
    return ItemRow(
        position, Op(op), Kind(kind), key, pupil, version, fingerprint, ItemState(state), code, pointer,
        Moments(*moments),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class BatchTable:
    """ports.Batches on SQL."""

    connection: Connection
    school: str
    keys: SchoolKeys

    def add(self, row: BatchRow, items: Sequence[ItemRow], body: bytes, encoding: str) -> None:
        """Store a batch with its items and the very bytes that will travel."""
        values = {item.name: getattr(row, item.name) for item in fields(BatchRow)}
        sealed = self.keys.close_joint(body, _subjects(items), *place_of(row.batch))
        values |= {"state": row.state.value, "body": sealed, "encoding": encoding}
        self.connection.execute(insert(table_of(BatchTableRow)), values)
        if items:
            self.connection.execute(insert(table_of(BatchItemRow)), [self._values(row.batch, item) for item in items])

    def _values(self, batch: str, item: ItemRow) -> dict[str, Any]:
        return {
            "batch": batch,
            "school": self.school,
            "position": item.position,
            "op": item.op.value,
            "kind": item.kind.value,
            "key": item.key,
            "pupil": item.pupil,
            "version": item.version,
            "fingerprint": item.fingerprint,
            "state": item.state.value,
            "code": item.code,
            "pointer": item.pointer,
            "seen_at": item.moments.seen_at,
            "hidden_at": item.moments.hidden_at,
        }

    def get(self, batch: str) -> BatchRow:
        """Return one batch by its id or an unambiguous beginning of it.

        Raises:
            NotFound: there is none, or several begin so.
        """
        wanted = select(*_BATCH).where(B.school == self.school, B.batch.startswith(batch, autoescape=True)).limit(2)
        rows = self.connection.execute(wanted).all()
        if len(rows) != 1:
            raise NotFound(what="batch", name=batch, listing="ejsync batches list")
        return _batch(rows[0])

    def find(self, states: Sequence[BatchState] = (), *, sink: str | None = None, limit: int = 1000) -> list[BatchRow]:
        """Return batches, newest first."""
        wanted = select(*_BATCH).where(B.school == self.school).order_by(B.created_at.desc(), B.batch).limit(limit)
        if states:
            wanted = wanted.where(B.state.in_([state.value for state in states]))
        if sink is not None:
            wanted = wanted.where(B.sink == sink)
        return [_batch(row) for row in self.connection.execute(wanted)]

    def next_pending(self, sink: str) -> BatchRow | None:
        """Return the pending batch that is next: a probe, else the one due first (of several the newest).

        It need not be due already. Of what is searched a second half is never next while the first is open.
        """
        row = self.connection.execute(_NEXT_PENDING, {"school": self.school, "sink": sink}).first()
        return _batch(row) if row else None

    def waiting_half(self, row: BatchRow) -> BatchRow | None:
        """Return the pending half that waits for what becomes of a first half."""
        wanted = select(*_BATCH).where(
            B.school == self.school, B.sink == row.sink, B.state == BatchState.PENDING.value,
            B.split_of == row.split_of, B.created_at < row.created_at,
        )  # fmt: skip
        half = self.connection.execute(wanted).first() if row.split_of else None
        return _batch(half) if half else None

    def in_flight(self, sink: str) -> list[BatchRow]:
        """Return the batches that some instance has sent and not settled."""
        return self.find((BatchState.IN_FLIGHT,), sink=sink)

    def opens(self, batch: str) -> bool:
        """Tell whether the bytes of a batch can be read: not once the key of any pupil in it is destroyed."""
        return bool(self._body(batch, self.items(batch)))

    def _body(self, batch: str, items: Sequence[ItemRow]) -> bytes | None:
        sealed = self.connection.execute(select(B.body).where(B.batch == batch)).scalar_one()
        return self.keys.open_joint(sealed, _subjects(items), *place_of(batch))

    def parcel(self, batch: str) -> Parcel:
        """Return a batch as it travels. It must open."""
        wanted = select(B.idempotency_key, B.encoding, B.attempts).where(B.batch == batch)
        key, encoding, attempts = self.connection.execute(wanted).one()
        rows = self.items(batch)
        body = self._body(batch, rows)
        assert body is not None
        items = tuple(
            Item(row.position, row.op, row.kind, row.key, row.pupil, row.version, row.fingerprint, row.moments)
            for row in rows
        )
        return Parcel(batch, key, body, encoding, items, attempts)

    def items(self, batch: str) -> list[ItemRow]:
        """Return the items of a batch in their order."""
        wanted = select(*_ITEM).where(I.school == self.school, I.batch == batch).order_by(I.position)
        return [_item(row) for row in self.connection.execute(wanted)]

    def move(self, row: BatchRow, wanted: BatchState, **changes: Any) -> BatchRow:
        """Move a batch to another state; one that is in flight under another epoch is no longer ours.

        Raises:
            IllegalTransition: the table of transitions forbids it.
            LeaseLost: another instance has moved it meanwhile.
        """
        moved = replace(row, state=transition(row.batch, row.state, wanted), **changes)
        values = {item.name: getattr(moved, item.name) for item in fields(BatchRow)} | {"state": wanted.value}
        if wanted in _FINAL:
            values["body"] = b""  # what has been settled need not be kept: minimisation
        done = self.connection.execute(
            update(table_of(BatchTableRow))
            .where(B.batch == row.batch, B.state == row.state.value, B.epoch == row.epoch)
            .values(**values)
        )
        if done.rowcount != 1:
            raise LeaseLost(path="batch", reason=row.batch)
        return moved

    def answer(self, batch: str, items: Sequence[ItemRow]) -> None:
        """Write what the sink answered to each item."""
        rows = [self._values(batch, item) for item in items]
        upsert_into(self.connection, table_of(BatchItemRow), rows, key=("batch", "position"))

    def mark_items(self, batch: str, state: ItemState, *, only: ItemState | None = None) -> None:
        """Move all items of a batch, or only those in one state, to another state."""
        marking = update(table_of(BatchItemRow)).where(I.school == self.school, I.batch == batch)
        if only is not None:
            marking = marking.where(I.state == only.value)
        self.connection.execute(marking.values(state=state.value))

    def open_keys(self, sink: str) -> set[KindKey]:
        """Return the keys that travel in batches not yet settled."""
        wanted = (
            select(I.kind, I.key)
            .join_from(table_of(BatchTableRow), table_of(BatchItemRow), B.batch == I.batch)
            .where(B.school == self.school, B.sink == sink, B.state.in_([state.value for state in OPEN]))
        )
        return {(Kind(kind), key) for kind, key in self.connection.execute(wanted)}

    def dead_items(self) -> int:
        """Count dead letters."""
        counting = select(func.count()).where(I.school == self.school, I.state == ItemState.DEAD.value)
        return int(self.connection.execute(counting).scalar_one())

    def fates(self) -> dict[str, dict[ItemState, int]]:
        """Count, by batch, the items that were ever dead letters, by what became of them."""
        ever = (ItemState.DEAD, ItemState.REPLAYED, ItemState.DISCARDED)
        counting = select(I.batch, I.state, func.count()).where(I.school == self.school, I.state.in_(ever))
        found: dict[str, dict[ItemState, int]] = {}
        for batch, state, count in self.connection.execute(counting.group_by(I.batch, I.state)):
            found.setdefault(batch, {})[ItemState(state)] = count
        return found

    def held_counts(self) -> dict[str, int]:
        """Count, by held batch, the changes that wait in it."""
        outbox = table_of(OutboxRow).c
        counting = select(outbox.hold, func.count()).where(outbox.school == self.school, outbox.hold.is_not(None))
        return {str(hold): int(n) for hold, n in self.connection.execute(counting.group_by(outbox.hold))}

    def hasten(self, sink: str, at: datetime, *, unless: str) -> int:
        """Make pending batches due at once, save those whose last error is `unless`; returns how many."""
        hurrying = update(table_of(BatchTableRow)).where(
            B.school == self.school, B.sink == sink, B.state == BatchState.PENDING.value, B.due_at > at,
            or_(B.last_error.is_(None), B.last_error != unless),
        )  # fmt: skip
        return self.connection.execute(hurrying.values(due_at=at)).rowcount
