"""What a disk holds after a power cut: all that was synced, and of the rest anything.

A child process works on a real store with `disk_log.c` preloaded; out of its log the files of any moment
are put together. As a program this is that child: `python -m tests.e2e.power_cut FOLDER [SYNCHRONOUS]`.
"""

import json
import os
import sqlite3
import struct
import subprocess
import sys
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from random import Random

from ejsync.domain.batches import Parcel
from ejsync.errors import NotFound
from ejsync.runtime import SystemClock
from tests.doubles.records import mark, marks
from tests.doubles.vault import sealed_store
from tests.doubles.world import World

HERE = Path(__file__)
SECTOR = 512
PUPILS, LESSONS = ("1001", "1002", "1003"), tuple(str(number) for number in range(12))
WITHDRAWS = "1002"
ROUNDS = 30
_HEADER = struct.Struct("<cIqI")


# -- the child -------------------------------------------------------------------------------------------------------


def cells_after(rounds):
    """Return what the journal shows after so many rounds: raw text by pupil and lesson."""
    rng, cells = Random(7), {(pupil, lesson): "5" for pupil in PUPILS for lesson in LESSONS}
    for _ in range(rounds):
        for cell in rng.sample(sorted(cells), 6):
            cells[cell] = rng.choice(("5", "4", "3", "2"))
    return cells


def read(world, cells):
    """Read what the journal shows."""
    world.read(marks(PUPILS, *(mark(who, raw, lesson_id=lesson) for (who, lesson), raw in cells.items())))


def state_of(store):
    """Return a digest of everything in a database file, whatever its order on disk."""
    with closing(sqlite3.connect(store)) as connection:
        return digest(connection)


def digest(connection):
    """Return a digest of everything that a connection shows."""
    names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    rows = [(name, sorted(map(repr, connection.execute(f'SELECT * FROM "{name}"')))) for name in names]
    return blake2b(repr(rows).encode()).hexdigest()


def work(folder, synchronous):
    """Live some rounds on a store, acknowledging each commit and each push in files of their own."""
    from ejsync.store import SqlStore, connecting

    acks, prepare, begin = (folder / "acks").open("wb", buffering=0), connecting._prepare, SqlStore.begin
    pushes = (folder / "pushes").open("wb", buffering=0)

    def prepared(connection, record):
        prepare(connection, record)
        connection.execute("PRAGMA wal_autocheckpoint=25")
        if synchronous:
            connection.execute(f"PRAGMA synchronous={synchronous}")

    @contextmanager
    def begun(store, school):
        with begin(store, school) as tx:
            yield tx
        acks.write(digest(looking).encode())

    connecting._prepare, SqlStore.begin = prepared, begun
    sealed_store(folder / "ejsync.db", SystemClock()).close()  # a world would put an unsynced copy there
    world = World(folder, batch_items=8)
    looking = sqlite3.connect(folder / "ejsync.db", isolation_level=None)
    push = world.ed.push

    def pushed(school, parcel):
        pushes.write(json.dumps([parcel.batch, parcel.idempotency_key, parcel.body.decode()]).encode())
        return push(school, parcel)

    world.ed.push = pushed
    world.consent(*PUPILS)
    for number in range(ROUNDS):
        read(world, cells_after(number))
        world.ed.faults.extend(["lost"] if number % 7 == 3 else [])
        world.deliver()
        world.clock.move(minutes=45)
        if number == ROUNDS // 2:
            world.withdraw(WITHDRAWS)
    world.close()


# -- the disk --------------------------------------------------------------------------------------------------------


@dataclass
class Inode:
    """A file: what is safe, and what was asked for since, in order: writes as (offset, data), sizes as (size, None)."""

    safe: bytearray = field(default_factory=bytearray)
    pending: list = field(default_factory=list)


@dataclass(frozen=True)
class Event:
    """One thing that was asked of the disk."""

    op: str
    path: str
    offset: int
    data: bytes


def recorded(folder, log, library, *, synchronous=""):
    """Let the child work and return what it asked of the disk, in order."""
    environment = {**os.environ, "LD_PRELOAD": str(library), "DISK_FOLDER": str(folder), "DISK_LOG": str(log)}
    subprocess.run(
        [sys.executable, "-m", "tests.e2e.power_cut", str(folder), synchronous],
        cwd=HERE.parents[2], env=environment, check=True, timeout=120,
    )  # fmt: skip
    return list(_events(log.read_bytes()))


