"""Files beside a store that are past their time: backups, and acts of destruction after the years of the law."""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from ejsync.domain.cutoffs import Cutoffs
from ejsync.store.backup import backups_of

ACTS = "acts"
_NAME = re.compile(r"act-.+-(?P<day>\d{8})T\d{6}Z\.(?:pdf|json)")


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
    """An act is as old as the day in its name: copying it makes it no younger. Other names are somebody else's."""
    for path in sorted(acts_of(store).glob("act-*.*")):
        if (named := _NAME.fullmatch(path.name)) is None:
            continue
        with suppress(ValueError):
            if datetime.strptime(named["day"], "%Y%m%d").replace(tzinfo=UTC) < before.acts:
                yield path


def remove(files: list[Path]) -> tuple[int, list[Path]]:
    """Delete files; returns how many, and those that cannot be deleted. One that is gone already is well."""
    left = []
    for path in files:
        try:
            path.unlink(missing_ok=True)
        except OSError:
            left.append(path)
    return len(files) - len(left), left
