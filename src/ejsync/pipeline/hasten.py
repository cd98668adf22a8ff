"""hasten: a person asks to send now: what waits because of an error need not wait, unless the sink asked for it."""

from dataclasses import replace

from ejsync.domain.breaker import hurried
from ejsync.domain.suspicion import asked_to_wait
from ejsync.errors import SinkThrottled
from ejsync.pipeline.admission import breaker_of
from ejsync.pipeline.ports import Transaction, Wiring


def impatient(wiring: Wiring, tx: Transaction, sink: str) -> int:
    """Make what waits for a sink due now and return how many batches that concerned.

    A sink that itself asked to wait is left in peace: its mark and its batch stay as they are. Where its host is
    away, the next batch asks once in spite of it.
    """
    mark, breaker = tx.marks.sink(sink), breaker_of(wiring, tx, sink)
    if asked_to_wait(mark.error) or (breaker and asked_to_wait(breaker.error)):
        return 0
    at = wiring.clock.now()
    if breaker and hurried(breaker, at) != breaker:
        tx.breakers.save(hurried(breaker, at))
    if mark.retry_at is not None:
        tx.marks.save_sink(replace(mark, retry_at=None))
    return tx.batches.hasten(sink, at, unless=SinkThrottled.code)
