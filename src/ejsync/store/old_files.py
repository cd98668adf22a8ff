"""Files beside a store that are past their time: backups, and acts of destruction after the years of the law."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from ejsync.domain.cutoffs import Cutoffs
from ejsync.store.backup import backups_of

ACTS = "acts"


def acts_of(store: Path) -> Path:
    """Return the folder in which the acts of a store are kept."""
    return store.parent / ACTS


def old_files(store: Path, before: Cutoffs) -> list[Path]:
    """Return the files that are past their time."""
    return [*_backups(store, before), *_acts(store, before)]


def _backups(store: Path, before: Cutoffs) -> Iterator[Path]:
    for backup in backups_of(store):
        if backup.at < before.backups.timestamp():
            yield backup.path
            yield from (path for end in ("-wal", "-shm") if (path := Path(f"{backup.path}{end}")).exists())


def _acts(store: Path, before: Cutoffs) -> Iterator[Path]:
    """An act is as old as the day in its name: copying it makes it no younger."""
    for path in sorted(acts_of(store).glob("act-*-[0-9]*.*")):
        day = path.stem.rpartition("-")[2]
        if day.isdigit() and datetime.strptime(day, "%Y%m%d").replace(tzinfo=UTC) < before.acts:
            yield path


def remove(files: list[Path]) -> int:
    """Delete files; returns how many. One that is gone already is well.

    Raises:
        OSError: one cannot be deleted.
    """
    for path in files:
        path.unlink(missing_ok=True)
    return len(files)
