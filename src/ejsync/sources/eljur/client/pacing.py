"""Pacing: the starts of two requests to one host are a pause apart, whatever threads and schools send them."""

import threading
from weakref import WeakValueDictionary

from ejsync.pipeline.ports import Clock


class Pacer:
    """Hands out starting times for one host."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._free_at = clock.monotonic()

    def wait(self, pause_s: float) -> None:
        """Wait for one's turn; the next turn is `pause_s` seconds later."""
        with self._lock:
            start = max(self._free_at, self._clock.monotonic())
            self._free_at = start + pause_s
        # Sleeping outside the lock lets others queue up behind this turn.
        if (ahead_s := start - self._clock.monotonic()) > 0:
            self._clock.sleep(ahead_s)

    def postpone(self, seconds: float) -> None:
        """Let nobody start for so long: the host asked for it."""
        with self._lock:
            self._free_at = max(self._free_at, self._clock.monotonic() + seconds)


_pacers: WeakValueDictionary[tuple[str, int], Pacer] = WeakValueDictionary()
_pacers_lock = threading.Lock()


def pacer_of(host: str, clock: Clock) -> Pacer:
    """Return the host's pacer: many schools of a region share one host (fact sheet, section 1)."""
    # The pacer holds the clock, so a clock's id is not given again while its pacer lives.
    with _pacers_lock:
        pacer = _pacers.get((host, id(clock)))
        if pacer is None:
            pacer = _pacers[host, id(clock)] = Pacer(clock)
        return pacer
