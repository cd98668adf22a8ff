"""When a failed batch goes again: seconds at first, then every half hour, jittered, never given up."""

from random import Random

STEPS_S = (5.0, 30.0, 120.0, 600.0, 1800.0)
JITTER = 0.2
LONGEST_S = 86_400.0


def retry_delay_s(attempt: int, rng: Random, *, asked_s: float | None = None) -> float:
    """Return the seconds to wait after failed attempt number `attempt` (1 is the first).

    Args:
        asked_s: what the sink's `Retry-After` asks for; it is obeyed when it is longer than our own step, up to a day.
    """
    step = STEPS_S[min(attempt, len(STEPS_S)) - 1]
    own = step * rng.uniform(1 - JITTER, 1 + JITTER)
    return max(own, min(asked_s or 0.0, LONGEST_S))
