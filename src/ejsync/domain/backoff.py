"""When a failed batch goes again: seconds at first, then every half hour, jittered, in time before a deadline."""

from datetime import datetime, timedelta
from random import Random

STEPS_S = (5.0, 30.0, 120.0, 600.0, 1800.0)
JITTER = 0.2
LONGEST_S = 86_400.0
SOONEST_S = 120.0
"""Before a deadline tries come no closer to one another than this."""
_LONGEST_OWN_S = STEPS_S[-1] * (1 + JITTER)


def retry_delay_s(attempt: int, rng: Random, *, asked_s: float | None = None, left_s: float | None = None) -> float:
    """Return the seconds to wait after failed attempt number `attempt` (1 is the first).

    Args:
        asked_s: what the sink's `Retry-After` asks for; it is obeyed when it is longer than our own step, up to a day.
        left_s: seconds to the next deadline that the sink is owed something by; where it would pass before the next
            step, the try comes when half of the time is over. After a deadline nothing is hastened any more.
    """
    step = STEPS_S[min(attempt, len(STEPS_S)) - 1]
    own = step * rng.uniform(1 - JITTER, 1 + JITTER)
    if left_s is not None and 0 < left_s <= own:
        own = min(own, max(SOONEST_S, left_s / 2))
    return max(own, min(asked_s or 0.0, LONGEST_S))


def still_waits(until: datetime | None, now: datetime, *, asked: bool) -> bool:
    """Tell whether a try has to wait; a wait longer than any that is ever set means that the clock was set back.

    Args:
        asked: the sink itself asked for the wait.
    """
    longest_s = LONGEST_S if asked else _LONGEST_OWN_S
    return until is not None and timedelta(0) < until - now <= timedelta(seconds=longest_s)
