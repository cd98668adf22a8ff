"""ports.Clock that moves only when it is told to."""

from datetime import UTC, datetime, timedelta

START = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)


class VirtualClock:
    """Time that stands still; sleeping moves it."""

    def __init__(self, start=START):
        self._start = self._now = start
        self.slept = []

    def now(self):
        """The aware UTC instant."""
        return self._now

    def monotonic(self):
        """Seconds since the clock was made."""
        return (self._now - self._start).total_seconds()

    def sleep(self, seconds):
        """Move on, and remember how far."""
        self.slept.append(seconds)
        self.move(seconds=seconds)

    def move(self, **how_far):
        """Move on by a timedelta's parts."""
        self._now += timedelta(**how_far)
