"""Backups: taken beside a running writer, kept in one folder, checked before one is put back.

They hold what the store holds, personal data too: the folder `backups` beside the store is where all of them are.
"""

import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ejsync.errors import StoreError
from ejsync.store.drafts import draft_of
from ejsync.store.inspection import reading, unusable
from ejsync.store.mark_table import COPIED
from ejsync.wording import N_

FOLDER = "backups"
_STAMP = "%Y%m%dT%H%M%S%fZ"
_ROUTINE = "[0-9]" * 8 + "T" + "[0-9]" * 12 + "Z.db"


@dataclass(frozen=True, slots=True)
class Backup:
    """One file: its size in bytes, and when it was written."""

    path: Path
    size_bytes: int
    at: float


def folder_of(store: Path) -> Path:
    """Return where the backups of a store are kept."""
    return store.parent / FOLDER


def place_for(store: Path, at: datetime, purpose: str = "") -> Path:
    """Name the file of a backup; a purpose stands before the time and is never pruned."""
    return folder_of(store) / f"{store.stem}-{purpose + '-' if purpose else ''}{at.strftime(_STAMP)}.db"


def backups_of(store: Path) -> list[Backup]:
    """Return every backup in the folder, oldest first, those before upgrades and replaced stores too."""
    found = ((path, path.stat()) for path in folder_of(store).glob(f"{store.stem}-*.db"))
    return sorted((Backup(path, told.st_size, told.st_mtime) for path, told in found), key=lambda one: one.at)


def prune(store: Path, keep: int, made: Path | None = None) -> list[Path]:
    """Delete all routine backups but the newest, and return what was deleted."""
    routine = sorted(folder_of(store).glob(f"{store.stem}-{_ROUTINE}"))
    others = [path for path in routine if path != made]  # the one just made is the newest, whatever the clock said
    doomed = others[: max(len(routine) - keep, 0)]
    for path in doomed:
        path.unlink()
    return doomed


def back_up(store: Path, target: Path, at: datetime) -> Backup:
    """Copy a store as it is at one moment, beside a running writer, check the copy, and only then give it its name.

    Raises:
        StoreError: the store cannot be read, the copy cannot be written or is damaged, or the file is there already.
    """
    try:
        if target.exists():
            raise StoreError(path=str(target), reason=N_("it is there already"))
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with draft_of(target) as draft, closing(reading(store)) as original, closing(sqlite3.connect(draft)) as copy:
            original.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")  # one file, without companions
            mark_as_copy(copy, at)
            _require_sound(draft, copy)
    except (sqlite3.Error, OSError) as error:
        raise unusable(target, error) from None
    told = target.stat()
    return Backup(target, told.st_size, told.st_mtime)


def mark_as_copy(copy: sqlite3.Connection, at: datetime) -> None:
    """Let a copy say that it is one; a store of an old version has no place for that."""
    with suppress(sqlite3.OperationalError):
        naive = at.replace(tzinfo=None).isoformat(" ", "microseconds")
        copy.execute("INSERT OR REPLACE INTO store_mark VALUES ('', ?, '', ?)", (COPIED, naive))
        copy.commit()


def _require_sound(path: Path, connection: sqlite3.Connection) -> None:
    (found,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if found != "ok":
        raise StoreError(path=str(path), reason=N_("its pages are damaged"))
