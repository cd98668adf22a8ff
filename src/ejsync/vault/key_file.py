"""The file of wrapped keys beside the store: small, its owner's alone, and without a trace of what was struck out.

A row stands under a school and a name; the name of a pupil's key is a keyed hash of his id. A key that is destroyed
leaves its row, empty: what it sealed can be told from what is damaged. `generation` rises with every change, so that a
store knows a key file that is older than itself.
"""

import fcntl
import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ejsync.errors import StoreError

OWNER_ONLY = 0o600
BUSY_TIMEOUT_S = 30
BACKUPS = "backups"
LOST = ".lost-"
_PRAGMAS = ("secure_delete=ON", "synchronous=EXTRA", "temp_store=MEMORY")
_SCHEMA = (
    """CREATE TABLE IF NOT EXISTS head (
    id TEXT NOT NULL, generation INTEGER NOT NULL, master TEXT NOT NULL, reference TEXT NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS wrapped (school TEXT NOT NULL, name TEXT NOT NULL, sealed BLOB,
    destroyed INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (school, name)) WITHOUT ROWID""",
)
Place = tuple[str, str]
"""A school (empty for the installation's own keys) and a name."""


def key_file_of(store: Path) -> Path:
    """Return where the keys of a store are kept."""
    return Path(f"{store}.keys")


def key_copy_of(store: Path) -> Path:
    """Return where the one copy of the key file is kept."""
    return store.parent / BACKUPS / f"{store.stem}.keys"


def key_copies_of(store: Path) -> list[Path]:
    """Return every copy of key files among the backups of a store."""
    return sorted((store.parent / BACKUPS).glob("*.keys"))


def broken_key_copies_of(store: Path) -> list[Path]:
    """Return copies in which nothing can be destroyed: they do not open as key files."""
    return [path for path in key_copies_of(store) if _head_of(path) is None]


def key_copy_left_behind(store: Path, master: str) -> Path | None:
    """Return the copy of the key file if it does not stand under a master (by its id); None where there is none."""
    copy = key_copy_of(store)
    head = _head_of(copy)
    return copy if copy.exists() and (head is None or head.master != master) else None


def _head_of(path: Path) -> "FileHead | None":
    file = KeyFile(path)
    try:
        return file.head()
    except StoreError:
        return None
    finally:
        file.close()


def lost_key_files_of(store: Path) -> list[Path]:
    """Return key files that were put aside because they did not open."""
    return sorted(store.parent.glob(f"{key_file_of(store).name}{LOST}*"))


@dataclass(frozen=True, slots=True)
class FileMark:
    """Which key file this is, and how far it has come; a store remembers it as text."""

    id: str
    generation: int

    @classmethod
    def parse(cls, text: str) -> "FileMark":
        """Read a mark as a store remembers it."""
        name, _, generation = text.partition("/")
        return cls(name, int(generation))

    def __str__(self) -> str:
        return f"{self.id}/{self.generation}"


@dataclass(frozen=True, slots=True)
class FileHead:
    """What stands at the head of a key file: its mark, the id of the master that wraps it, and where that one is."""

    mark: FileMark
    master: str
    reference: str


