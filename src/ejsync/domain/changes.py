"""Changes: a record created, updated or retracted, with the next version of its key."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from ejsync.domain.records import RANK, Kind, Record


class Op(StrEnum):
    """What a sink is asked to do with a key."""

    UPSERT = "upsert"
    RETRACT = "retract"


SHUT = ""
"""A fingerprint that no record has: what the store held of this one cannot be read any more, by nobody."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the store knows of a key: the last version, and whether the record is gone."""

    kind: Kind
    key: str
    owner: str
    pupil: str | None
    day: date | None
    version: int
    fingerprint: str
    gone: bool

    @property
    def is_shut(self) -> bool:
        """Tell whether its content is lost, so that nothing shown under its key is a rewriting."""
        return self.fingerprint == SHUT


@dataclass(frozen=True, slots=True)
class Fingerprinted:
    """A valid record with its canonical payload and keyed fingerprint."""

    record: Record
    payload: bytes
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Change:
    """The next version of a key; `payload` is empty for a retraction."""

    op: Op
    kind: Kind
    key: str
    owner: str
    pupil: str | None
    day: date | None
    version: int
    fingerprint: str
    payload: bytes

    @property
    def created(self) -> bool:
        """Tell whether this is the first thing ever said of the key."""
        return self.version == 1


@dataclass(frozen=True, slots=True)
class Difference:
    """What one reading changes against what was known."""

    upserts: tuple[Change, ...]
    retractions: tuple[Change, ...]
    unchanged: int

    def all(self) -> tuple[Change, ...]:
        """Return every change, upserts first."""
        return self.upserts + self.retractions


def upsert(entry: Fingerprinted, version: int) -> Change:
    """Make the change that brings a record to a sink."""
    record = entry.record
    return Change(
        Op.UPSERT, record.kind, record.key, record.owner, record.pupil, record.day,
        version, entry.fingerprint, entry.payload,
    )  # fmt: skip


def retraction(known: Known) -> Change:
    """Make the change that says a known record is gone, under its next version."""
    return Change(
        Op.RETRACT, known.kind, known.key, known.owner, known.pupil, known.day,
        known.version + 1, known.fingerprint, b"",
    )  # fmt: skip


def difference(
    entries: Sequence[Fingerprinted], known: Mapping[tuple[Kind, str], Known], vanished: Iterable[Known]
) -> Difference:
    """Compare a reading with what is known; a returned A after B is a change like any other.

    Args:
        entries: the valid records of the reading.
        known: what the store knows, by kind and key.
        vanished: known live records that a complete window no longer shows.
    """
    upserts, unchanged = [], 0
    for entry in entries:
        before = known.get((entry.record.kind, entry.record.key))
        if before and not before.gone and before.fingerprint == entry.fingerprint:
            unchanged += 1
        else:
            upserts.append(upsert(entry, before.version + 1 if before else 1))
    return Difference(tuple(upserts), tuple(retraction(gone) for gone in vanished), unchanged)


def outbox_rank(op: Op, kind: Kind) -> int:
    """Order changes for sending: parents before children, retractions after and in reverse."""
    return RANK[kind] if op is Op.UPSERT else 2 * len(RANK) - RANK[kind]
