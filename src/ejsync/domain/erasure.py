"""Erasure of a pupil: its steps, what it is about, and what it has found and done so far."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from ejsync.domain.records import Kind


class Step(StrEnum):
    """How far an erasure has come; each step is one commit, and the next one may be made by another process."""

    ORDERED = "ordered"
    """It is known who ordered it and why; reading keeps him out."""
    BEGUN = "begun"
    """His key is destroyed, nothing of him leaves any more but retractions, and reading keeps him out."""
    TOLD = "told"
    """Every diary has confirmed that it erased him, or cannot be asked to."""
    DELETED = "deleted"
    """The store has no row of his any more."""
    SWEPT = "swept"
    """Neither have backups, the files beside the store, and its free pages."""
    WITNESSED = "witnessed"
    """The act of destruction is written; the store itself does not know any more who it was."""
    DONE = "done"
    """Nor does its log of recent writes."""


class Answer(StrEnum):
    """What a diary says to the demand that it erase a pupil."""

    CONFIRMED = "confirmed"
    NOT_REPRESENTABLE = "not_representable"
    LEFT_OUT = "left_out"
    """It is told by other means: people decided so."""


@dataclass(frozen=True, slots=True)
class KeptOut:
    """How the store knows a pupil who was erased: how often that was ordered, and whether he is kept out still."""

    nth: int = 0
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """What was ordered, by whom and on what paper: an operator's own words, kept sealed and only while needed."""

    pupil: str
    reason: str
    document: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class KindHeld:
    """How much of one kind is held, from which school day to which, and since when."""

    kind: Kind
    count: int
    first: date | None
    last: date | None
    since: datetime


@dataclass(frozen=True, slots=True)
class Erasure:
    """One erasure as the store keeps it.

    Attributes:
        pseudonym: the pupil's, under which audit and acts can be read together.
        order: None once the act is written.
        told: by diary, its answer (or its last error), how many records it erased, and when: JSON.
        found: counts, by what was deleted: JSON.
        floor: the highest version of a key of his that any diary may hold; what comes later begins above it.
        nth: 1 for the first erasure of this pupil, 2 for that after he had come back; the key file counts the same.
        lifted_at: when a new consent let the pupil in again.
    """

    number: int
    pseudonym: str
    step: Step
    order: Order | None
    begun_at: datetime
    step_at: datetime
    told: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    found: Mapping[str, Any] = field(default_factory=dict)
    floor: int = 0
    lifted_at: datetime | None = None
    nth: int = 1

    @property
    def diaries(self) -> list[str]:
        """Return the diaries that are to be told: those of the settings, and others that hold anything of him."""
        return list(self.found.get("diaries", ()))

    def is_left_out(self, sink: str) -> bool:
        """Tell whether people tell a diary by other means."""
        return bool(self.told.get(sink, {}).get("answer") == Answer.LEFT_OUT)

    def answered(self, sink: str) -> bool:
        """Tell whether a diary has answered for good."""
        return self.told.get(sink, {}).get("answer") in set(Answer)

    def retry_at(self, sink: str) -> datetime | None:
        """Return before when a diary that failed is not asked again."""
        told = self.told.get(sink, {}).get("retry_at")
        return datetime.fromisoformat(told) if told else None
