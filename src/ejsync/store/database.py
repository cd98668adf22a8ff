"""Opening the database, its transactions, and the one-instance lease."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection, Engine, create_engine, event, select
from sqlalchemy.exc import SQLAlchemyError

from ejsync.pipeline.ports import Clock
from ejsync.store.audit_table import AuditTable
from ejsync.store.backup import back_up, place_for
from ejsync.store.batch_table import BatchTable
from ejsync.store.breaker_table import BreakerTable
from ejsync.store.comparison_table import ComparisonTable
from ejsync.store.consent_table import ConsentTable
from ejsync.store.decision_table import DecisionTable
from ejsync.store.delay_table import DelayTable
from ejsync.store.drift_table import DriftTable
from ejsync.store.heads import HeadFile, head_of
from ejsync.store.inspection import unusable
from ejsync.store.lock import locked
from ejsync.store.mark_table import MarkTable
from ejsync.store.memory_table import MemoryTable
from ejsync.store.migrations import NEWEST, upgrade, version_of
from ejsync.store.office_table import OfficeTable
from ejsync.store.outbox_table import OutboxTable
from ejsync.store.owed_table import OwedTable
from ejsync.store.progress_table import ProgressTable, take_lease
from ejsync.store.quarantine_table import QuarantineTable
from ejsync.store.reading_table import ReadingTable
from ejsync.store.record_table import RecordTable
from ejsync.store.rollback import Beside, look_back
from ejsync.store.statements import table_of
from ejsync.store.tables import RecordRow
from ejsync.store.withdrawals import WithdrawalFile

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
    breakers: BreakerTable
    delays: DelayTable
    store_marks: MarkTable
    decisions: DecisionTable
    comparisons: ComparisonTable

    @classmethod
    def of(cls, connection: Connection, school: str) -> "SqlTransaction":
        """Bind every family to a connection."""
        return cls(*(family.type(connection, school) for family in fields(cls)))  # type: ignore[operator]


@dataclass(frozen=True, slots=True)
class Upgraded:
    """A schema that was brought to a newer version when the store was opened, and the backup taken before."""

    before: str
    after: str
    backup: Path


class SqlStore:
    """The system of record in one SQLite file: WAL, `synchronous=FULL`, one writer at a time.

    Attributes:
        upgraded: what opening did to the schema; None for nothing, and for a store that was only made.
        rolled_back: why this store is known to be older than it was, by school; empty where it is not.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        self.path = path
        self._clock = clock
        self._lock: IO[str] | None = None
        self._beside = Beside(HeadFile(path), WithdrawalFile(path))
        with self._translated():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not path.exists():
                os.close(os.open(path, os.O_WRONLY | os.O_CREAT, OWNER_ONLY))  # SQLite gives -wal and -shm its mode
            self._engine = engine_of(path)
            with self._engine.begin() as connection:
                self.upgraded = self._upgrade(connection)
                self.rolled_back = look_back(connection, self._beside, clock.now())

    def _upgrade(self, connection: Connection) -> Upgraded | None:
        """Bring the schema to the newest version; what stood before is backed up while this transaction keeps it."""
        before = version_of(connection)
        if before is None or before >= NEWEST:
            upgrade(connection)
            return None
        now = self._clock.now()
        kept = back_up(self.path, place_for(self.path, now, f"before-{NEWEST}"), now)
        upgrade(connection)
        return Upgraded(before, NEWEST, kept.path)

    @contextmanager
    def begin(self, school: str) -> Iterator[SqlTransaction]:
        """Open a writing transaction: it commits at the end of the block, or rolls back whole.

        Raises:
            StoreError: the database cannot be used.
        """
        with self._translated():
            with self._engine.begin() as connection:
                transaction = SqlTransaction.of(connection, school)
                yield transaction
                self._beside.withdrawals.add(school, transaction.consents.ended)
                head = head_of(connection, school)
            self._beside.heads.advance(school, head)

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
            self._lock = locked(self.path)
            with self._engine.begin() as connection:
                epoch = take_lease(connection, pid=os.getpid(), at=self._clock.now())
            self._beside.heads.raise_epoch(epoch)
        return epoch

    def release(self) -> None:
        """Let another instance take over."""
        if self._lock is not None:
            self._beside.heads.settle()
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
            raise unusable(self.path, error) from None


def engine_of(path: Path) -> Engine:
    """Return an engine whose transactions are real, for DDL too."""
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
