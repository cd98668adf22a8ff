"""How long changes take from the journal to a sink: the moments of a change, and delays counted in buckets. Pure.

The journal does not tell when something changed. It became *visible* between the last read of its owner and day that
did not show it and the read that did, so a delay is told twice: from the instant it was *seen*, exactly, and from the
earlier read, as what it is *at most*. It ends when the sink's answer is written down.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil, log

from ejsync.domain.reads import Read
from ejsync.domain.records import FEED_OF, Feed, Kind

ACCURACY = 0.05
"""Delays told from buckets differ from the true ones by this share at most, or, below a second, by a second."""
KEPT = timedelta(days=35)
SHOWN = timedelta(days=7)
_GROWTH = (1 + ACCURACY) / (1 - ACCURACY)
_LOG_GROWTH = log(_GROWTH)


@dataclass(frozen=True, slots=True)
class Moments:
    """When a change was seen, and when its day was last read without showing it (None: never, or nobody knows)."""

    seen_at: datetime | None = None
    hidden_at: datetime | None = None


UNMARKED = Moments()
"""The moments of what was queued before they were kept."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """Changes that took about as long as one another.

    Attributes:
        count: how many did, counted from the instant they were seen.
        at_most: how many did at most, counted from the read before, where there was one.
        worst_s: the longest of those in `count`, in seconds.
    """

    count: int = 0
    at_most: int = 0
    worst_s: float = 0.0

    def __add__(self, other: "Bucket") -> "Bucket":
        return Bucket(self.count + other.count, self.at_most + other.at_most, max(self.worst_s, other.worst_s))


@dataclass(frozen=True, slots=True)
class Delays:
    """What is told of many delays, in seconds; None where nothing was delivered."""

    delivered: int
    p50_s: float | None
    p95_s: float | None
    worst_s: float | None
    p95_at_most_s: float | None


@dataclass(frozen=True, slots=True)
class Undelivered:
    """Changes of one feed that a sink has not got.

    Attributes:
        waiting: how many wait in the outbox or travel.
        refused: how many are dead letters of what is still true.
        late: how many of both are older than the promise.
        since: when the oldest of both was seen.
        waiting_since: when the oldest of those that wait or travel was seen.
    """

    waiting: int = 0
    refused: int = 0
    late: int = 0
    since: datetime | None = None
    waiting_since: datetime | None = None

    def __add__(self, other: "Undelivered") -> "Undelivered":
        return Undelivered(
            self.waiting + other.waiting,
            self.refused + other.refused,
            self.late + other.late,
            _earlier(self.since, other.since),
            _earlier(self.waiting_since, other.waiting_since),
        )


def _earlier(*moments: datetime | None) -> datetime | None:
    return min((at for at in moments if at), default=None)


def last_read(reads: Iterable[Read], day: date | None) -> datetime | None:
    """Return when a day was last read; reads without days are about all of them."""
    covering = (read.at for read in reads if read.days is None or (day is not None and _lies_in(day, read)))
    return max(covering, default=None)


def _lies_in(day: date, read: Read) -> bool:
    return read.days is not None and read.days.first <= day <= read.days.last


def bucket_of(seconds: float) -> int:
    """Return the number of the bucket of a delay: each is wider than the one before by the same share."""
    return ceil(log(seconds) / _LOG_GROWTH) if seconds > 1 else 0


def _told_s(bucket: int) -> float:
    """Return the delay that stands for a bucket: none in it is further off than `ACCURACY`."""
    return 2 * _GROWTH**bucket / (_GROWTH + 1)


def counted(delivered: Iterable[tuple[Kind, Moments]], at: datetime) -> dict[tuple[Feed, int], Bucket]:
    """Count changes that reached a sink at one instant, by feed and bucket; those that nobody saw come are left out."""
    found: dict[tuple[Feed, int], Bucket] = {}
    alike = Counter((FEED_OF[kind], moments.seen_at, moments.hidden_at) for kind, moments in delivered)
    for (feed, seen_at, hidden_at), count in alike.items():  # a window's changes share their moments
        if seen_at is None:
            continue
        exact_s = max(0.0, (at - seen_at).total_seconds())  # a clock may be set back
        most_s = max(exact_s, (at - (hidden_at or seen_at)).total_seconds())
        for seconds, more in ((exact_s, Bucket(count=count, worst_s=exact_s)), (most_s, Bucket(at_most=count))):
            place = (feed, bucket_of(seconds))
            found[place] = found.get(place, Bucket()) + more
    return found


def told(buckets: Mapping[int, Bucket]) -> Delays:
    """Return median, 95th percentile (nearest rank) and worst of what buckets count."""
    counts = {number: bucket.count for number, bucket in buckets.items()}
    at_most = {number: bucket.at_most for number, bucket in buckets.items()}
    worst_s = max((bucket.worst_s for bucket in buckets.values()), default=None)
    exact = [_quantile_s(counts, share) for share in (50, 95)]
    p50_s, p95_s = (None if value is None or worst_s is None else min(value, worst_s) for value in exact)
    return Delays(sum(counts.values()), p50_s, p95_s, worst_s, _quantile_s(at_most, 95))


def _quantile_s(counts: Mapping[int, int], percent: int) -> float | None:
    rank = -(-sum(counts.values()) * percent // 100)
    for number in sorted(counts):
        rank -= counts[number]
        if counts[number] and rank <= 0:
            return _told_s(number)
    return None


def merged(many: Sequence[Mapping[int, Bucket]]) -> dict[int, Bucket]:
    """Add up buckets of several days or sinks."""
    found: dict[int, Bucket] = {}
    for buckets in many:
        for number, bucket in buckets.items():
            found[number] = found.get(number, Bucket()) + bucket
    return found
