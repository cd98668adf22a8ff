"""What a store keeps longer than it should: counted, and deleted."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, exists, func, or_, select, tuple_

from ejsync.domain.batches import TRANSITIONS, ItemState
from ejsync.domain.cutoffs import Cutoffs
from ejsync.store.mark_table import EVERY_SCHOOL, LAST_CONSENT, PURGED, MarkTable
from ejsync.store.office_tables import OfficeImportTableRow, OfficeTableRow
from ejsync.store.statements import table_of
from ejsync.store.tables import BatchItemRow, BatchTableRow, ConsentRow, QuarantineTableRow

Q, B, N, C, F, M = (
    table_of(row).c
    for row in (QuarantineTableRow, BatchTableRow, BatchItemRow, ConsentRow, OfficeTableRow, OfficeImportTableRow)
)
_ENDED = [state.value for state, onward in TRANSITIONS.items() if not onward]
"""States that no batch leaves any more."""


@dataclass(frozen=True, slots=True)
class RetentionTable:
    """ports.Retention on SQL."""

    connection: Connection
    school: str

    def last(self) -> datetime | None:
        """Return when what was past its time was last deleted; None for never."""
        found = MarkTable(self.connection, self.school).get(PURGED)
        return found[1] if found else None

    def due(self, before: Cutoffs) -> dict[str, int]:
        """Count what is past its time, by what it is; nothing for what is not."""
        counts = {name: self._count(table, where) for name, (table, where) in self._stale(before).items()}
        return {name: count for name, count in counts.items() if count}

    def purge(self, before: Cutoffs, at: datetime) -> dict[str, int]:
        """Delete what is past its time and note when that was; returns how much of what."""
        MarkTable(self.connection, self.school).put(PURGED, "", at)
        last = self.connection.execute(select(func.max(C.id))).scalar_one()
        if last is not None:
            MarkTable(self.connection, EVERY_SCHOOL).put(LAST_CONSENT, str(last), at)
        stale = self._stale(before)
        _, batches = stale["batches"]
        items = delete(table_of(BatchItemRow)).where(N.batch.in_(select(B.batch).where(batches)))
        self.connection.execute(items)
        done = {name: self.connection.execute(delete(one[0]).where(one[1])).rowcount for name, one in stale.items()}
        return {name: count for name, count in done.items() if count}

    def _count(self, table: Table, where: ColumnElement[bool]) -> int:
        return int(self.connection.execute(select(func.count()).select_from(table).where(where)).scalar_one())

    def _stale(self, before: Cutoffs) -> dict[str, tuple[Table, ColumnElement[bool]]]:
        return {
            "quarantine": (
                table_of(QuarantineTableRow), and_(Q.school == self.school, Q.last_seen_at < before.quarantine),
            ),
            "batches": (table_of(BatchTableRow), self._settled(before)),
            "office": (table_of(OfficeTableRow), self._replaced(before)),
            "consents": (table_of(ConsentRow), self._ended(before)),
        }  # fmt: skip

    def _settled(self, before: Cutoffs) -> ColumnElement[bool]:
        """Batches that came to their end long ago; what nobody decided about stays, dead letters above all."""
        dead = exists().where(N.batch == B.batch, N.state == ItemState.DEAD.value)
        return and_(B.school == self.school, B.state.in_(_ENDED), B.settled_at < before.batches, ~dead)

    def _replaced(self, before: Cutoffs) -> ColumnElement[bool]:
        """Rows of sheets that are undone, or whose key a later import holds that is itself old enough."""
        old = select(M.id).where(M.school == self.school, M.at < before.office)
        undone = select(M.id).where(M.school == self.school, M.undone_at < before.office)
        later = table_of(OfficeTableRow).alias()
        same = and_(later.c.school == F.school, later.c.kind == F.kind, later.c.key == F.key)
        standing = select(M.id).where(M.school == self.school, M.at < before.office, M.undone_at.is_(None))
        replaced = exists().where(same, later.c.import_id > F.import_id, later.c.import_id.in_(standing))
        return and_(F.school == self.school, or_(F.import_id.in_(undone), and_(F.import_id.in_(old), replaced)))

    def _ended(self, before: Cutoffs) -> ColumnElement[bool]:
        """Every decision about a pupil and scope of which the last one ended long ago; a refusal has no end."""
        last = select(func.max(C.id)).where(C.school == self.school).group_by(C.pupil, C.scope)
        over = or_(C.withdrawn_at < before.consents, C.valid_until < before.consents.date())
        subjects = select(C.pupil, C.scope).where(C.id.in_(last), over)
        return and_(C.school == self.school, tuple_(C.pupil, C.scope).in_(subjects))
