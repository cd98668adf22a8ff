"""Signed checkpoints of a school's audit log, and what lets its tree grow on from the newest without rereading."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import Connection, LargeBinary, cast, insert, select, update

from ejsync.domain.checkpoints import OTHER, UNSIGNED, Checkpoint
from ejsync.domain.merkle import HASH_BYTES, Frontier
from ejsync.errors import AuditBroken
from ejsync.store.statements import table_of
from ejsync.store.trust_tables import CheckpointRow

C = table_of(CheckpointRow).c


@dataclass(frozen=True, slots=True)
class CheckpointTable:
    """ports.Checkpoints on SQL.

    Attributes:
        saved: the checkpoints that this transaction makes; the newest is kept outside of the database too.
    """

    connection: Connection
    school: str
    saved: list[Checkpoint] = field(default_factory=list)

    def newest(self) -> Checkpoint | None:
        """Return the newest checkpoint, or None before the first.

        Raises:
            AuditBroken: it cannot be read.
        """
        wanted = select(cast(C.line, LargeBinary)).where(C.school == self.school).order_by(C.number.desc()).limit(1)
        raw = self.connection.execute(wanted).scalar()
        return None if raw is None else self._read(raw)

    def every(self) -> Iterator[Checkpoint]:
        """Yield all checkpoints, oldest first.

        Raises:
            AuditBroken: the next one cannot be read.
        """
        wanted = select(cast(C.line, LargeBinary)).where(C.school == self.school).order_by(C.number)
        yield from map(self._read, self.connection.execute(wanted).scalars())

    def frontier(self) -> Frontier:
        """Return the tree as it was at the newest checkpoint.

        Raises:
            AuditBroken: what was kept of the tree is not what that checkpoint stands for.
        """
        newest = self.newest()
        if newest is None:
            return Frontier()
        kept = select(cast(C.peaks, LargeBinary)).where(C.school == self.school, C.number == newest.number)
        found = _frontier(newest.size, self.connection.execute(kept).scalar() or b"")
        if found is None or found.root().hex() != newest.root:
            raise AuditBroken(school=self.school, seq=newest.size, reason=OTHER)
        return found

    def save(self, made: Checkpoint, frontier: Frontier) -> None:
        """Add a checkpoint and the tree it stands for; of earlier ones the tree is needed no more."""
        self.connection.execute(update(table_of(CheckpointRow)).where(C.school == self.school).values(peaks=""))
        row = {"school": self.school, "number": made.number, "line": made.line()}
        self.connection.execute(insert(table_of(CheckpointRow)), row | {"peaks": b"".join(frontier.peaks).hex()})
        self.saved.append(made)

    def _read(self, raw: bytes) -> Checkpoint:
        """Read a line that may have been tampered with."""
        try:
            return Checkpoint.read(raw.decode("ascii"))
        except ValueError:
            raise AuditBroken(school=self.school, seq=0, reason=UNSIGNED) from None


def _frontier(size: int, kept: bytes) -> Frontier | None:
    """Read peaks; None where they cannot be those of a tree of this size."""
    try:
        raw = bytes.fromhex(kept.decode("ascii"))
    except ValueError:
        return None
    peaks = tuple(raw[start : start + HASH_BYTES] for start in range(0, len(raw), HASH_BYTES))
    return Frontier(size, peaks) if len(peaks) == size.bit_count() else None
