"""deliver: claim a batch (B1), push it, settle it (B2); killed in between, the same bytes go under the same key."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from ejsync.errors import AuditBroken, EjsyncError
from ejsync.pipeline.claim import Alone, Claimed, Waiting, claim
from ejsync.pipeline.isolate import part
from ejsync.pipeline.offer import follow_consents, offer_everything
from ejsync.pipeline.ports import Transaction, Wiring
from ejsync.pipeline.settle import settle_answers, settle_failure


@dataclass(slots=True)
class DeliveryReport:
    """What one round of deliveries to a sink did; `waits_until` is set when something waits for a later try."""

    sink: str
    batches: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    errors: list[EjsyncError] = field(default_factory=list)
    waits_until: datetime | None = None


def deliver(
    wiring: Wiring,
    sink: str,
    *,
    stopped: Callable[[], bool] = lambda: False,
    progress: Callable[[int], None] = lambda _items: None,
) -> DeliveryReport:
    """Send batches one after another until nothing is due. The caller sees to it that one thread serves a sink.

    Raises:
        StoreError: the database cannot be used, or another instance took over.
    """
    report = DeliveryReport(sink)
    with wiring.store.begin(wiring.school) as tx:
        tx.marks.require_epoch(wiring.epoch)
        join(wiring, tx, sink)
        follow_consents(wiring, tx)  # each claim asks once more, for the pupils of its batch alone
    while not stopped():
        with wiring.store.begin(wiring.school) as tx:
            tx.marks.require_epoch(wiring.epoch)
            while isinstance(found := claim(wiring, tx, sink), Alone):
                part(wiring, tx, found.row)
            checkpoint = _newest_checkpoint(tx)
        if isinstance(found, Waiting):
            report.waits_until = found.until
            break
        parcel = replace(found.parcel, checkpoint=checkpoint)
        _push(wiring, sink, replace(found, parcel=parcel), report)
        progress(len(found.parcel.items))
    return report


def join(wiring: Wiring, tx: Transaction, sink: str) -> None:
    """Offer a sink that is new all that is known: what was read before it joined was never queued for it."""
    if sink in tx.marks.known_sinks():
        return
    records = offer_everything(wiring, tx, sink)
    tx.marks.save_sink(tx.marks.sink(sink))
    tx.audit.append("sink.joined", {"sink": sink, "records": records}, wiring.clock.now())


def _newest_checkpoint(tx: Transaction) -> str:
    """Return the line of the newest checkpoint; a log that is broken says so when it is verified."""
    try:
        newest = tx.checkpoints.newest()
    except AuditBroken:
        return ""
    return newest.line() if newest else ""


def _push(wiring: Wiring, sink: str, claimed: Claimed, report: DeliveryReport) -> None:
    began_s = wiring.clock.monotonic()
    try:
        answers = wiring.sinks[sink].push(wiring.school, claimed.parcel)
    except EjsyncError as error:
        report.errors.append(error)
        with wiring.store.begin(wiring.school) as tx:
            tx.marks.require_epoch(wiring.epoch)
            report.counts.update(settle_failure(wiring, tx, claimed, error))
        return
    took_s = wiring.clock.monotonic() - began_s
    with wiring.store.begin(wiring.school) as tx:
        tx.marks.require_epoch(wiring.epoch)
        report.counts.update(settle_answers(wiring, tx, claimed, answers, took_s=took_s))
    report.batches += 1
