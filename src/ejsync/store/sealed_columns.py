"""Every sealed value of a store: in which column it stands, with whose keys it is sealed, and for which place."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, text

from ejsync.store import batch_table, consent_table, office_table, quarantine_table, record_table
from ejsync.store.statements import table_of
from ejsync.store.tables import ConsentRow
from ejsync.vault import SchoolKeys

AT_ONCE = 1000
_REGISTERED = table_of(ConsentRow).c.registered_at.type


@dataclass(frozen=True, slots=True)
class _Column:
    """A column, what else of a row tells how it is sealed, and how that is told."""

    name: str
    beside: str
    place: Callable[[Any], tuple[str, ...]]
    subject: Callable[[Any], str | None] = lambda row: row.pupil


SEALED: Mapping[str, _Column] = {
    "record": _Column("payload", "kind, key, pupil", lambda row: record_table.place_of(row.kind, row.key)),
    "quarantine": _Column(
        "payload", "kind, key, owner, pupil", lambda row: quarantine_table.place_of(row.kind, row.key),
        lambda row: quarantine_table.subject_of(row.pupil, row.owner),
    ),
    "office_row": _Column(
        "payload", "import_id, key, pupil", lambda row: office_table.place_of(row.import_id, row.key)
    ),
    "consent": _Column(
        "payload", "pupil, registered_at", lambda row: consent_table.place_of(row.pupil, row.registered_at)
    ),
    "batch": _Column("body", "batch", lambda row: batch_table.place_of(row.batch)),
    "erasure": _Column("payload", "pseudonym", lambda row: ("erasure", row.pseudonym), lambda _: None),
}  # fmt: skip
"""By table; a batch is sealed with the keys of all pupils in it."""


@dataclass(frozen=True, slots=True)
class Value:
    """What stands in one sealed column of one row."""

    table: str
    number: int
    content: bytes
    place: tuple[str, ...]
    subjects: frozenset[str | None]

    def closed(self, keys: SchoolKeys) -> bytes:
        """Return an open content sealed."""
        if self.table == "batch":
            return keys.close_joint(self.content, self.subjects, *self.place)
        return keys.close(self.content, next(iter(self.subjects)), *self.place)

    def opened(self, keys: SchoolKeys) -> bytes | None:
        """Return a sealed content open, or None where it does not open."""
        if self.table == "batch":
            return keys.open_joint(self.content, self.subjects, *self.place)
        return keys.opened(self.content, next(iter(self.subjects)), *self.place)


def values_of(connection: Connection, table: str, school: str) -> Iterator[Value]:
    """Yield the values of a school that are not empty, in pages: rows may be changed meanwhile."""
    column, last = SEALED[table], 0
    wanted = text(
        f"SELECT rowid AS number, {column.name} AS content, {column.beside} FROM {table}"  # noqa: S608 - our own words
        f" WHERE school = :school AND length({column.name}) > 0 AND rowid > :last ORDER BY rowid LIMIT {AT_ONCE}"
    )
    if table == "consent":
        wanted = wanted.columns(registered_at=_REGISTERED)  # type: ignore[assignment] # the same words, typed
    while rows := connection.execute(wanted, {"school": school, "last": last}).all():
        for row in rows:
            yield Value(table, row.number, row.content, column.place(row), _subjects(connection, table, row))
        last = rows[-1].number


def _subjects(connection: Connection, table: str, row: Row[Any]) -> frozenset[str | None]:
    if table != "batch":
        return frozenset({SEALED[table].subject(row)})
    told = text("SELECT DISTINCT pupil FROM batch_item WHERE batch = :batch AND op = 'upsert'")
    return frozenset(connection.execute(told, {"batch": row.batch}).scalars())


def write(connection: Connection, value: Value, content: bytes) -> None:
    """Put another content in the place of a value."""
    writing = text(f"UPDATE {value.table} SET {SEALED[value.table].name} = :content WHERE rowid = :number")  # noqa: S608 - our own words
    connection.execute(writing, {"content": content, "number": value.number})


def schools_of(connection: Connection, table: str) -> list[str]:
    """Return the schools that have rows in a table."""
    return list(connection.execute(text(f"SELECT DISTINCT school FROM {table} ORDER BY school")).scalars())  # noqa: S608 - our own words


def shut(connection: Connection, school: str, keys: SchoolKeys) -> dict[str, int]:
    """Empty what does not open any more; returns how many values of each table.

    A record so emptied is known as before, but with no content: it is sent to nobody until it is read again.
    """
    counts = {}
    for table in SEALED:
        lost = [value for value in values_of(connection, table, school) if value.opened(keys) is None]
        for value in lost:
            write(connection, value, b"")
            if table == "record":
                marking = text("UPDATE record SET fingerprint = '' WHERE rowid = :number")
                connection.execute(marking, {"number": value.number})
        counts[table] = len(lost)
    for table in "quarantine", "office_row":
        connection.execute(
            text(f"DELETE FROM {table} WHERE school = :school AND length(payload) = 0"),  # noqa: S608 - no input
            {"school": school},
        )
    return {table: count for table, count in counts.items() if count}
