"""What the store remembers of work in progress: outbox entries, what a sink holds, quarantine, feeds, sinks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, IntEnum, auto
from typing import Any

from ejsync.domain.batches import BatchState, ItemState
from ejsync.domain.changes import Fingerprinted, Op
from ejsync.domain.delays import UNMARKED, Moments
from ejsync.domain.records import Kind


class Priority(IntEnum):
    """Who goes first: the end of a consent, then final results, then everything else."""

    URGENT = 0
    FINAL_RESULT = 1
    NORMAL = 5


class Choice(Enum):
    """What of an outbox may go: everything, what passes any batch, what is no part of an open one.

    What passes are ends of consents, and final results of which none waits in an open batch.
    """

    ALL = auto()
    PASSING = auto()
    APART = auto()


@dataclass(frozen=True, slots=True)
class OutboxEntry:
    """A change waiting for one sink; `hold` names the held batch it waits in."""

    kind: Kind
    key: str
    pupil: str | None
    op: Op
    version: int
    fingerprint: str
    priority: Priority = Priority.NORMAL
    hold: str | None = None
    moments: Moments = UNMARKED


@dataclass(frozen=True, slots=True)
class Sendable:
    """An outbox entry with the payload it will carry (empty for a retraction)."""

    entry: OutboxEntry
    payload: bytes


@dataclass(frozen=True, slots=True)
class Delivered:
    """What a sink was last seen to hold of a key."""

    version: int
    fingerprint: str
    live: bool


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A batch as the store keeps it; instants are aware UTC.

    Attributes:
        refused: how many requests that held all of its items were refused whole.
    """

    batch: str
    school: str
    sink: str
    state: BatchState
    idempotency_key: str
    reason: str
    created_at: datetime
    due_at: datetime
    attempts: int = 0
    epoch: int = 0
    items: int = 0
    dead: int = 0
    replay_of: str | None = None
    split_of: str | None = None
    last_error: str | None = None
    settled_at: datetime | None = None
    refused: int = 0


@dataclass(frozen=True, slots=True)
class ItemRow:
    """An item of a batch with what the sink answered to it."""

    position: int
    op: Op
    kind: Kind
    key: str
    pupil: str | None
    version: int
    fingerprint: str
    state: ItemState
    code: str | None = None
    pointer: str | None = None
    moments: Moments = UNMARKED


@dataclass(frozen=True, slots=True, order=True)
class Held:
    """A live record with its payload, as the store holds it."""

    kind: Kind
    key: str
    owner: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Broken:
    """A record that breaks its contract: pointers name the places, never the values."""

    kind: Kind
    key: str
    owner: str
    pupil: str | None
    day: str | None
    contract: str
    pointers: tuple[str, ...]
    payload: bytes


@dataclass(frozen=True, slots=True)
class Normalised:
    """The records of one reading: well ones fingerprinted, broken ones for quarantine."""

    entries: tuple[Fingerprinted, ...]
    broken: tuple[Broken, ...]


@dataclass(frozen=True, slots=True)
class QuarantineRow:
    """A quarantined record as the store keeps it."""

    number: int
    feed: str
    broken: Broken
    first_seen_at: datetime
    last_seen_at: datetime


ELSEWHERE = ("…", "…")
"""Place and finding under which drift is counted that is too much to be listed one by one."""


@dataclass(frozen=True, slots=True)
class Drifted:
    """A key or a type that a source's answers held and no shape knows: where, what, how often; never a value."""

    method: str
    place: str
    found: str
    count: int
    first_seen_at: datetime
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class FeedMark:
    """How a feed of a school stands: last good cycle, last error code, windows read and failed in that cycle."""

    feed: str
    read_at: datetime | None
    error: str | None
    windows: int = 0
    failed: int = 0
    uncovered: Mapping[str, int] = field(default_factory=dict)
    counts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SinkMark:
    """How a sink of a school stands: when it may be tried again, and why not sooner.

    Attributes:
        batch_items: most items of the next batch, where that is fewer than the settings allow.
    """

    sink: str
    retry_at: datetime | None
    failures: int
    error: str | None
    delivered_at: datetime | None
    batch_items: int | None = None
