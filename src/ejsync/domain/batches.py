"""Batches: their states, the legal transitions in one table, and what a sink may answer to an item."""

from dataclasses import dataclass
from enum import StrEnum

from ejsync.domain.changes import Op
from ejsync.domain.delays import UNMARKED, Moments
from ejsync.domain.records import Kind
from ejsync.errors import IllegalTransition


class BatchState(StrEnum):
    """Where a batch stands."""

    HELD = "held"
    PENDING = "pending"
    IN_FLIGHT = "in_flight"
    DELIVERED = "delivered"
    PARTIAL = "partial"
    DEAD = "dead"
    SPLIT = "split"
    CANCELLED = "cancelled"
    APPROVED = "approved"


S = BatchState
TRANSITIONS: dict[BatchState, frozenset[BatchState]] = {
    S.HELD: frozenset({S.APPROVED, S.CANCELLED}),  # an operator decides, or the journal heals by itself
    # Cancelled: a consent ended, or the items wait anew. Split, dead: what else was refused with it was accepted since.
    S.PENDING: frozenset({S.IN_FLIGHT, S.CANCELLED, S.SPLIT, S.DEAD}),
    S.IN_FLIGHT: frozenset({S.DELIVERED, S.PARTIAL, S.DEAD, S.PENDING, S.SPLIT}),  # pending: transient or lost lease
    S.DELIVERED: frozenset(),
    S.PARTIAL: frozenset(),
    S.DEAD: frozenset(),
    S.SPLIT: frozenset(),
    S.CANCELLED: frozenset(),
    S.APPROVED: frozenset(),
}
OPEN = (S.PENDING, S.IN_FLIGHT)


def transition(batch: str, current: BatchState, wanted: BatchState) -> BatchState:
    """Return `wanted` if the table allows it.

    Raises:
        IllegalTransition: it does not.
    """
    if wanted not in TRANSITIONS[current]:
        raise IllegalTransition(batch=batch, current=current, wanted=wanted)
    return wanted


class ItemState(StrEnum):
    """Where an item of a batch stands."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    DEAD = "dead"
    REPLAYED = "replayed"
    DISCARDED = "discarded"
    REQUEUED = "requeued"


class Status(StrEnum):
    """What a sink answers to one item."""

    APPLIED = "applied"
    UNCHANGED = "unchanged"
    STALE = "stale"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Item:
    """One change inside a batch, in its order."""

    position: int
    op: Op
    kind: Kind
    key: str
    pupil: str | None
    version: int
    fingerprint: str
    moments: Moments = UNMARKED


@dataclass(frozen=True, slots=True)
class ItemAnswer:
    """The sink's answer to one item; `held_version` is the newer version it has when it says `stale`."""

    position: int
    status: Status
    code: str | None = None
    pointer: str | None = None
    held_version: int | None = None


@dataclass(frozen=True, slots=True)
class Parcel:
    """A batch as it travels: the same bytes under the same key at every attempt.

    Attributes:
        checkpoint: the newest of the school's audit log as one line, empty for none; it travels beside the body.
    """

    batch: str
    idempotency_key: str
    body: bytes
    encoding: str
    items: tuple[Item, ...]
    attempt: int
    checkpoint: str = ""


def verdict(answers: list[ItemAnswer]) -> BatchState:
    """Return the state of a batch whose items were all answered."""
    dead = sum(answer.status is Status.REJECTED for answer in answers)
    if not dead:
        return S.DELIVERED
    return S.DEAD if dead == len(answers) else S.PARTIAL
