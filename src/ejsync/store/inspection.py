"""What operators may look at without working on a store: its health, who works on it, and a copy to rehearse on."""

import fcntl
import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from ejsync.errors import StoreError


@dataclass(frozen=True, slots=True)
class Health:
    """What a look at the store's file found; `integrity` is SQLite's own word, `ok` when all is well."""

    version: str | None
    integrity: str
    size_bytes: int
    free_bytes: int


def copy_database(source: Path, target: Path) -> None:
    """Copy a store as it is at one moment, beside a running writer.

    Raises:
        StoreError: it cannot be read, or the copy cannot be written.
    """
    try:
        with closing(_reading(source)) as original, closing(sqlite3.connect(target)) as copy:
            original.backup(copy)
    except sqlite3.Error as error:
        raise _unusable(source, error) from None


def health(path: Path) -> Health:
    """Check a store's pages and its disk; the file is only read.

    Raises:
        StoreError: it is no database, or cannot be read.
    """
    try:
        with closing(_reading(path)) as connection:
            (integrity,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            version = _version(connection)
        return Health(version, str(integrity), path.stat().st_size, shutil.disk_usage(path.parent).free)
    except (sqlite3.Error, OSError) as error:
        raise _unusable(path, error) from None


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


def _reading(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=30)


def _version(connection: sqlite3.Connection) -> str | None:
    known = connection.execute("SELECT name FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
    if known is None:
        return None
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else None


def _unusable(path: Path, error: Exception) -> StoreError:
    """Name a foreign error without its statement."""
    code = getattr(error, "sqlite_errorname", None) or getattr(error, "strerror", None) or type(error).__name__
    return StoreError(path=str(path), reason=str(code))
