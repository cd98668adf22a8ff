"""Time of a simulated world: one true course of it, and clocks on the wall that may be wrong."""

from datetime import UTC, datetime, timedelta

_MICROSECONDS = 1_000_000


class Time:
    """The true course of time since a world began, in whole microseconds so that no sum ever differs.

    Attributes:
        jumps: true seconds at which the machine's clock was moved.
    """

    def __init__(self, start: datetime):
        self._start, self._passed, self._wrong = start, 0, timedelta(0)
        self.jumps = []

    @property
    def passed(self):
        """True seconds since the beginning."""
        return self._passed / _MICROSECONDS

    def shown(self):
        """What the machine's clock shows, as an aware UTC instant."""
        return self._start + timedelta(microseconds=self._passed) + self._wrong

    def move(self, seconds):
        """Let time pass."""
        self._passed += max(0, round(seconds * _MICROSECONDS))

    def jump(self, seconds):
        """Put the machine's clock on or back; no time passes."""
        self._wrong += timedelta(seconds=seconds)
        self.jumps.append(self.passed)

    def set_right(self):
        """Put the machine's clock right again."""
        if self._wrong:
            self.jump(-self._wrong.total_seconds())

    def clock(self):
        """A clock of its own for one life of the service: whoever remembers by clock forgets with its process."""
        return Clock(self)


class Clock:
    """ports.Clock over the world's time."""

    def __init__(self, time):
        self._time = time

    def now(self):
        """The aware UTC instant that the machine shows."""
        return self._time.shown()

    def monotonic(self):
        """Seconds that never go back."""
        return self._time.passed

    def sleep(self, seconds):
        """Let time pass."""
        self._time.move(seconds)


def utc(year, month, day, hour=0):
    """An aware UTC instant."""
    return datetime(year, month, day, hour, tzinfo=UTC)
