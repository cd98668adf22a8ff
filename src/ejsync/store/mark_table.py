"""What the store remembers of itself: that it was put back from a copy, and since when all must be compared."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from ejsync.store.delivery_tables import StoreMarkRow
from ejsync.store.statements import table_of, upsert_into

M = table_of(StoreMarkRow).c
EVERY_SCHOOL = ""
HEAD_KEPT = "head_kept"
"""Set once a head stands beside the store: without one from then on, the store is not where it was."""
COPIED = "copied"
"""Set in every backup and in no store that works: a store that has it was put in the place of another."""
COMPARE_ALL = "compare_all"
"""Its value says why no sink is believed to hold what the store says."""
KEY_FILE = "key_file"
"""Its value says which key file belongs to the store, and how far that had come."""
TRACES = "traces"
"""Set while copies and free pages may hold what was stored before payloads were sealed."""
_COMPARED = "compared/"
PURGED = "purged"
"""Set when what was past its time was deleted."""
LAST_CONSENT = "last_consent"
"""Its value is the highest number of a decision that there was at a purge."""
ROLLED_BACK = "rolled_back"
"""Its value says why the store is known to be older than what it already was."""


@dataclass(frozen=True, slots=True)
class MarkTable:
    """ports.StoreMarks on SQL."""

    connection: Connection
    school: str

    def doubt(self, reason: str, at: datetime) -> None:
        """Note that this store may be older than what the sinks hold: all of them are to be compared whole."""
        self.put(COMPARE_ALL, reason, at)

    def compared(self, sink: str, at: datetime) -> None:
        """Note that a sink was compared whole, begun at an instant."""
        self.put(_COMPARED + sink, "", at)

    def in_doubt(self, sink: str) -> bool:
        """Tell whether a sink is to be compared whole."""
        doubted, compared = self.get(COMPARE_ALL), self.get(_COMPARED + sink)
        return doubted is not None and (compared is None or compared[1] < doubted[1])

    def put(self, name: str, value: str, at: datetime) -> None:
        """Set a mark."""
        row = {"school": self.school, "name": name, "value": value, "at": at}
        upsert_into(self.connection, table_of(StoreMarkRow), [row], key=("school", "name"))

    def get(self, name: str) -> tuple[str, datetime] | None:
        """Return a mark's value and when it was set, or None."""
        row = self.connection.execute(select(M.value, M.at).where(M.school == self.school, M.name == name)).first()
        return (row.value, row.at) if row else None

    def drop(self, name: str) -> None:
        """Forget a mark."""
        table = table_of(StoreMarkRow)
        self.connection.execute(table.delete().where(M.school == self.school, M.name == name))
