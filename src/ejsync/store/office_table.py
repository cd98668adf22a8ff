"""What the office holds: imports append, live is what the newest import holds that is not undone."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, insert, or_, select, update

from ejsync.domain.office import Entry, OfficeImport, OfficeKind, OfficeRow
from ejsync.errors import NotFound
from ejsync.store.office_tables import OfficeImportTableRow, OfficeTableRow
from ejsync.store.statements import table_of
from ejsync.vault import SchoolKeys

I, O = table_of(OfficeImportTableRow).c, table_of(OfficeTableRow).c  # noqa: E741 - imports, and office rows
_ROWS = select(O.kind, O.key, O.pupil, O.school_class, O.payload, I.at, I.id).select_from(
    table_of(OfficeTableRow).join(table_of(OfficeImportTableRow), O.import_id == I.id)
)
_IMPORTS = select(I.id, I.kind, I.at, I.origin, I.new, I.changed, I.same, I.undone_at)


def place_of(number: int, key: str) -> tuple[str, str, str]:
    """Return where the payload of an import's row stands: it opens nowhere else."""
    return "office", str(number), key


def _import(row: Any) -> OfficeImport:
    return OfficeImport(row[0], OfficeKind(row[1]), *row[2:])


@dataclass(frozen=True, slots=True)
class OfficeTable:
    """ports.Office on SQL."""

    connection: Connection
    school: str
    keys: SchoolKeys

    def add(self, made: OfficeImport, entries: Sequence[Entry]) -> int:
        """Add an import with all its rows and return the number that the store gives it."""
        head = {"school": self.school, "kind": made.kind.value, "origin": made.origin, "at": made.at}
        counts = {"new": made.new, "changed": made.changed, "same": made.same}
        done = self.connection.execute(insert(table_of(OfficeImportTableRow)).values(**head, **counts))
        self.keys.prepare({entry.pupil for entry in entries})
        number = int(done.inserted_primary_key[0])  # type: ignore[index] # an insert of one row always has one
        rows = [
            {
                "import_id": number,
                "key": entry.key,
                "school": self.school,
                "kind": entry.kind.value,
                "pupil": entry.pupil,
                "school_class": entry.school_class,
                "payload": self.keys.close(entry.payload, entry.pupil, *place_of(number, entry.key)),
            }
            for entry in entries
        ]
        if rows:
            self.connection.execute(insert(table_of(OfficeTableRow)), rows)
        return number

    def live(self, kind: OfficeKind, *, without: int | None = None) -> list[OfficeRow]:
        """Return what is live of a kind by key: of each key the newest row of an import that is not undone.

        Args:
            without: an import that is looked away from, as if it were undone.
        """
        return self._live(O.kind == kind.value, without=without)

    def of_class(self, name: str, pupils: Sequence[str]) -> list[OfficeRow]:
        """Return what is live of a class as a whole and of these pupils, by kind and key."""
        return self._live(or_(O.school_class == name, O.pupil.in_(pupils)))

    def imports(self) -> list[OfficeImport]:
        """Return every import, newest first."""
        wanted = _IMPORTS.where(I.school == self.school).order_by(I.id.desc())
        return [_import(row) for row in self.connection.execute(wanted)]

    def get(self, number: int) -> OfficeImport:
        """Return one import.

        Raises:
            NotFound: the school has no import of this number.
        """
        found = self.connection.execute(_IMPORTS.where(I.school == self.school, I.id == number)).one_or_none()
        if found is None:
            raise NotFound(what="import", name=str(number), listing="ejsync import list")
        return _import(found)

    def rows(self, number: int) -> list[OfficeRow]:
        """Return the rows of one import by key, live or not."""
        wanted = _ROWS.where(O.school == self.school, O.import_id == number).order_by(O.key)
        return self._opened(wanted)

    def undo(self, number: int, at: datetime) -> OfficeImport:
        """Mark an import as undone and return it so. Raises NotFound."""
        found = self.get(number)
        table = table_of(OfficeImportTableRow)
        self.connection.execute(update(table).where(I.school == self.school, I.id == number).values(undone_at=at))
        return replace(found, undone_at=at)

    def _live(self, wanted: ColumnElement[bool], *, without: int | None = None) -> list[OfficeRow]:
        counting = and_(O.school == self.school, I.undone_at.is_(None), wanted)
        if without is not None:
            counting = and_(counting, I.id != without)
        joined = table_of(OfficeTableRow).join(table_of(OfficeImportTableRow), O.import_id == I.id)
        newest = (
            select(O.kind.label("of_kind"), O.key.label("of_key"), func.max(O.import_id).label("last"))
            .select_from(joined)
            .where(counting)
            .group_by(O.kind, O.key)
            .subquery()
        )
        ours = and_(O.kind == newest.c.of_kind, O.key == newest.c.of_key, O.import_id == newest.c.last)
        return self._opened(_ROWS.join(newest, ours).order_by(O.kind, O.key))

    def _opened(self, wanted: Select[Any]) -> list[OfficeRow]:
        """Return rows with their content; none whose key is destroyed."""
        rows = self.connection.execute(wanted).all()
        told = ((row, self.keys.open(row.payload, row.pupil, *place_of(row.id, row.key))) for row in rows)
        return [
            OfficeRow(OfficeKind(row.kind), row.key, row.pupil, row.school_class, payload, row.at, row.id)
            for row, payload in told
            if payload
        ]
