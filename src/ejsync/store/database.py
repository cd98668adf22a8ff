"""Opening the database, its transactions, and the one-instance lease."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection, select
from sqlalchemy.exc import SQLAlchemyError

from ejsync.domain.checkpoints import Checkpoint
from ejsync.pipeline.ports import Clock
from ejsync.store.audit_table import AuditTable
from ejsync.store.backup import back_up, place_for
from ejsync.store.batch_table import BatchTable
from ejsync.store.breaker_table import BreakerTable
from ejsync.store.checkpoint_file import CheckpointFile
from ejsync.store.checkpoint_table import CheckpointTable
from ejsync.store.comparison_table import ComparisonTable
from ejsync.store.connecting import engine_of
from ejsync.store.consent_table import ConsentTable
from ejsync.store.decision_table import DecisionTable
from ejsync.store.delay_table import DelayTable
from ejsync.store.drift_table import DriftTable
from ejsync.store.erasure_table import ErasureTable
from ejsync.store.heads import HeadFile, head_of
from ejsync.store.inspection import unusable
from ejsync.store.lock import locked
from ejsync.store.mark_table import EVERY_SCHOOL, KEY_FILE, TRACES, MarkTable
from ejsync.store.memory_table import MemoryTable
from ejsync.store.migrations import NEWEST, version_of
from ejsync.store.office_table import OfficeTable
from ejsync.store.outbox_table import OutboxTable
from ejsync.store.owed_table import OwedTable
from ejsync.store.progress_table import ProgressTable, take_lease
from ejsync.store.quarantine_table import QuarantineTable
from ejsync.store.reading_table import ReadingTable
from ejsync.store.record_table import RecordTable
from ejsync.store.retention_table import RetentionTable
from ejsync.store.rollback import Beside, look_back
from ejsync.store.statements import table_of
from ejsync.store.tables import RecordRow
from ejsync.store.upgrading import SEALED_SINCE, bring_up, remove_traces
from ejsync.store.withdrawals import WithdrawalFile
from ejsync.vault import SchoolKeys, Vault

OWNER_ONLY = 0o600


@dataclass(frozen=True, slots=True)
class SqlTransaction:
    """ports.Transaction: every table family of one school on one connection."""

    keys: SchoolKeys
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
    erasures: ErasureTable
    retention: RetentionTable
    comparisons: ComparisonTable
    checkpoints: CheckpointTable

    @classmethod
    def of(cls, connection: Connection, school: str, keys: SchoolKeys) -> "SqlTransaction":
        """Bind every family to a connection, and those that hold personal data to the keys of the school."""
        plain, sealed = (connection, school), (connection, school, keys)
        families = (family.type for family in fields(cls)[1:])
        return cls(keys, *(family(*(sealed if _seals(family) else plain)) for family in families))  # type: ignore[operator, arg-type]


@cache
def _seals(family: Any) -> bool:
    return "keys" in {field.name for field in fields(family)}


@dataclass(frozen=True, slots=True)
class Upgraded:
    """A schema that was brought to a newer version when the store was opened, and the backup taken before."""

    before: str
    after: str
    backup: Path


class SqlStore:
    """The system of record in one SQLite file: WAL, `synchronous=FULL`, one writer at a time.

    Attributes:
        keys: what payloads are sealed with.
        checkpoint_file: the newest checkpoint of each school, outside of the database.
        upgraded: what opening did to the schema; None for nothing, and for a store that was only made.
        rolled_back: why this store is known to be older than it was, by school; empty where it is not.
    """

    def __init__(self, path: Path, clock: Clock, keys: Vault) -> None:
        self.path, self.keys = path, keys
        self._clock = clock
        self._lock: IO[str] | None = None
        self.checkpoint_file = CheckpointFile(path)
        self._beside = Beside(HeadFile(path), WithdrawalFile(path))
        with self._translated():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not path.exists():
                os.close(os.open(path, os.O_WRONLY | os.O_CREAT, OWNER_ONLY))  # SQLite gives -wal and -shm its mode
            self._engine = engine_of(path)
            with self._engine.begin() as connection:
                self.upgraded = self._upgrade(connection)
                self.rolled_back = look_back(connection, self._beside, keys, clock.now())
                noted = self._note_keys(connection)
                traces = MarkTable(connection, EVERY_SCHOOL).get(TRACES)
            self._noted = noted
            if traces is not None:
                self._remove_traces()

    def _upgrade(self, connection: Connection) -> Upgraded | None:
        """Bring the schema to the newest version; what stood before is backed up while this transaction keeps it."""
        before, now = version_of(connection), self._clock.now()
        known = before is not None and before >= SEALED_SINCE
        told = MarkTable(connection, EVERY_SCHOOL).get(KEY_FILE) if known else None
        self.keys.settle(told[0] if told else None)
        if before is None or before >= NEWEST:
            bring_up(connection, self.keys, now)
            return None
        kept = back_up(self.path, place_for(self.path, now, f"before-{NEWEST}"), now)
        bring_up(connection, self.keys, now)
        return Upgraded(before, NEWEST, kept.path)

    def _note_keys(self, connection: Connection) -> str:
        """Let the store remember how far its key file has come: an older one would not open what is sealed here."""
        mark = self.keys.mark
        MarkTable(connection, EVERY_SCHOOL).put(KEY_FILE, mark, self._clock.now())
        return mark

    def _remove_traces(self) -> None:
        self._engine.dispose()  # of ourselves at least nobody reads
        if remove_traces(self.path, self.keys, self._clock.now()):
            with self._engine.begin() as connection:
                MarkTable(connection, EVERY_SCHOOL).drop(TRACES)

    @contextmanager
    def begin(self, school: str) -> Iterator[SqlTransaction]:
        """Open a writing transaction: it commits at the end of the block, or rolls back whole.

        Raises:
            StoreError: the database cannot be used.
        """
        with self._translated():
            with self._engine.begin() as connection:
                self.keys.refresh()  # whoever destroys a key holds the transaction that this one waited for
                transaction = SqlTransaction.of(connection, school, self.keys.of(school))
                yield transaction
                noted = self._noted if self.keys.mark == self._noted else self._note_keys(connection)
                self._beside.withdrawals.add(school, transaction.consents.ended)
                head = head_of(connection, school)
            self._noted = noted
            self._beside.heads.advance(school, head)
            for made in transaction.checkpoints.saved:
                self.checkpoint_file.keep(made)

    @contextmanager
    def read(self, school: str) -> Iterator[SqlTransaction]:
        """Open a reading transaction: a consistent picture that waits for no writer.

        Raises:
            StoreError: the database cannot be used.
        """
        with self._translated(), self._engine.connect() as plain:
            connection = plain.execution_options(reading=True)
            with connection.begin():
                self.keys.refresh()
                yield SqlTransaction.of(connection, school, self.keys.of(school))

    def kept_checkpoint(self, school: str) -> Checkpoint | None:
        """Return the newest checkpoint of a school as it is kept outside of the database."""
        return self.checkpoint_file.read().get(school)

    def keep_checkpoint(self, made: Checkpoint) -> None:
        """Keep a checkpoint outside of the database."""
        self.checkpoint_file.keep(made)

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
        """Release the lock, the keys and every connection."""
        self.release()
        self._engine.dispose()
        self.keys.close()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (SQLAlchemyError, OSError) as error:
            raise unusable(self.path, error) from None
