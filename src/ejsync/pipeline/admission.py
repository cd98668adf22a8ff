"""admission: whether a sink's host may be asked now, and what a request told of it, for all schools that send there."""

from ejsync.domain.breaker import Admission, Breaker, BreakerState, Signal, admission, after, probing
from ejsync.errors import EjsyncError, SinkRejected, SinkThrottled, SinkUnavailable
from ejsync.pipeline.ports import Transaction, Wiring


def breaker_of(wiring: Wiring, tx: Transaction, sink: str) -> Breaker | None:
    """Return the breaker of a sink's host; None for a sink without one."""
    host = wiring.sinks[sink].host
    return (tx.breakers.get(sink, host) or Breaker(sink, host, wiring.clock.now())) if host else None


def admitted(wiring: Wiring, breaker: Breaker | None) -> Admission:
    """Tell what may go to a host now."""
    return admission(breaker, wiring.clock.now()) if breaker else Admission.FREE


def begin_probe(wiring: Wiring, tx: Transaction, breaker: Breaker) -> None:
    """Let one batch ask for all: until its answer the other schools wait."""
    tx.breakers.save(probing(breaker, wiring.clock.now()))


def signal_of(error: EjsyncError | None) -> Signal:
    """Tell what a request says of the host: it answered (a refusal is an answer), it is away, or nothing."""
    if error is None or isinstance(error, SinkRejected):
        return Signal.ANSWERED
    return Signal.AWAY if isinstance(error, SinkUnavailable) and error.of_host else Signal.OWN


def note(wiring: Wiring, tx: Transaction, sink: str, error: EjsyncError | None) -> None:
    """Remember what a request told of its host, and witness a breaker that opens or closes."""
    before = breaker_of(wiring, tx, sink)
    if before is None:
        return
    at, asked_s = wiring.clock.now(), error.retry_after_s if isinstance(error, SinkThrottled) else None
    now = after(before, signal_of(error), at, error=error.code if error else None, asked_s=asked_s)
    if now == before:
        return
    tx.breakers.save(now)
    opened = (before.state, now.state) == (BreakerState.CLOSED, BreakerState.OPEN)
    if opened or (now.state is BreakerState.CLOSED and before.state is not BreakerState.CLOSED):
        details = {"sink": sink, "host": now.host, "failures": max(before.failures, now.failures)}
        tx.audit.append("breaker.opened" if opened else "breaker.closed", details, at)
