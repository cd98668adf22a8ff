"""Opening the database, its transactions, and the one-instance lease."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection, Engine, create_engine, event, select
from sqlalchemy.exc import SQLAlchemyError

from ejsync.errors import InstanceRunning, StoreError
from ejsync.pipeline.ports import Clock
from ejsync.store.audit_table import AuditTable
from ejsync.store.batch_table import BatchTable
from ejsync.store.consent_table import ConsentTable
from ejsync.store.drift_table import DriftTable
from ejsync.store.memory_table import MemoryTable
from ejsync.store.migrations import upgrade
from ejsync.store.office_table import OfficeTable
from ejsync.store.outbox_table import OutboxTable
from ejsync.store.owed_table import OwedTable
from ejsync.store.progress_table import ProgressTable, take_lease
from ejsync.store.quarantine_table import QuarantineTable
from ejsync.store.reading_table import ReadingTable
from ejsync.store.record_table import RecordTable
from ejsync.store.statements import table_of
from ejsync.store.tables import RecordRow

BUSY_TIMEOUT_MS = 30_000
OWNER_ONLY = 0o600


@dataclass(frozen=True, slots=True)
class SqlTransaction:
    """ports.Transaction: every table family of one school on one connection."""

    records: RecordTable
    outbox: OutboxTable
    batches: BatchTable
    quarantine: QuarantineTable
    consents: ConsentTable
    audit: AuditTable
    marks: ProgressTable
    readings: ReadingTable
    memory: MemoryTable
    drift: DriftTable
    office: OfficeTable
    owed: OwedTable

    @classmethod
    def of(cls, connection: Connection, school: str) -> "SqlTransaction":
        """Bind every family to a connection."""
        return cls(*(family.type(connection, school) for family in fields(cls)))  # type: ignore[operator]


class SqlStore:
    """The system of record in one SQLite file: WAL, `synchronous=FULL`, one writer at a time."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self.path = path
        self._clock = clock
        self._lock: IO[str] | None = None
        with self._translated():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not path.exists():
                os.close(os.open(path, os.O_WRONLY | os.O_CREAT, OWNER_ONLY))  # SQLite gives -wal and -shm its mode
            self._engine = _engine(path)
            with self._engine.begin() as connection:
                upgrade(connection)

    @contextmanager
    def begin(self, school: str) -> Iterator[SqlTransaction]:
        """Open a writing transaction: it commits at the end of the block, or rolls back whole.

        Raises:
            StoreError: the database cannot be used.
        """
        with self._translated(), self._engine.begin() as connection:
            yield SqlTransaction.of(connection, school)

    @contextmanager
    def read(self, school: str) -> Iterator[SqlTransaction]:
        """Open a reading transaction: a consistent picture that waits for no writer.

        Raises:
            StoreError: the database cannot be used.
        """
        with self._translated(), self._engine.connect() as plain:
            connection = plain.execution_options(reading=True)
            with connection.begin():
                yield SqlTransaction.of(connection, school)

    def schools(self) -> list[str]:
        """Return the schools that have records."""
        with self._translated(), self._engine.begin() as connection:
            return list(connection.execute(select(table_of(RecordRow).c.school).distinct()).scalars())

    def acquire(self) -> int:
        """Become the one instance that commits, and return the new epoch.

        The file lock vanishes with its process: after a kill the next instance takes over at once.

        Raises:
            InstanceRunning: another process holds the lock.
        """
        with self._translated():
            lock = _lock_file(self.path)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = _pid(lock)
            lock.close()
            raise InstanceRunning(path=str(self.path), pid=pid) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        self._lock = lock
        with self._translated(), self._engine.begin() as connection:
            return take_lease(connection, pid=os.getpid(), at=self._clock.now())

    def release(self) -> None:
        """Let another instance take over."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def close(self) -> None:
        """Release the lock and every connection."""
        self.release()
        self._engine.dispose()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (SQLAlchemyError, OSError) as error:
            raise StoreError(path=str(self.path), reason=_reason(error)) from None


def _lock_file(path: Path) -> IO[str]:
    number = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_APPEND, OWNER_ONLY)
    return os.fdopen(number, "a+", encoding="utf-8")


def _pid(lock: IO[str]) -> int:
    """Return the process that a held lock names, 0 where it names none."""
    lock.seek(0)
    try:
        return int(lock.read().strip())
    except ValueError:
        return 0


def _reason(error: Exception) -> str:
    """Name a foreign error without its statement and parameters: they carry personal data."""
    original = getattr(error, "orig", None) or error
    return f"{type(original).__name__}: {original}" if isinstance(original, OSError) else _words(original)


def _words(error: BaseException) -> str:
    code = getattr(error, "sqlite_errorname", None)
    return f"{type(error).__name__}" + (f" {code}" if code else "")


def _engine(path: Path) -> Engine:
    engine = create_engine(
        f"sqlite:///{path}", connect_args={"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False}
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, record: Any) -> None:
    """Set up one SQLite connection; with NORMAL an acknowledged commit can vanish on power loss."""
    del record
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    """Writers queue at the start, not at their first statement; readers wait for nobody."""
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