class KeyFile:
    """One key file on one connection; its user sees to it that one thread at a time speaks to it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection: sqlite3.Connection | None = None

    def close(self) -> None:
        """Let the file go."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Write in one transaction, alone; what is written is on the disk at the end of the block.

        Raises:
            StoreError: the file cannot be used.
        """
        with self._translated():
            connection = self._opened()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Read all of the block at one moment; inside another block it belongs to that one.

        Raises:
            StoreError: the file cannot be used.
        """
        with self._translated():
            connection = self._opened()
            if connection.in_transaction:
                yield
                return
            connection.execute("BEGIN")
            try:
                yield
            finally:
                connection.execute("ROLLBACK")

    def make(self, mark: FileMark, master: str) -> None:
        """Make the tables and the head, inside `writing`."""
        connection = self._opened()
        for statement in _SCHEMA:
            connection.execute(statement)
        connection.execute("INSERT INTO head VALUES (?, ?, ?, '')", (mark.id, mark.generation, master))

    def head(self) -> FileHead | None:
        """Return the head, or None where the file was never made. Raises StoreError."""
        if self._connection is None and (not self.path.exists() or not self.path.stat().st_size):
            return None
        with self._translated():
            if not self._rows("SELECT 1 FROM sqlite_master WHERE name = 'head'"):
                return None
            found = self._rows("SELECT id, generation, master, reference FROM head")
        return FileHead(FileMark(*found[0][:2]), *found[0][2:]) if found else None

    def version(self) -> int:
        """Return a number that changes when another process or connection has written. Raises StoreError."""
        with self._translated():
            return int(self._rows("PRAGMA data_version")[0][0])

    def wrapped(self, school: str | None = None) -> dict[Place, tuple[bytes | None, int]]:
        """Return the keys of a school (or all), wrapped, and how often one of that name was destroyed."""
        of_one = "" if school is None else " WHERE school = ?"
        query = f"SELECT school, name, sealed, destroyed FROM wrapped{of_one}"  # noqa: S608 - no input in it
        with self._translated():
            rows = self._rows(query, *([] if school is None else [school]))
        return {(row[0], row[1]): (row[2], row[3]) for row in rows}

    def put(self, keys: Iterable[tuple[Place, bytes]]) -> None:
        """Add wrapped keys, or put them in the place of others, inside `writing`."""
        rows = [(*place, sealed) for place, sealed in keys]
        upserting = "INSERT INTO wrapped VALUES (?, ?, ?, 0) ON CONFLICT DO UPDATE SET sealed = excluded.sealed"
        self._opened().executemany(upserting, rows)
        self._raise_generation()

    def wrap_under(self, master: str, reference: str) -> None:
        """Note under which master the keys stand now, and where it is to be found, inside `writing`."""
        self._opened().execute("UPDATE head SET master = ?, reference = ?", (master, reference))

    def strike(self, places: Iterable[Place], nth: int = 1) -> None:
        """Destroy keys for the nth time, inside `writing`; what was never here is noted as destroyed too."""
        known = "sealed = NULL, destroyed = max(destroyed, excluded.destroyed)"
        striking = f"INSERT INTO wrapped VALUES (?, ?, NULL, ?) ON CONFLICT DO UPDATE SET {known}"  # noqa: S608 - no input in it
        self._opened().executemany(striking, [(*place, nth) for place in places])
        self._raise_generation()

    def scrub(self) -> None:
        """Write the file anew, so that no page keeps what was struck out. Raises StoreError."""
        with self._translated():
            self._opened().execute("VACUUM")

    def copy_to(self, target: Path) -> None:
        """Copy the file, inside `writing`; the copy takes its name once it is whole and on the disk.

        Until then it is a draft as `store.drafts` knows them: held by a lock, a leftover without one.
        """
        draft = target.with_name(f".{target.name}.draft")
        draft.unlink(missing_ok=True)
        number = os.open(_made(draft), os.O_RDONLY)
        try:
            fcntl.flock(number, fcntl.LOCK_EX)
            with closing(sqlite3.connect(draft)) as copy, closing(sqlite3.connect(self.path)) as original:
                original.backup(copy)
            os.fsync(number)
            draft.replace(target)
        finally:
            os.close(number)

    def load(self, original: Path) -> None:
        """Take over all that another key file holds; for files in memory."""
        with self._translated(), closing(sqlite3.connect(original)) as source:
            source.backup(self._opened())

    def _raise_generation(self) -> None:
        self._opened().execute("UPDATE head SET generation = generation + 1")

    def _rows(self, query: str, *values: str) -> list[tuple[Any, ...]]:
        return self._opened().execute(query, values).fetchall()

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            place = self.path if str(self.path) == ":memory:" else _made(self.path)
            connection = sqlite3.connect(place, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
            for pragma in _PRAGMAS:
                connection.execute(f"PRAGMA {pragma}")
            self._connection = connection
        return self._connection

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            name = getattr(error, "sqlite_errorname", None) or getattr(error, "strerror", None)
            raise StoreError(path=str(self.path), reason=name or type(error).__name__) from None


def strike_in(path: Path, places: list[Place], nth: int) -> None:
    """Destroy keys in a file of its own, without a trace. Raises StoreError."""
    file = KeyFile(path)
    try:
        with file.writing():
            file.strike(places, nth)
        file.scrub()
    finally:
        file.close()


def _made(path: Path) -> Path:
    """Make a file for its owner alone, before anything stands in it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, OWNER_ONLY))
    return path