def _events(content):
    at = 0
    while at < len(content):
        op, length, offset, size = _HEADER.unpack_from(content, at)
        at += _HEADER.size
        path, data = content[at : at + length].decode(), content[at + length : at + length + size]
        at += length + size
        yield Event(op.decode(), path, offset, data)


class Disk:
    """The files of one folder, what of them is safe, and what the rest of the world saw meanwhile."""

    def __init__(self, folder):
        self._folder = str(folder)
        self.names, self._safe_names, self._renaming = {}, {}, []
        self.acks, self.pushes = [], []

    def take(self, event):
        """Note what is asked next."""
        name = event.path.removeprefix(f"{self._folder}/")
        if name in {"acks", "pushes"}:  # they are no files: they are what somebody else was told
            if event.op == "W":
                getattr(self, name).append(event.data.decode())
        elif event.path == self._folder:
            self._safe_names, self._renaming = dict(self.names), []
        elif not name.endswith("-shm"):  # lives in memory
            self._of_file(event, name)

    def _of_file(self, event, name):
        if event.op in "CUR":
            others = {other: inode for other, inode in self.names.items() if other != name}
            new = event.data.decode().removeprefix(f"{self._folder}/")
            put = {"C": {name: Inode()}, "U": {}, "R": {new: self.names.get(name)}}[event.op]
            self.names = {**others, **put}
            self._renaming.append(self.names)
        elif event.op == "S":
            inode = self.names[name]
            _apply(inode.safe, inode.pending)
            inode.pending = []
        else:
            self.names[name].pending.append((event.offset, None if event.op == "T" else event.data))

    def cut(self, rng):
        """Return the files as they may be found after a cut now: name to content."""
        names = rng.choice([self._safe_names, *self._renaming])
        keep = rng.choice((0.0, 0.3, 0.7, 1.0))
        return {name: _apply(inode.safe[:], _survivors(inode.pending, rng, keep)) for name, inode in names.items()}


def _apply(content, asked):
    """Do what was asked to the content of a file, in place, and return it."""
    for offset, data in asked:
        content.extend(bytes(max(0, offset - len(content))))
        if data is None:
            del content[offset:]
        else:
            content[offset : offset + len(data)] = data
    return content


def _survivors(pending, rng, keep):
    """Choose what reaches the disk: whole writes, and of one in four only some sectors, in any order."""
    for offset, data in pending:
        if data is None or rng.random() < 0.75:
            if rng.random() < keep:
                yield offset, data
            continue
        for start in range(0, len(data), SECTOR):
            if rng.random() < keep:
                yield offset + start, data[start : start + SECTOR]


# -- after the cut ---------------------------------------------------------------------------------------------------


def found_after(folder, files):
    """Put the files into a folder and return what is wrong with the store there; nothing if all is well."""
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    try:
        with closing(sqlite3.connect(folder / "ejsync.db")) as connection:
            verdict = connection.execute("PRAGMA integrity_check").fetchone()[0]
            return "" if verdict == "ok" else f"broken: {verdict}"
    except sqlite3.DatabaseError as error:
        return f"unreadable: {error}"


def run_on(folder, disk):
    """Go on from what was found, with the diary as it was at the cut, and return how it ends: (shown, doubled)."""
    world = World(folder, batch_items=8, seed=1)  # ids of its own
    try:
        for batch, key, body in map(json.loads, disk.pushes):
            world.ed.push(world.wiring.school, Parcel(batch, key, body.encode(), "identity", (), 1))
        world.clock.move(days=3)
        world.consent(*(pupil for pupil in PUPILS if pupil != WITHDRAWS))
        with suppress(NotFound):  # withdrawn already
            world.withdraw(WITHDRAWS)
        read(world, cells_after(ROUNDS))
        world.settle_down(hours=1)
        world.audit()
        return world.seen(), [name for name, times in world.ed.effects.items() if times > 1]
    finally:
        world.close()


if __name__ == "__main__":
    work(Path(sys.argv[1]), sys.argv[2])
