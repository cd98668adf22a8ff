"""The breaker of one host: while it is away nobody asks it, then one batch of one school asks for all.

Only what tells of the host as a whole counts: no connection, no answer in time, overload. What concerns one school
alone (its token, its address, its batch) neither opens nor closes it.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from ejsync.domain.backoff import LONGEST_S

OPENS_AFTER = 5
"""So many failures with no answer to any school in between open it; a stuck batch is passed by a probe before."""
SHORTEST_REST_S, LONGEST_REST_S = 30.0, 600.0
PROBE_S = 120.0
"""A probe that has told nothing for so long counts as lost: its process may have died."""


class BreakerState(StrEnum):
    """Whether a host may be asked."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class Signal(StrEnum):
    """What a request tells of its host: it is there, it is away, or nothing."""

    ANSWERED = "answered"
    AWAY = "away"
    OWN = "own"


class Admission(StrEnum):
    """What may go to a host now: everything, one batch, or nothing."""

    FREE = "free"
    PROBE = "probe"
    WAIT = "wait"


S, G = BreakerState, Signal
TRANSITIONS: dict[tuple[BreakerState, Signal], BreakerState] = {
    (S.CLOSED, G.ANSWERED): S.CLOSED,
    (S.CLOSED, G.AWAY): S.OPEN,  # once there were enough of them in a row
    (S.CLOSED, G.OWN): S.CLOSED,
    (S.OPEN, G.ANSWERED): S.CLOSED,  # to a request that was under way when it opened
    (S.OPEN, G.AWAY): S.OPEN,
    (S.OPEN, G.OWN): S.OPEN,
    (S.HALF_OPEN, G.ANSWERED): S.CLOSED,
    (S.HALF_OPEN, G.AWAY): S.OPEN,  # for twice as long
    (S.HALF_OPEN, G.OWN): S.OPEN,  # and due: another school may know more
}


@dataclass(frozen=True, slots=True)
class Breaker:
    """How a host stands.

    Attributes:
        failures: how many requests in a row met a host that was away; requests under way when it opened do not count.
        since: when it came into its state.
        retry_at: open: when the next probe may go; half open: when the probe under way counts as lost.
        error: code of the error that opened it.
    """

    sink: str
    host: str
    since: datetime
    state: BreakerState = BreakerState.CLOSED
    failures: int = 0
    retry_at: datetime | None = None
    error: str | None = None


def admission(breaker: Breaker, now: datetime) -> Admission:
    """Tell what may go to the host now; a rest that began in the future means that the clock was set back."""
    if breaker.state is S.CLOSED:
        return Admission.FREE
    rests = breaker.retry_at is not None and breaker.since <= now < breaker.retry_at
    return Admission.WAIT if rests else Admission.PROBE


def probing(breaker: Breaker, now: datetime) -> Breaker:
    """Return the breaker while one batch asks for all."""
    return replace(breaker, state=S.HALF_OPEN, since=now, retry_at=now + timedelta(seconds=PROBE_S))


def hurried(breaker: Breaker, now: datetime) -> Breaker:
    """Return the breaker after a person asked to try now: the next batch is the probe."""
    return replace(breaker, retry_at=now) if breaker.state is S.OPEN else breaker


def after(
    breaker: Breaker, signal: Signal, now: datetime, *, error: str | None = None, asked_s: float | None = None
) -> Breaker:
    """Return the breaker after a request.

    Args:
        error: the code of the request's error.
        asked_s: what the host's `Retry-After` asks for; the rest is never shorter, up to a day.
    """
    if signal is G.ANSWERED:
        return replace(breaker, state=S.CLOSED, since=_since(breaker, now), failures=0, retry_at=None, error=None)
    if signal is G.OWN:
        return replace(breaker, state=S.OPEN, retry_at=now) if breaker.state is S.HALF_OPEN else breaker
    asked_until = now + timedelta(seconds=min(asked_s or 0.0, LONGEST_S))
    if breaker.state is S.OPEN:
        return replace(breaker, retry_at=max(breaker.retry_at or now, asked_until))
    failures = breaker.failures + 1
    if failures < OPENS_AFTER:
        return replace(breaker, failures=failures, error=error)
    rest_s = min(LONGEST_REST_S, SHORTEST_REST_S * 2.0 ** min(failures - OPENS_AFTER, 10))
    retry_at = max(now + timedelta(seconds=rest_s), asked_until)
    return replace(breaker, state=S.OPEN, since=now, failures=failures, retry_at=retry_at, error=error)


def _since(breaker: Breaker, now: datetime) -> datetime:
    return breaker.since if breaker.state is S.CLOSED else now
