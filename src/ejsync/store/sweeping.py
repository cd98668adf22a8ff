"""Sweeping: what deleted rows leave behind in free pages, in the log of recent writes, in copies and files beside."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from ejsync.errors import StoreError
from ejsync.store.backup import backups_of
from ejsync.store.drafts import remove_drafts
from ejsync.store.inspection import unusable
from ejsync.store.scrubbing import scrub_copy
from ejsync.store.withdrawals import WithdrawalFile
from ejsync.vault import broken_key_copies_of, lost_key_files_of
from ejsync.wording import N_

_WAIT_S = 30


@dataclass(frozen=True, slots=True)
class Swept:
    """What was swept; `unreachable` is what could not be: damaged, not ours to write, or keys that nobody opens."""

    copies: tuple[str, ...] = ()
    unreachable: tuple[str, ...] = ()


def sweep(store: Path, school: str, pupil: str) -> Swept:
    """Take a pupil, whose rows are deleted, out of backups and files, and write the store anew without free pages.

    Raises:
        StoreError: the store or a copy of it is in use for too long, a copy is being made, or the store cannot be
            written; sweeping again goes on.
    """
    try:
        with closing(sqlite3.connect(store, timeout=_WAIT_S, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")  # ends of consents are added by writers only
            WithdrawalFile(store).forget(school, pupil)
        done: list[str] = []
        left = [path.name for path in (*_undrafted(store), *lost_key_files_of(store), *broken_key_copies_of(store))]
        for copy in backups_of(store):
            (done if _scrubbed(copy.path, school, pupil) else left).append(copy.path.name)
        with closing(sqlite3.connect(store, timeout=_WAIT_S, isolation_level=None)) as connection:
            connection.execute("VACUUM")
        flush(store)
    except (sqlite3.Error, OSError) as error:
        raise unusable(store, error) from None
    return Swept(tuple(done), tuple(left))


def flush(store: Path, wait_s: float = _WAIT_S) -> bool:
    """Empty the log of recent writes into the store; tells whether nothing was left in it.

    Args:
        wait_s: how long readers of an older picture are waited for.

    Raises:
        StoreError: the store cannot be written.
    """
    try:
        with closing(sqlite3.connect(store, timeout=wait_s, isolation_level=None)) as connection:
            busy, left, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.Error as error:
        raise unusable(store, error) from None
    return not busy and left <= 0


def _undrafted(store: Path) -> tuple[Path, ...]:
    """Remove leftovers and return those that stay; a copy that is being made now may still hold the pupil."""
    drafts = remove_drafts(store)
    for draft in drafts.worked_on:
        raise StoreError(path=str(draft), reason=N_("a copy of the store is being made; the erasure waits for its end"))
    return drafts.left


def _scrubbed(copy: Path, school: str, pupil: str) -> bool:
    try:
        scrub_copy(copy, school, pupil, wait_s=_WAIT_S)
    except (sqlite3.Error, OSError) as error:
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY:  # somebody reads it, and will end
            raise unusable(copy, error) from None
        return not copy.exists()
    return True
