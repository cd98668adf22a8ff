"""How a school stands, gathered from the store in one consistent picture."""

import sys
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from ejsync.cli.delays_of import Buckets, delays_at, delays_of, longest_wait_s, undelivered_at
from ejsync.domain.deadlines import OwedResults
from ejsync.domain.delays import SHOWN

if TYPE_CHECKING:
    from ejsync.bootstrap import Exchange
    from ejsync.pipeline.ports import Wiring


def school_standing(exchange: "Exchange", wiring: "Wiring") -> dict[str, Any]:
    """Return feeds, sinks and everything that waits for somebody."""
    from ejsync.domain.batches import BatchState

    with exchange.store.read(wiring.school) as tx:
        records, pupils = tx.records.withheld()
        held, orders = tx.batches.find((BatchState.HELD,)), tx.readings.orders()
        today = wiring.clock.now().astimezone(wiring.zone).date()
        week = tx.delays.since(today - SHOWN)
        return {
            "school": wiring.school,
            "feeds": _feeds(exchange, wiring, tx, (week, tx.delays.since(today))),
            "sinks": _sinks(exchange, wiring, tx, week),
            "records": {kind.value: count for kind, count in sorted(tx.records.live_counts().items())},
            "held_batches": [row.batch for row in held],
            "dead_letters": tx.batches.dead_items(),
            "quarantined": tx.quarantine.count(),
            "withheld": {"records": records, "pupils": pupils},
            "ordered": [{"feed": order.feed, "from": order.days.first, "to": order.days.last} for order in orders],
            "past_their_time": _past_their_time(exchange, wiring, tx),
            "erasures_under_way": len(tx.erasures.unfinished()),
            "audit_entries": tx.audit.head()[0],
        }


def _past_their_time(exchange: "Exchange", wiring: "Wiring", tx: Any) -> dict[str, int]:
    """Count what is kept longer than the settings say, files beside the store too."""
    from ejsync.store.old_files import old_files

    before = exchange.settings.retention.cutoffs(wiring.clock.now())
    files = len(old_files(exchange.store.path, before))
    return {**tx.retention.due(before), **({"files": files} if files else {})}


def _feeds(exchange: "Exchange", wiring: "Wiring", tx: Any, delays: tuple[Buckets, Buckets]) -> list[dict[str, Any]]:
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
                "delay_7_days": delays_of(feed, delays[0]),
                "delay_today": delays_of(feed, delays[1]),
            }
        )
    return found


def _sinks(exchange: "Exchange", wiring: "Wiring", tx: Any, week: Buckets) -> list[dict[str, Any]]:
    now, promised = wiring.clock.now(), exchange.settings.promises.within()
    outbox, owed, compared = tx.outbox.standing(), tx.owed.standing(now), tx.comparisons.last()
    missing = tx.delays.undelivered(promised, now)
    found = []
    for sink in wiring.sinks:
        waiting, held = outbox.get(sink, (0, 0))
        undelivered = undelivered_at(sink, missing, promised, now)
        found.append(
            {
                "sink": sink,
                "waiting": waiting,
                "held": held,
                **_travelling(tx, sink),
                "in_doubt": tx.store_marks.in_doubt(sink),
                "waits_s": longest_wait_s(undelivered),
                "undelivered": undelivered,
                "delays_7_days": delays_at(sink, week),
                "breaker": _breaker(tx, sink, wiring.sinks[sink].host, now),
                "comparison": asdict(compared[sink]) if sink in compared else None,
                "final_results": _final_results(owed.get(sink, OwedResults()), now),
            }
        )
    return found


def _travelling(tx: Any, sink: str) -> dict[str, Any]:
    """Return what is on its way to a sink, and how its last attempts went."""
    from ejsync.domain.batches import OPEN

    batches, mark = tx.batches.find(OPEN, sink=sink, limit=sys.maxsize), tx.marks.sink(sink)
    return {
        "open_batches": len(batches),
        "in_batches": sum(row.items for row in batches),
        "next_try": mark.retry_at or min((row.due_at for row in batches), default=None),
        "failures": mark.failures,
        "error": mark.error,
        "delivered_at": mark.delivered_at,
    }


def _breaker(tx: Any, sink: str, host: str, now: datetime) -> dict[str, Any] | None:
    """Return how a sink's host stands while it is not asked freely; None while it is."""
    from ejsync.domain.breaker import BreakerState

    found = tx.breakers.get(sink, host)
    if found is None or found.state is BreakerState.CLOSED:
        return None
    age_s = max(timedelta(0), now - found.since).total_seconds()
    return {
        "host": found.host,
        "state": found.state.value,
        "since": found.since,
        "age_s": age_s,
        "next_probe": found.retry_at,
        "failures": found.failures,
        "error": found.error,
    }


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
