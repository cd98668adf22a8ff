"""One round of deliveries that a person asked for: what waits because of an error is tried at once."""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ejsync.pipeline.deliver import DeliveryReport
    from ejsync.pipeline.ports import Wiring


def by_hand(wiring: "Wiring", sink: str, progress: Callable[[int], None]) -> "DeliveryReport":
    """Serve a sink now, unless it asked to wait itself.

    Raises:
        StoreError: the database cannot be used, or another instance took over.
    """
    from ejsync.pipeline.deliver import deliver
    from ejsync.pipeline.hasten import impatient

    with wiring.store.begin(wiring.school) as tx:
        tx.marks.require_epoch(wiring.epoch)
        impatient(wiring, tx, sink)
    return deliver(wiring, sink, progress=progress)


def last_error(wiring: "Wiring", sink: str) -> str | None:
    """Return the code of the error because of which a sink waits, if it does."""
    with wiring.store.read(wiring.school) as tx:
        return tx.marks.sink(sink).error


def decisions(wiring: "Wiring") -> int:
    """Count the decisions of families that are registered."""
    with wiring.store.read(wiring.school) as tx:
        return sum(map(len, tx.consents.of().values()))
