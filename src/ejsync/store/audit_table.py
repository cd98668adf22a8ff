"""The audit chain on disk: appended to inside the transaction of the fact it witnesses."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, LargeBinary, Row, Select, bindparam, cast, insert, select

from ejsync.domain.audit import ALTERED, GENESIS, AuditEvent, seal
from ejsync.domain.fingerprints import canonical
from ejsync.errors import AuditBroken
from ejsync.store.statements import table_of
from ejsync.store.tables import AuditRow

A = table_of(AuditRow).c
_HASH = cast(A.hash, LargeBinary).label("hash")
_LAST = select(A.seq, _HASH).where(A.school == bindparam("school")).order_by(A.seq.desc()).limit(1)
"""Asked before every event: built once."""

_TEXTS = ("at", "event", "details", "previous", "hash")


def _entries(school: str) -> Select[Any]:
    """Select entries with their texts as bytes: a text that was tampered with may be none any more."""
    texts = (cast(A[name], LargeBinary).label(name) for name in _TEXTS)
    return select(A.school, A.seq, *texts).where(A.school == school)


def _event(row: Row[Any]) -> AuditEvent:
    """Return an entry whose details stand byte for byte as they were written.

    Raises:
        AuditBroken: a text of it cannot be read, or has bytes that JSON would pass over.
    """
    try:
        at, event, previous, sealed = (getattr(row, name).decode() for name in ("at", "event", "previous", "hash"))
        details = orjson.loads(row.details)
        as_written = isinstance(details, dict) and canonical(details) == row.details
    except (UnicodeDecodeError, orjson.JSONDecodeError):
        as_written = False
    if not as_written:
        raise AuditBroken(school=row.school, seq=row.seq, reason=ALTERED)
    return AuditEvent(row.school, row.seq, at, event, details, previous, sealed)


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
        """Return number and hash of the last entry.

        Raises:
            AuditBroken: that hash cannot be read.
        """
        row = self.connection.execute(_LAST, {"school": self.school}).first()
        if row is None:
            return 0, GENESIS
        try:
            return row.seq, row.hash.decode()
        except UnicodeDecodeError:
            raise AuditBroken(school=self.school, seq=row.seq, reason=ALTERED) from None

    def walk(self, after: int = 0, *, event: str | None = None) -> Iterator[AuditEvent]:
        """Yield the entries after a number, in order.

        Raises:
            AuditBroken: the next entry is not as it was written.
        """
        wanted = _entries(self.school).where(A.seq > after).order_by(A.seq)
        if event is not None:
            wanted = wanted.where(A.event == event)
        for row in self.connection.execution_options(yield_per=1000).execute(wanted):
            yield _event(row)

    def tail(self, count: int) -> list[AuditEvent]:
        """Return the last entries, oldest first.

        Raises:
            AuditBroken: one of them is not as it was written.
        """
        wanted = _entries(self.school).order_by(A.seq.desc()).limit(count)
        return [_event(row) for row in self.connection.execute(wanted)][::-1]
