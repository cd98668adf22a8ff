"""How a school stands, gathered from the store in one consistent picture."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from ejsync.domain.deadlines import OwedResults

if TYPE_CHECKING:
    from ejsync.bootstrap import Exchange
    from ejsync.domain.standing import BatchRow
    from ejsync.pipeline.ports import Wiring


def school_standing(exchange: "Exchange", wiring: "Wiring") -> dict[str, Any]:
    """Return feeds, sinks and everything that waits for somebody."""
    from ejsync.domain.batches import BatchState

    with exchange.store.read(wiring.school) as tx:
        records, pupils = tx.records.withheld()
        held, orders = tx.batches.find((BatchState.HELD,)), tx.readings.orders()
        return {
            "school": wiring.school,
            "feeds": _feeds(exchange, wiring, tx),
            "sinks": _sinks(wiring, tx),
            "records": {kind.value: count for kind, count in sorted(tx.records.live_counts().items())},
            "held_batches": [row.batch for row in held],
            "dead_letters": tx.batches.dead_items(),
            "quarantined": tx.quarantine.count(),
            "withheld": {"records": records, "pupils": pupils},
            "ordered": [{"feed": order.feed, "from": order.days.first, "to": order.days.last} for order in orders],
            "audit_entries": tx.audit.head()[0],
        }


def _feeds(exchange: "Exchange", wiring: "Wiring", tx: Any) -> list[dict[str, Any]]:
    from ejsync.domain.records import Feed

    marks = {mark.feed: mark for mark in tx.marks.feeds()}
    now = wiring.clock.now()
    found = []
    for feed in Feed:
        rule, mark = exchange.settings.feeds.of(feed), marks.get(feed.value)
        read_at = mark.read_at if mark else None
        found.append(
            {
                "feed": feed.value,
                "enabled": rule.enabled,
                "every_minutes": rule.every_minutes,
                "read_at": read_at,
                "age_s": (now - read_at).total_seconds() if read_at else None,
                "error": mark.error if mark else None,
                "windows": mark.windows if mark else 0,
                "failed": mark.failed if mark else 0,
                "uncovered": dict(mark.uncovered) if mark else {},
                "lost": mark.counts.get("lost", 0) if mark else 0,
            }
        )
    return found


def _sinks(wiring: "Wiring", tx: Any) -> list[dict[str, Any]]:
    from ejsync.domain.batches import OPEN

    outbox, now = tx.outbox.standing(), wiring.clock.now()
    owed = tx.owed.standing(now)
    found = []
    for sink in wiring.sinks:
        waiting, held, oldest = outbox.get(sink, (0, 0, None))
        batches, mark = tx.batches.find(OPEN, sink=sink), tx.marks.sink(sink)
        since = _oldest(oldest, batches)
        found.append(
            {
                "sink": sink,
                "waiting": waiting,
                "held": held,
                "open_batches": len(batches),
                "in_batches": sum(row.items for row in batches),
                "next_try": mark.retry_at or min((row.due_at for row in batches), default=None),
                "waits_s": (now - since).total_seconds() if since else None,
                "failures": mark.failures,
                "error": mark.error,
                "delivered_at": mark.delivered_at,
                "final_results": _final_results(owed.get(sink, OwedResults()), now),
            }
        )
    return found


def _final_results(owed: OwedResults, now: datetime) -> dict[str, Any]:
    """Return what the clock of a sink's final results shows."""
    return {
        "waiting": owed.waiting,
        "held": owed.held,
        "late": owed.late,
        "since": owed.since,
        "due_at": owed.due_at,
        "left_s": owed.left_s(now),
        "urgency": owed.urgency(now).value,
    }


def _oldest(queued_at: datetime | None, batches: "list[BatchRow]") -> datetime | None:
    return min((moment for moment in (queued_at, *(row.created_at for row in batches)) if moment), default=None)
