"""Drafts: files that take their name once they are whole, and what is left of them when a process is killed.

Who works on a draft holds a lock on it, which vanishes with its process: a draft that nobody holds is a leftover, and
may hold what was erased since.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory, mkstemp

END = ".draft"
_FOLDERS = ("", "backups", "acts")
_COMPANIONS = ("", "-wal", "-shm", "-journal")


@contextmanager
def draft_of(target: Path) -> Iterator[Path]:
    """Offer a file beside another, its owner's alone; once it is whole and on the disk it takes the other's name."""
    number, name = mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=END)
    draft = Path(name)
    try:
        fcntl.flock(number, fcntl.LOCK_EX)
        yield draft
        os.fsync(number)
        draft.replace(target)
        sync_folder(target.parent)
    finally:
        _remove(draft)
        os.close(number)


@contextmanager
def draft_folder(store: Path) -> Iterator[Path]:
    """Offer a folder for a copy of a store, beside it if it is there: personal data stay on their disk."""
    beside = store.parent if store.is_file() else None
    with TemporaryDirectory(prefix=f".{store.stem}-copy-", suffix=END, dir=beside) as name:
        number = os.open(name, os.O_RDONLY)
        try:
            fcntl.flock(number, fcntl.LOCK_EX)
            yield Path(name)
        finally:
            os.close(number)


@dataclass(frozen=True, slots=True)
class Drafts:
    """Drafts that are still there: those that could not be removed, and those that somebody works on."""

    left: tuple[Path, ...]
    worked_on: tuple[Path, ...]


def remove_drafts(store: Path) -> Drafts:
    """Remove what killed processes left beside a store, its backups and acts; returns what is still there."""
    found = [path for folder in _FOLDERS for path in (store.parent / folder).glob(f".*{END}")]
    worked_on = [path for path in found if _is_worked_on(path)]
    left = [path for path in found if path not in worked_on and not _remove(path)]
    for folder in _FOLDERS:
        for companion in (store.parent / folder).glob(f".*{END}-*"):  # its draft had taken its name already
            left += [] if Path(str(companion).rpartition("-")[0]).exists() or _remove(companion) else [companion]
    return Drafts(tuple(left), tuple(worked_on))


def _is_worked_on(draft: Path) -> bool:
    try:
        number = os.open(draft, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(number)
    return False


def _remove(draft: Path) -> bool:
    """Remove a draft with what SQLite keeps beside it; tells whether it is gone."""
    if draft.is_dir():
        shutil.rmtree(draft, ignore_errors=True)
    for end in _COMPANIONS:
        with suppress(OSError):
            Path(f"{draft}{end}").unlink()
    return not draft.exists()


def sync_folder(folder: Path) -> None:
    """Write the names of a folder down to the disk."""
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
