"""The audit chain on disk: appended to inside the transaction of the fact it witnesses."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Row, insert, select

from ejsync.domain.audit import GENESIS, AuditEvent, seal
from ejsync.domain.fingerprints import canonical
from ejsync.store.statements import table_of
from ejsync.store.tables import AuditRow

A = table_of(AuditRow).c


def _event(row: Row[Any]) -> AuditEvent:
    return AuditEvent(row.school, row.seq, row.at, row.event, orjson.loads(row.details), row.previous, row.hash)


@dataclass(frozen=True, slots=True)
class AuditTable:
    """ports.Audit on SQL, and what the audit verbs read."""

    connection: Connection
    school: str

    def append(self, event: str, details: Mapping[str, Any], at: datetime) -> int:
        """Seal one more entry and return its number."""
        sealed = seal(self.head(), self.school, at, event, details)
        values = sealed.document() | {"details": canonical(details).decode()}
        self.connection.execute(insert(table_of(AuditRow)), values)
        return sealed.seq

    def head(self) -> tuple[int, str]:
        """Return number and hash of the last entry."""
        wanted = select(A.seq, A.hash).where(A.school == self.school).order_by(A.seq.desc()).limit(1)
        row = self.connection.execute(wanted).first()
        return (row.seq, row.hash) if row else (0, GENESIS)

    def walk(self, after: int = 0, *, event: str | None = None) -> Iterator[AuditEvent]:
        """Yield the entries after a number, in order."""
        wanted = select(table_of(AuditRow)).where(A.school == self.school, A.seq > after).order_by(A.seq)
        if event is not None:
            wanted = wanted.where(A.event == event)
        for row in self.connection.execution_options(yield_per=1000).execute(wanted):
            yield _event(row)

    def tail(self, count: int) -> list[AuditEvent]:
        """Return the last entries, oldest first."""
        wanted = select(table_of(AuditRow)).where(A.school == self.school).order_by(A.seq.desc()).limit(count)
        return [_event(row) for row in self.connection.execute(wanted)][::-1]
