"""What operators choose, look at and decide about: batches by selection, and their items beside what stands now."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, func, literal, or_, select, true, update

from ejsync.domain.batches import OPEN, BatchState, ItemState
from ejsync.domain.changes import Op
from ejsync.domain.decisions import Selection, Standing
from ejsync.domain.records import Kind
from ejsync.domain.standing import BatchRow
from ejsync.store.statements import chunked, table_of
from ejsync.store.tables import BatchItemRow, BatchTableRow, DeliveredRow, OutboxRow, PermissionRow, RecordRow

_TABLES = tuple(
    table_of(model) for model in (BatchTableRow, BatchItemRow, RecordRow, OutboxRow, DeliveredRow, PermissionRow)
)
B, I, R, O, D, P = (table.c for table in _TABLES)  # noqa: E741 - one letter a table
X, Y, Z = (table_of(model).alias().c for model in (BatchItemRow, BatchTableRow, OutboxRow))
"""Items, batches and outbox once more, for what is asked about others than the chosen ones."""
_BATCH = tuple(B[item.name] for item in fields(BatchRow))
_AT_ONCE = 500
S = BatchState


@dataclass(frozen=True, slots=True)
class DecisionTable:
    """ports.Decisions on SQL, and what the batch verbs list."""

    connection: Connection
    school: str

    def last(self, feed: str) -> datetime | None:
        """Return when an operator last decided about what was held of a feed."""
        decided = and_(
            B.school == self.school,
            B.state.in_([BatchState.APPROVED.value, BatchState.CANCELLED.value]),
            B.last_error.is_(None),  # what the journal healed or a consent ended was no decision of an operator's
            B.reason.startswith(f"{feed}/", autoescape=True),
        )
        newest = select(func.max(B.settled_at, type_=B.settled_at.type)).where(decided)
        found: datetime | None = self.connection.execute(newest).scalar_one()
        return found

    def find(self, selection: Selection, limit: int) -> list[BatchRow]:
        """Return the batches that are chosen, newest first."""
        wanted = select(*_BATCH).where(self._batches(selection)).order_by(B.created_at.desc(), B.batch).limit(limit)
        rows = (row._asdict() for row in self.connection.execute(wanted))
        return [BatchRow(**{**row, "state": BatchState(row["state"])}) for row in rows]

    def standings(self, selection: Selection) -> Iterator[Standing]:
        """Yield the chosen items of the chosen batches as they stand now, batch by batch."""
        same = [and_(t.school == I.school, t.kind == I.kind, t.key == I.key) for t in (R, O, D)]
        batches, items, records, outbox, delivered, permissions = _TABLES
        joined = (
            batches.join(items, B.batch == I.batch)
            .outerjoin(records, same[0])
            .outerjoin(outbox, and_(same[1], O.sink == B.sink))
            .outerjoin(delivered, and_(same[2], D.sink == B.sink))
            .outerjoin(permissions, and_(P.school == I.school, P.pupil == I.pupil))
        )
        wanted = (
            select(
                I.batch, B.sink, I.position, I.op, I.kind, I.key, I.version, I.fingerprint, I.state,
                func.coalesce(I.code, B.last_error), R.version, R.gone, or_(I.pupil.is_(None), P.allowed.is_(True)),
                O.hold, O.version, self._travels(), D.version, D.live, D.fingerprint,
            )
            .select_from(joined)
            .where(self._batches(selection), *_items(selection, I))
            .order_by(I.batch, I.position)
        )  # fmt: skip
        for row in self.connection.execution_options(yield_per=_AT_ONCE).execute(wanted):
            yield _standing(row)

    def mark(self, batch: str, positions: Iterable[int], state: ItemState) -> None:
        """Move some items of a batch to another state."""
        for some in chunked(positions):
            marking = update(table_of(BatchItemRow)).where(
                I.school == self.school, I.batch == batch, I.position.in_(some)
            )
            self.connection.execute(marking.values(state=state.value))

    def _batches(self, selection: Selection) -> ColumnElement[bool]:
        mine = and_(B.school == self.school, B.batch == selection.batch if selection.batch is not None else true())
        if selection.sink is not None:
            mine = and_(mine, B.sink == selection.sink)
        if selection.since is not None:
            mine = and_(mine, B.created_at >= selection.since)
        if selection.until is not None:
            mine = and_(mine, B.created_at < selection.until)
        return and_(mine, self._standing_so(selection), self._holding(selection))

    def _standing_so(self, selection: Selection) -> ColumnElement[bool]:
        """Chosen by state: of the batch, or of any of its items."""
        dead = select(X.batch).where(X.school == self.school, X.state == ItemState.DEAD.value, *_items(selection, X))
        ways: list[ColumnElement[bool]] = [B.state.in_([one.value for one in selection.states if one is not S.DEAD])]
        if S.DEAD in selection.states:
            ways.append(B.batch.in_(dead))
        chosen = or_(*ways) if selection.states else true()
        return and_(chosen, B.batch.in_(dead)) if selection.dead else chosen

    def _holding(self, selection: Selection) -> ColumnElement[bool]:
        """Chosen by what is in it: items, or changes that wait in a held batch."""
        found: ColumnElement[bool] = true()
        if selection.kind is not None:
            kind = selection.kind.value
            waits = exists().where(Z.school == self.school, Z.hold == B.batch, Z.kind == kind)
            found = and_(found, or_(exists().where(X.batch == B.batch, X.kind == kind), waits))
        if selection.reason is not None:
            answered = exists().where(X.batch == B.batch, X.code == selection.reason)
            found = and_(found, or_(B.last_error == selection.reason, answered))
        return found

    def _travels(self) -> ColumnElement[Any]:
        open_states = [state.value for state in OPEN]
        elsewhere = and_(
            X.school == I.school, X.state == literal(ItemState.WAITING.value), X.kind == I.kind,
            X.key == I.key, X.batch != I.batch, Y.batch == X.batch,
            Y.sink == B.sink, Y.state.in_(open_states),
        )  # fmt: skip
        highest = select(func.max(X.version)).where(elsewhere)
        return highest.correlate(*_TABLES).scalar_subquery()


def _items(selection: Selection, of: Any) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if selection.items:
        wanted.append(of.state.in_([state.value for state in selection.items]))
    if selection.kind is not None:
        wanted.append(of.kind == selection.kind.value)
    if selection.reason is not None:
        of_batch = exists().where(Y.batch == of.batch, Y.last_error == selection.reason)
        wanted.append(or_(of.code == selection.reason, and_(of.code.is_(None), of_batch)))
    return wanted


def _standing(row: Any) -> Standing:
    batch, sink, position, op, kind, key, version, fingerprint, state, reason, *rest = row
    known, gone, allowed, hold, waits, travels, there, live, content = rest
    return Standing(
        batch, sink, position, Op(op), Kind(kind), key, version, fingerprint, ItemState(state), reason,
        known, bool(gone), bool(allowed), hold, waits, travels, there, bool(live), content or "",
    )  # fmt: skip
