"""hasten: a person asks to send now: what waits because of an error need not wait, unless the sink asked for it."""

from dataclasses import replace

from ejsync.errors import SinkThrottled
from ejsync.pipeline.ports import Transaction, Wiring


def impatient(wiring: Wiring, tx: Transaction, sink: str) -> int:
    """Make what waits for a sink due now and return how many batches that concerned.

    A sink that itself asked to wait is left in peace: its mark and its batch stay as they are.
    """
    mark = tx.marks.sink(sink)
    if mark.error == SinkThrottled.code:
        return 0
    if mark.retry_at is not None:
        tx.marks.save_sink(replace(mark, retry_at=None))
    return tx.batches.hasten(sink, wiring.clock.now(), unless=SinkThrottled.code)
