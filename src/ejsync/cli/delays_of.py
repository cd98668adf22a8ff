"""How long changes of a school took, and what of them sinks have not got: seconds by feed, for `status`."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from ejsync.domain.delays import Bucket, Undelivered, merged, told
from ejsync.domain.records import Feed

Buckets = Mapping[tuple[str, Feed], Mapping[int, Bucket]]


def delays_of(feed: Feed, buckets: Buckets, *, sink: str | None = None) -> dict[str, Any]:
    """Tell the delays of a feed at one sink, or at all of them together."""
    return asdict(told(merged([some for (at, of), some in buckets.items() if of is feed and sink in {None, at}])))


def delays_at(sink: str, buckets: Buckets) -> dict[str, Any]:
    """Tell the delays of every feed that brought anything to a sink."""
    return {feed.value: delays_of(feed, buckets, sink=sink) for feed in Feed if (sink, feed) in buckets}


def undelivered_at(
    sink: str,
    undelivered: Mapping[tuple[str, Feed], Undelivered],
    promised: Mapping[Feed, timedelta],
    now: datetime,
) -> list[dict[str, Any]]:
    """Tell what a sink has not got, feed by feed, with what was promised."""
    return [
        {
            "feed": feed.value,
            **asdict(undelivered[sink, feed]),
            "oldest_s": _since_s(undelivered[sink, feed].since, now),
            "waits_s": _since_s(undelivered[sink, feed].waiting_since, now),
            "promised_s": promised[feed].total_seconds(),
        }
        for feed in Feed
        if (sink, feed) in undelivered
    ]


def longest_wait_s(undelivered: Iterable[Mapping[str, Any]]) -> float | None:
    """Return how long the oldest change for a sink waits or travels; None where none does."""
    return max((row["waits_s"] for row in undelivered if row["waits_s"] is not None), default=None)


def _since_s(at: datetime | None, now: datetime) -> float | None:
    return max(0.0, (now - at).total_seconds()) if at else None
