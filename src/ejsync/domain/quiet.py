"""Quiet hours: a part of the day, by the school's own clocks, in which a journal is left alone."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

_SPELLED = re.compile(r"(\d\d):(\d\d)\s*[-–]\s*(\d\d):(\d\d)")
_MINUTE = timedelta(minutes=1)
_MIDNIGHT = 24


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From one time of the day up to another, over midnight where the second is the earlier; without times never.

    What counts is what the clocks on the wall show: a time that a clock change leaves out is never quiet, one that it
    repeats is quiet twice.
    """

    start: time | None = None
    end: time | None = None

    @classmethod
    def parse(cls, text: str) -> "QuietHours":
        """Read `22:30-06:00`; nothing means none. `24:00` is midnight.

        Raises:
            ValueError: it is spelled otherwise, names a time there is not, or begins when it ends.
        """
        if not text.strip():
            return cls()
        match = _SPELLED.fullmatch(text.strip())
        if match is None:
            raise ValueError("quiet hours are spelled as 22:30-06:00")
        start, end = (_time(int(match[hour]), int(match[hour + 1])) for hour in (1, 3))
        if start == end:
            raise ValueError("quiet hours begin when they end")
        return cls(start, end)

    def contains(self, now: datetime) -> bool:
        """Tell whether a moment, aware and in the school's zone, is quiet."""
        if self.start is None or self.end is None:
            return False
        shown = now.time()
        if self.start < self.end:
            return self.start <= shown < self.end
        return shown >= self.start or shown < self.end

    def ends_at(self, now: datetime) -> datetime:
        """Return the first moment from `now` on that is not quiet, in the same zone; `now` itself where it is not."""
        moment = now
        # Walking minute by minute in UTC needs no rule for clock changes; a day has 1500 of them at most.
        while self.contains(moment):
            following = moment.astimezone(UTC).replace(second=0, microsecond=0) + _MINUTE
            moment = following.astimezone(now.tzinfo)
        return moment

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{self.end:%H:%M}" if self.start is not None and self.end is not None else ""


def _time(hour: int, minute: int) -> time:
    return time() if (hour, minute) == (_MIDNIGHT, 0) else time(hour, minute)
