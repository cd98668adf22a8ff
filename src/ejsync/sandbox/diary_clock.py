"""The diary's clock: passed in, so that a rehearsal can stand still or be repeated."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class UtcClock:
    """Tells the time from a source of seconds since the epoch."""

    seconds: Callable[[], float] = time.time

    def now(self) -> float:
        """Seconds since the epoch."""
        return self.seconds()

    def stamp(self) -> str:
        """Now as RFC 3339 in UTC with microseconds."""
        return f"{datetime.fromtimestamp(self.seconds(), UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"
