"""What operators may look at without working on a store: its health, who works on it, and a copy to rehearse on."""

import fcntl
import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from ejsync.errors import StoreError
from ejsync.store.heads import HeadFile
from ejsync.wording import N_

_WORDS = {
    "SQLITE_FULL": N_("the disk is full (SQLITE_FULL); make room, and ejsync goes on by itself"),
    "SQLITE_BUSY": N_("another program keeps it locked (SQLITE_BUSY); once it lets go, ejsync goes on by itself"),
    "SQLITE_CORRUPT": N_("its pages are damaged (SQLITE_CORRUPT); put a backup back: ejsync db restore"),
    "SQLITE_NOTADB": N_("it is no database (SQLITE_NOTADB); put a backup back: ejsync db restore"),
}


@dataclass(frozen=True, slots=True)
class Health:
    """What a look at the store's file found; `integrity` is SQLite's own word, `ok` when all is well."""

    version: str | None
    integrity: str
    size_bytes: int
    free_bytes: int


def copy_database(source: Path, target: Path) -> None:
    """Copy a store as it is at one moment, beside a running writer, with how far it has come: the copy is no older one.

    Raises:
        StoreError: it cannot be read, or the copy cannot be written.
    """
    try:
        head = HeadFile(source).path
        if head.exists():  # before the store itself: a copy that is ahead of its head is well
            shutil.copyfile(head, HeadFile(target).path)
        with closing(reading(source)) as original, closing(sqlite3.connect(target)) as copy:
            original.backup(copy)
    except (sqlite3.Error, OSError) as error:
        raise unusable(source, error) from None


def health(path: Path) -> Health:
    """Check a store's pages and its disk; the file is only read.

    Raises:
        StoreError: it is no database, or cannot be read.
    """
    try:
        with closing(reading(path)) as connection:
            (integrity,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            version = _version(connection)
        return Health(version, str(integrity), path.stat().st_size, shutil.disk_usage(path.parent).free)
    except (sqlite3.Error, OSError) as error:
        raise unusable(path, error) from None


def holder(path: Path) -> int | None:
    """Return the process that works on a store, or None; 0 where it did not leave its number."""
    file = Path(f"{path}.lock")
    if not file.is_file():
        return None
    with file.open(encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            text = lock.read().strip()
            return int(text) if text.isdigit() else 0
    return None


def writable(path: Path) -> bool:
    """Tell whether this user may write a store, or make it where it is not there yet."""
    return os.access(path if path.exists() else _nearest(path.parent), os.W_OK)


def _nearest(folder: Path) -> Path:
    return next(one for one in (folder, *folder.resolve().parents) if one.is_dir())


def reading(path: Path) -> sqlite3.Connection:
    """Connect to a database that is only to be read."""
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=30)


def _version(connection: sqlite3.Connection) -> str | None:
    known = connection.execute("SELECT name FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
    if known is None:
        return None
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else None


def unusable(path: Path, error: Exception) -> StoreError:
    """Name a foreign error without its statement and parameters: they may carry personal data."""
    original = getattr(error, "orig", None) or error
    code = getattr(original, "sqlite_errorname", None) or getattr(original, "strerror", None)
    return StoreError(path=str(path), reason=_WORDS.get(code or "", code or type(original).__name__))
