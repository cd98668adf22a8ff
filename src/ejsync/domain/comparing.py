"""Comparing what a sink holds with what it was last seen to hold: digest first, then key by key. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, StrEnum
from hashlib import sha256

from ejsync.domain.changes import Known
from ejsync.domain.records import Kind


class Finding(StrEnum):
    """What a comparison says of one key; its value is the sign that people see."""

    SAME = "="
    MISSING = "-"
    UNKNOWN = "+"
    DIFFERS = "*"
    UNREADABLE = "!"


@dataclass(frozen=True, slots=True)
class Digest:
    """How many live records of a kind one side holds, and the hash over them (contracts/ed/v1/digest.schema.json)."""

    count: int
    sha256: str


class Silent(Enum):
    """The answer of a sink that cannot be read back."""

    SILENT = "silent"


SILENT = Silent.SILENT


@dataclass(frozen=True, slots=True)
class Holding:
    """A live record as one side holds it; None where its answer could not be read."""

    key: str
    version: int | None
    fingerprint: str | None

    @property
    def readable(self) -> bool:
        """Tell whether all of it could be read."""
        return self.version is not None and self.fingerprint is not None


@dataclass(frozen=True, slots=True)
class HoldingPage:
    """Some live records of one kind in the order of their keys.

    Attributes:
        following: the key behind which the next page begins; None on the last one.
        nameless: rows of which not even the key could be read.
    """

    rows: tuple[Holding, ...]
    following: str | None = None
    nameless: int = 0


@dataclass(frozen=True, slots=True)
class Difference:
    """A key that the two sides do not hold alike."""

    finding: Finding
    kind: Kind
    key: str
    ours: Holding | None
    theirs: Holding | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the last comparison with a sink found: counts by name, or the code of the error that ended it."""

    sink: str
    at: datetime
    scope: str
    counts: Mapping[str, int] = field(default_factory=dict)
    error: str | None = None


def digest_of(rows: Iterable[Sequence[object]]) -> Digest:
    """Hash key, version and fingerprint of rows that come in the order of their keys; one row is held at a time."""
    hashed, count = sha256(), 0
    for key, version, fingerprint in rows:
        hashed.update(f"{key}\t{version}\t{fingerprint}\n".encode())
        count += 1
    return Digest(count, hashed.hexdigest())


NOTHING = digest_of(())


def compare(
    kind: Kind, ours: Iterable[Holding], theirs: Iterable[Holding]
) -> Iterator[tuple[Finding, Difference | None]]:
    """Walk two sides of one kind at once, both in the order of their keys, and yield what is found of each key.

    One row of each side is held at a time; of equal rows nothing but the finding is told.
    """
    left, right = iter(ours), iter(theirs)
    one, other = next(left, None), next(right, None)
    while one is not None or other is not None:
        here = one if one is not None and (other is None or one.key <= other.key) else None
        there = other if other is not None and (one is None or other.key <= one.key) else None
        finding = _finding(here, there)
        held = there or here
        told = None if finding is Finding.SAME or held is None else Difference(finding, kind, held.key, here, there)
        yield finding, told
        one = next(left, None) if here is not None else one
        other = next(right, None) if there is not None else other


def _finding(ours: Holding | None, theirs: Holding | None) -> Finding:
    if theirs is None:
        return Finding.MISSING
    if not theirs.readable:
        return Finding.UNREADABLE
    if ours is None:
        return Finding.UNKNOWN
    return Finding.SAME if ours == theirs else Finding.DIFFERS


def is_behind(theirs: Holding | None, known: Known | None) -> bool:
    """Tell whether a sink is behind what is known here of a key: the key is missing, or older, or is the very same.

    A sink that is ahead of us, or that we cannot read, knows what we do not: what to do there is a person's decision.
    """
    if theirs is None:
        return True
    if known is None or theirs.version is None or theirs.fingerprint is None:
        return False
    return theirs.version < known.version or (theirs.version == known.version and holds_same(theirs, known))


def holds_same(theirs: Holding, known: Known) -> bool:
    """Tell whether a sink holds the very content that is known here, under whatever version."""
    return not known.gone and theirs.version is not None and theirs.fingerprint == known.fingerprint


def version_to_send(theirs: Holding | None, known: Known, *, wanted: bool) -> int:
    """Return the version under which a key can be said to a sink: beyond the one it holds, where that must change.

    Args:
        wanted: whether the sink shall hold the key at all.
    """
    if theirs is None:
        return known.version
    held = known.version if theirs.version is None else theirs.version
    stays = wanted and holds_same(theirs, known)
    return max(known.version, held if stays else held + 1)
