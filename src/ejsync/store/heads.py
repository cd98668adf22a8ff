"""How far a store has come, kept in a small file beside it: by this an older copy in its place is known.

The file is written after each commit, without waiting for the disk: a killed process leaves it true, a power cut may
leave it some commits behind, and it is never ahead of the store. The lease's epoch is written through to the disk.
"""

import fcntl
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import orjson
from sqlalchemy import Connection, LargeBinary, bindparam, cast, func, select

from ejsync.store.progress_table import current_epoch
from ejsync.store.statements import table_of
from ejsync.store.tables import AuditRow

A = table_of(AuditRow).c
OWNER_ONLY = 0o600
_ENTRY = select(A.seq, cast(A.hash, LargeBinary)).where(A.school == bindparam("school"))
_LAST = _ENTRY.order_by(A.seq.desc()).limit(1)  # asked at every commit: built once
_LONGEST = 1 << 20
Head = tuple[int, str]
"""Number and hash of an audit entry."""


@dataclass(frozen=True, slots=True)
class Heads:
    """The highest epoch, and the last audit entry of each school."""

    epoch: int = 0
    schools: Mapping[str, Head] = field(default_factory=dict)

    def further(self, school: str, head: Head) -> "Heads":
        """Return the heads with a school's, unless it stands further already."""
        if self.schools.get(school, (0, ""))[0] >= head[0]:
            return self
        return replace(self, schools={**self.schools, school: head})


class HeadFile:
    """The file `<store>.head`."""

    def __init__(self, store: Path) -> None:
        self.path = Path(f"{store}.head")

    def read(self) -> Heads | None:
        """Return what was kept; None if there is no file, or none that can be read."""
        try:
            return _parsed(self.path.read_bytes())
        except FileNotFoundError:
            return None

    def write(self, heads: Heads) -> None:
        """Put heads in the place of all that was kept, down to the disk."""
        self._change(lambda _kept: heads, synced=True)

    def raise_epoch(self, epoch: int) -> None:
        """Keep the epoch of a lease just taken."""
        self._change(lambda kept: replace(kept, epoch=max(kept.epoch, epoch)), synced=True)

    def settle(self) -> None:
        """Write what is kept down to the disk: this instance ends."""
        with suppress(OSError):
            self._change(lambda kept: kept, synced=True)

    def advance(self, school: str, head: Head) -> None:
        """Keep how far a school has come; that it cannot be kept takes nothing back that is committed."""
        with suppress(OSError):
            self._change(lambda kept: kept.further(school, head))

    def _change(self, change: Callable[[Heads], Heads], *, synced: bool = False) -> None:
        number = os.open(self.path, os.O_RDWR | os.O_CREAT, OWNER_ONLY)
        try:
            fcntl.flock(number, fcntl.LOCK_EX)
            kept = _parsed(os.pread(number, _LONGEST, 0)) or Heads()
            changed = change(kept)
            if changed != kept or synced:
                os.pwrite(number, orjson.dumps(changed) + b"\n", 0)  # one call, so that a kill leaves old or new
            if synced:
                os.fsync(number)
        finally:
            os.close(number)


def _parsed(content: bytes) -> Heads | None:
    try:
        told = orjson.loads(content.partition(b"\n")[0])
        return Heads(
            int(told["epoch"]), {name: (int(seq), str(sealed)) for name, (seq, sealed) in told["schools"].items()}
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def heads_of(connection: Connection) -> Heads:
    """Return how far a store has come."""
    ends = select(A.school, func.max(A.seq).label("seq")).group_by(A.school).subquery()
    wanted = select(A.school, A.seq, cast(A.hash, LargeBinary)).join(
        ends, (A.school == ends.c.school) & (A.seq == ends.c.seq)
    )
    return Heads(current_epoch(connection), {name: (seq, _text(raw)) for name, seq, raw in connection.execute(wanted)})


def head_of(connection: Connection, school: str, seq: int | None = None) -> Head:
    """Return an audit entry of a school by its number (the last by default); number 0 for none."""
    wanted = _LAST if seq is None else _ENTRY.where(A.seq == seq)
    row = connection.execute(wanted, {"school": school}).first()
    return (row[0], _text(row[1])) if row else (0, "")


def _text(raw: bytes) -> str:
    """Read a hash that may have been tampered with: other bytes, but never an error."""
    return raw.decode("ascii", "backslashreplace")
