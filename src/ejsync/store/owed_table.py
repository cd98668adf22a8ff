"""Final results that sinks are owed, and since when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, delete, func, or_, select

from ejsync.domain.batches import OPEN
from ejsync.domain.deadlines import WITHIN, OwedResults
from ejsync.domain.records import FINAL_RESULTS, Kind
from ejsync.store.statements import table_of, upsert_into
from ejsync.store.tables import BatchItemRow, BatchTableRow, OutboxRow, OwedRow

W, O = table_of(OwedRow).c, table_of(OutboxRow).c  # noqa: E741 - one letter a table
B, I = table_of(BatchTableRow).c, table_of(BatchItemRow).c  # noqa: E741 - as above


@dataclass(frozen=True, slots=True)
class OwedTable:
    """ports.Owed on SQL."""

    connection: Connection
    school: str

    def begin(self, sink: str, versions: Iterable[tuple[Kind, str, int]], at: datetime) -> None:
        """Let the hours of these versions run from now on; where they run already they go on running."""
        rows = [
            {"school": self.school, "sink": sink, "kind": kind.value, "key": key, "version": version, "seen_at": at}
            for kind, key, version in versions
            if kind in FINAL_RESULTS
        ]
        key = ("school", "sink", "kind", "key", "version")
        upsert_into(self.connection, table_of(OwedRow), rows, key=key, keep=("seen_at",))

    def settle(self, sink: str, versions: Iterable[tuple[Kind, str, int]]) -> None:
        """Nothing is owed any more of these keys up to these versions."""
        given = [
            {"of_kind": kind.value, "of_key": key, "up_to": version}
            for kind, key, version in versions
            if kind in FINAL_RESULTS
        ]
        if given:
            same = and_(W.kind == bindparam("of_kind"), W.key == bindparam("of_key"))
            settling = delete(table_of(OwedRow)).where(W.school == self.school, W.sink == sink, same)
            self.connection.execute(settling.where(W.version <= bindparam("up_to")), given)

    def next_deadline(self, sink: str, now: datetime) -> datetime | None:
        """Return the first deadline to come of what is free to go to a sink or travels."""
        waits = select(O.id).where(
            O.school == self.school, O.sink == sink, O.kind == W.kind, O.key == W.key, O.hold.is_(None)
        )
        travels = (
            select(I.key)
            .join_from(table_of(BatchTableRow), table_of(BatchItemRow), B.batch == I.batch)
            .where(B.school == self.school, B.sink == sink, B.state.in_([state.value for state in OPEN]))
            .where(I.kind == W.kind, I.key == W.key)
        )
        first = select(func.min(W.seen_at, type_=W.seen_at.type)).where(W.school == self.school, W.sink == sink)
        still = first.where(W.seen_at > now - WITHIN, or_(waits.exists(), travels.exists()))
        seen_at: datetime | None = self.connection.execute(still).scalar_one()
        return seen_at + WITHIN if seen_at else None

    def standing(self, now: datetime) -> dict[str, OwedResults]:
        """Return what is owed, by sink; those that are owed nothing are left out."""
        since = func.min(W.seen_at, type_=W.seen_at.type).label("since")
        keys = select(W.sink, W.kind, W.key, since).where(W.school == self.school)
        owed = keys.group_by(W.sink, W.kind, W.key).subquery()
        held = and_(
            O.school == self.school, O.sink == owed.c.sink, O.kind == owed.c.kind, O.key == owed.c.key,
            O.hold.is_not(None),
        )  # fmt: skip
        counting = select(
            owed.c.sink,
            func.count(),
            func.count(O.id),
            func.count().filter(owed.c.since < now - WITHIN),
            func.min(owed.c.since, type_=W.seen_at.type),
        ).select_from(owed.outerjoin(table_of(OutboxRow), held))
        rows = self.connection.execute(counting.group_by(owed.c.sink))
        return {sink: OwedResults(*counts) for sink, *counts in rows}
