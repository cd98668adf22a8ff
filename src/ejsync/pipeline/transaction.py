"""What one database transaction of the store offers: every table family of one school, bound together."""

from typing import Protocol

from ejsync.pipeline.chronicle import Audit, Checkpoints
from ejsync.pipeline.erasures import Erasures, Retention
from ejsync.pipeline.ledgers import (
    Breakers,
    Comparisons,
    Consents,
    Decisions,
    Delays,
    Drift,
    Keys,
    Marks,
    Office,
    Owed,
    Readings,
    StoreMarks,
)
from ejsync.pipeline.shelves import Batches, Outbox, Quarantine, Records


class Transaction(Protocol):
    """Everything of one school inside one database transaction."""

    @property
    def keys(self) -> Keys:
        """What payloads are sealed with."""

    @property
    def records(self) -> Records:
        """What is known."""

    @property
    def outbox(self) -> Outbox:
        """What waits, and what sinks hold."""

    @property
    def batches(self) -> Batches:
        """What travels and has travelled."""

    @property
    def quarantine(self) -> Quarantine:
        """What broke its contract."""

    @property
    def consents(self) -> Consents:
        """What families decided."""

    @property
    def audit(self) -> Audit:
        """What happened."""

    @property
    def checkpoints(self) -> Checkpoints:
        """What of that was signed."""

    @property
    def marks(self) -> Marks:
        """Where feeds and sinks stand."""

    @property
    def readings(self) -> Readings:
        """Which days were read, and when."""

    @property
    def drift(self) -> Drift:
        """Keys and types of a source's answers that no contract knows."""

    @property
    def office(self) -> Office:
        """What the school's office holds."""

    @property
    def breakers(self) -> Breakers:
        """How the hosts of sinks are doing, for all schools."""

    @property
    def owed(self) -> Owed:
        """Final results that sinks are owed within 24 hours."""

    @property
    def delays(self) -> Delays:
        """How long changes took to reach sinks."""

    @property
    def store_marks(self) -> StoreMarks:
        """What the store remembers of itself."""

    @property
    def decisions(self) -> Decisions:
        """What operators choose, look at and decide about."""

    @property
    def erasures(self) -> Erasures:
        """Who is being erased or was, and what is held of a pupil."""

    @property
    def retention(self) -> Retention:
        """What is kept longer than it should."""

    @property
    def comparisons(self) -> Comparisons:
        """What comparisons with sinks found."""
