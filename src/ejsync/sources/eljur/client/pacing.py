"""Pacing: the starts of two requests to one host are a pause apart, whatever threads and schools send them.

The rule. The pause is the longest `request_pause_ms` of the schools on the host (fact sheet, section 1: 100-500 ms are
usual), and each *step* doubles it, from 0.1 s at least, up to 30 s (or to that setting, where it is longer).

| what came                                                              | steps          |
|------------------------------------------------------------------------|----------------|
| no connection, a broken deadline, 5xx, a page that is no answer        | +1             |
| 429, 503, or any refusal with `Retry-After`                            | +2             |
| an answer that took over 1 s and over 4 times its usual, or over 15 s  | +1             |
| three other answers in a row; a refusal (4xx) is an answer too         | -1, to none    |

The usual of an answer is a running mean (a fifth of each new time) for its method and its size, within a factor of
four, of at least five answers before: a year of marks is not slow beside one pupil's. Trouble of requests that had
begun before the last step up adds none: it is the same trouble. `Retry-After` holds everybody until it is over, one
hour at most; a thread that would have to wait longer than it may is told so at once.
"""

import threading
from dataclasses import dataclass
from math import ceil, log2
from weakref import WeakValueDictionary

from ejsync.pipeline.ports import Clock
from ejsync.wording import N_

_LEAST_S, _LONGEST_S = 0.1, 30.0
_GOOD_ONES = 3
_SLOW_TIMES, _SLOW_FROM_S, _ALWAYS_SLOW_S = 4.0, 1.0, 15.0
_SHARE, _KNOWN_FROM = 0.2, 5
_LONGEST_HOLD_S = 3600.0

SETTING = N_("as the settings say")
SLOW = N_("the journal answers slowly")
FAILING = N_("the journal fails or gives no answer")
THROTTLED = N_("the journal asks for fewer requests")
HELD = N_("the journal asked to wait")


class HeldError(Exception):
    """The host asked to wait for longer than the caller may; says how long from now."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Pace:
    """How far apart requests start just now, and why; `because` is a sentence of the catalogue."""

    pause_s: float
    because: str


@dataclass(slots=True)
class _Usual:
    """How long the answers of one kind take."""

    seconds: float = 0.0
    count: int = 0

    def is_exceeded_by(self, took_s: float) -> bool:
        """Tell whether an answer was slow beside its like, and take it into the mean."""
        slow = self.count >= _KNOWN_FROM and took_s > max(_SLOW_FROM_S, _SLOW_TIMES * self.seconds)
        self.seconds += (took_s - self.seconds) * (_SHARE if self.count else 1.0)
        self.count += 1
        return slow


class Pacer:
    """Hands out starting times for one host, and learns from what came of them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._base_s = 0.0
        self._free_at = self._held_until = self._grown_at = clock.monotonic()
        self._steps = self._good = 0
        self._because = SETTING
        self._usual: dict[tuple[str, int], _Usual] = {}

    def join(self, pause_s: float) -> None:
        """Let a school in: the strictest pause of all counts for as long as the host is asked by anyone."""
        with self._lock:
            self._base_s = max(self._base_s, pause_s)

    def pace(self) -> Pace:
        """Return the present pause and its reason."""
        with self._lock:
            held_s = self._held_until - self._clock.monotonic()
            return Pace(held_s, HELD) if held_s > self._pause_s() else Pace(self._pause_s(), self._because)

    def wait(self, patience_s: float) -> float:
        """Wait for one's turn and return the moment it came, monotonic.

        Raises:
            HeldError: the host asked everybody to wait for longer than `patience_s` seconds.
        """
        turn = self._turn(patience_s)
        while True:
            # Sleeping outside the lock lets others queue up behind this turn.
            if (ahead_s := turn - self._clock.monotonic()) > 0:
                self._clock.sleep(ahead_s)
            if turn >= self._held_until:
                return turn
            turn = self._turn(patience_s)

    def answered(self, began: float, method: str, size_bytes: int) -> None:
        """Learn of an answer to a request that `wait` let begin."""
        took_s = self._clock.monotonic() - began
        with self._lock:
            usual = self._usual.setdefault((method, size_bytes.bit_length() // 2), _Usual())
            if usual.is_exceeded_by(took_s) or took_s > _ALWAYS_SLOW_S:
                self._grow(began, 1, SLOW)
                return
            self._good += 1
            if self._good >= _GOOD_ONES:
                self._shrink()

    def failed(self, began: float) -> None:
        """Learn that no usable answer came."""
        with self._lock:
            self._grow(began, 1, FAILING)

    def throttled(self, began: float, asked_s: float) -> None:
        """Learn that the host wants fewer requests, and none at all for some seconds."""
        with self._lock:
            self._held_until = max(self._held_until, self._clock.monotonic() + min(asked_s, _LONGEST_HOLD_S))
            self._grow(began, 2, THROTTLED)

    def _turn(self, patience_s: float) -> float:
        with self._lock:
            now = self._clock.monotonic()
            if self._held_until - now > patience_s:
                raise HeldError(self._held_until - now)
            turn = max(self._free_at, self._held_until, now)
            self._free_at = turn + self._pause_s()
            return turn

    def _pause_s(self) -> float:
        return self._base_s if not self._steps else min(self._unit_s() * 2.0**self._steps, self._bound_s())

    def _unit_s(self) -> float:
        return max(self._base_s, _LEAST_S)

    def _bound_s(self) -> float:
        return max(self._base_s, _LONGEST_S)

    def _grow(self, began: float, steps: int, because: str) -> None:
        self._good = 0
        if began < self._grown_at:
            return
        most = ceil(log2(self._bound_s() / self._unit_s()))  # steps beyond the bound would only delay the way back
        self._steps = min(self._steps + steps, most)
        self._grown_at, self._because = self._clock.monotonic(), because

    def _shrink(self) -> None:
        self._good = 0
        self._steps = max(0, self._steps - 1)
        if not self._steps:
            self._because = SETTING


_pacers: WeakValueDictionary[tuple[str, int], Pacer] = WeakValueDictionary()
_pacers_lock = threading.Lock()


def pacer_of(host: str, clock: Clock, pause_s: float) -> Pacer:
    """Return the host's pacer, joined by a school: many schools of a region share one host (fact sheet, section 1)."""
    # The pacer holds the clock, so a clock's id is not given again while its pacer lives.
    with _pacers_lock:
        pacer = _pacers.get((host, id(clock)))
        if pacer is None:
            pacer = _pacers[host, id(clock)] = Pacer(clock)
    pacer.join(pause_s)
    return pacer
