"""The promise of the regulation: families get final and examination results within 24 hours.

The hours run from the instant a change was first seen (or a consent, a new sink made it owed) to the sink's answer.
Retries, splits, replays and newer changes of the same record do not set them back.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

WITHIN = timedelta(hours=24)
WARNED_AFTER = timedelta(hours=12)


class Urgency(StrEnum):
    """How the promise stands, from well to broken."""

    IN_TIME = "in_time"
    PRESSING = "pressing"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class OwedResults:
    """The final results that one sink is owed.

    Attributes:
        waiting: how many, wherever they wait: in the outbox, in a batch, held, as dead letters.
        held: how many of them wait for approval.
        late: how many of them are owed for longer than `WITHIN`.
        since: when the oldest of them was seen; None where nothing is owed.
    """

    waiting: int = 0
    held: int = 0
    late: int = 0
    since: datetime | None = None

    @property
    def due_at(self) -> datetime | None:
        """When the oldest must have arrived."""
        return self.since + WITHIN if self.since else None

    def left_s(self, now: datetime) -> float | None:
        """Return the seconds left for the oldest: below zero when it is late, None where nothing is owed."""
        return (self.due_at - now).total_seconds() if self.due_at else None

    def urgency(self, now: datetime) -> Urgency:
        """Judge the oldest."""
        if self.since is None or now - self.since < WARNED_AFTER:
            return Urgency.IN_TIME
        return Urgency.LATE if now - self.since > WITHIN else Urgency.PRESSING
