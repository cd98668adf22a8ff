"""What a source remembers between runs, as sealed bytes; what they say is nobody's business here."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select

from ejsync.store.reading_tables import MemoryRow
from ejsync.store.statements import table_of, upsert_into

M = table_of(MemoryRow).c


@dataclass(frozen=True, slots=True)
class MemoryTable:
    """Sealed values by name."""

    connection: Connection
    school: str

    def recall(self, name: str) -> bytes | None:
        """Return what was kept under a name, or None."""
        wanted = select(M.sealed).where(M.school == self.school, M.name == name)
        return self.connection.execute(wanted).scalar_one_or_none()

    def keep(self, name: str, sealed: bytes, at: datetime) -> None:
        """Keep something under a name instead of what was there."""
        row = {"school": self.school, "name": name, "sealed": sealed, "at": at}
        upsert_into(self.connection, table_of(MemoryRow), [row], key=("school", "name"))

    def forget(self, name: str) -> None:
        """Let go of what is kept under a name."""
        self.connection.execute(delete(table_of(MemoryRow)).where(M.school == self.school, M.name == name))
