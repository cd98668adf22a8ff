"""Bringing a store to the newest schema, and sealing what stores before version 0006 kept open.

What was open leaves traces: in free pages, in the log of recent writes, in the backups of that time. A store so
upgraded remembers that they are due to be removed, until they are.
"""

import os
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from ejsync.store.backup import backups_of
from ejsync.store.connecting import engine_of
from ejsync.store.consent_table import ConsentTable
from ejsync.store.drafts import draft_of, remove_drafts
from ejsync.store.inspection import reading
from ejsync.store.mark_table import EVERY_SCHOOL, TRACES, MarkTable
from ejsync.store.migrations import upgrade, version_of
from ejsync.store.sealed_columns import SEALED, schools_of, values_of, write
from ejsync.vault import Vault

SEALED_SINCE = "0006"
log = structlog.get_logger("ejsync.store")


def bring_up(connection: Connection, keys: Vault, at: datetime) -> None:
    """Bring a database to the newest schema and seal what was open, inside the caller's transaction.

    Raises:
        StoreError: the database was written by a newer ejsync.
    """
    before = version_of(connection)
    upgrade(connection)
    if not is_open(before):
        return
    connection.exec_driver_sql("PRAGMA secure_delete=ON")
    for table in SEALED:
        for school in schools_of(connection, table):
            _seal(connection, table, keys, school)
    for school in schools_of(connection, "consent"):
        decisions = ConsentTable(connection, school, keys.of(school))
        decisions.remember([one for of_pupil in decisions.of().values() for one in of_pupil])
    MarkTable(connection, EVERY_SCHOOL).put(TRACES, "", at)


def is_open(version: str | None) -> bool:
    """Tell whether a store of this version keeps payloads unsealed."""
    return version is not None and version < SEALED_SINCE


def _seal(connection: Connection, table: str, keys: Vault, school: str) -> None:
    of_school = keys.of(school)
    values = list(values_of(connection, table, school))
    of_school.prepare(subject for value in values for subject in value.subjects)
    for value in values:
        write(connection, value, value.closed(of_school))


def remove_traces(store: Path, keys: Vault, at: datetime) -> bool:
    """Seal the backups that are still open, and write the store anew; tells whether nothing is left to do.

    What cannot be done now, because somebody reads the store or a backup is damaged, is told in the log.
    """
    drafts = remove_drafts(store)
    left = [draft.name for draft in (*drafts.left, *drafts.worked_on)]
    left += [backup.path.name for backup in backups_of(store) if not _sealed(backup.path, keys, at)]
    if left:
        log.warning("store.backups_open", backups=left)
    try:
        with closing(sqlite3.connect(store, timeout=1, isolation_level=None)) as connection:
            connection.execute("VACUUM")
            busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.Error as error:
        log.warning("store.traces_left", reason=type(error).__name__)
        return False
    return not busy and not left


def _fold(backup: Path) -> None:
    """Take a backup's own log of writes into it: SQLite would play that log over the pages that take its place."""
    if Path(f"{backup}-wal").exists():
        with closing(sqlite3.connect(backup)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")


def _sealed(backup: Path, keys: Vault, at: datetime) -> bool:
    """Bring a backup to the newest schema, sealed, in its place."""
    told = backup.stat()
    try:
        _fold(backup)
        with closing(reading(backup)) as original, draft_of(backup) as draft:
            engine = engine_of(draft)
            with closing(sqlite3.connect(draft)) as copy:
                original.backup(copy)
            try:
                with engine.begin() as connection:
                    bring_up(connection, keys, at)
                    MarkTable(connection, EVERY_SCHOOL).drop(TRACES)
            finally:
                engine.dispose()
            with closing(sqlite3.connect(draft, isolation_level=None)) as copy:
                copy.execute("PRAGMA journal_mode=DELETE")
                copy.execute("VACUUM")
        os.utime(backup, ns=(told.st_atime_ns, told.st_mtime_ns))  # a copy is as old as what it holds
    except (sqlite3.Error, SQLAlchemyError, OSError):
        return False
    return True
