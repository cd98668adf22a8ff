"""What has been read and what is due: days of an owner, when they were last read, and how urgent it is to read them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from zoneinfo import ZoneInfo

from ejsync.domain.records import UNDATED, Feed
from ejsync.domain.windows import Days, Due, Heat

_DAY = timedelta(days=1)
_URGENCY = {heat: position for position, heat in enumerate(Heat)}


class Sweep(StrEnum):
    """Which demands a cycle serves: those of every cycle, those that may wait for a free moment, or all."""

    NOW = "now"
    LATER = "later"
    ALL = "all"


SERVED = {
    Sweep.NOW: frozenset({Heat.MISSED, Heat.HOT}),
    Sweep.LATER: frozenset({Heat.ORDERED, Heat.WARM, Heat.COLD}),
    Sweep.ALL: frozenset(Heat),
}


@dataclass(frozen=True, slots=True)
class Read:
    """Days that were last read at one instant; `days` is None for what has no days."""

    days: Days | None
    at: datetime


@dataclass(frozen=True, slots=True)
class History:
    """What was read of one owner, and when a page last changed anything of him."""

    reads: tuple[Read, ...]
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PageMark:
    """The digest of a page that was taken in whole, and when."""

    digest: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Order:
    """Days of a feed that an operator ordered to be read."""

    feed: Feed
    days: Days
    at: datetime


@dataclass(frozen=True, slots=True)
class Demand:
    """Days are wanted that were read since an instant.

    Attributes:
        days: the days wanted; None for what has no days.
        since: whatever was last read before it is due; None asks for days that were not read since they were over,
            from the day on which the oldest of what is known was read (before that day nothing was missed: it was
            never wanted).
    """

    heat: Heat
    days: Days | None
    since: datetime | None


def ordered(order: Order) -> Demand:
    """Return what an order asks for: what was read since it was given is read."""
    return Demand(Heat.ORDERED, None if order.feed in UNDATED else order.days, order.at)


def urgency(item: Demand | Due) -> int:
    """Order demands, the most urgent first."""
    return _URGENCY[item.heat]


def noted(reads: Sequence[Read], newest: Read) -> tuple[Read, ...]:
    """Put a read on top of older ones; what it covers of them is forgotten, neighbours of one instant are joined."""
    if newest.days is None:
        return (newest,)
    rest = [Read(left, read.at) for read in reads if read.days for left in _without(read.days, [newest.days])]
    return tuple(_joined(sorted([*rest, newest], key=_first)))


def due(reads: Sequence[Read], demands: Iterable[Demand], zone: ZoneInfo) -> tuple[Due, ...]:
    """Return what is due of one owner, each day once, under the first demand that asks for it.

    Args:
        demands: the most urgent first.
        zone: the school's, in which a day is over.
    """
    found: list[Due] = []
    for demand in demands:
        if demand.days is None:
            stale = not any(demand.since is None or read.at >= demand.since for read in reads)
            found += [Due(demand.heat, None)] if stale and not found else []
            continue
        taken = [item.days for item in found if item.days]
        for span in _unread(reads, demand, zone):
            found += [Due(demand.heat, free) for free in _without(span, taken)]
    return tuple(found)


def _unread(reads: Sequence[Read], demand: Demand, zone: ZoneInfo) -> Iterator[Days]:
    """Yield the spans of a demand that were not read as it asks."""
    days = demand.days
    if demand.since is None:
        begun = min((read.at.astimezone(zone).date() for read in reads), default=date.max)
        days = Days(max(days.first, begun), days.last) if days else None
    if days is None or days.first > days.last:
        return
    fresh = [fine for read in reads if (fine := _fresh(read, demand, zone))]
    yield from _without(days, fresh)


def _fresh(read: Read, demand: Demand, zone: ZoneInfo) -> Days | None:
    """Return the days of a read that are as fresh as a demand asks."""
    if read.days is None:
        return None
    if demand.since is not None:
        return read.days if read.at >= demand.since else None
    over = min(read.days.last, read.at.astimezone(zone).date() - _DAY)
    return Days(read.days.first, over) if over >= read.days.first else None


def _without(days: Days, taken: Iterable[Days]) -> Iterator[Days]:
    """Cut spans out of a span."""
    first = days.first
    for cut in sorted(taken, key=lambda span: span.first):
        if cut.last < first or cut.first > days.last:
            continue
        if cut.first > first:
            yield Days(first, cut.first - _DAY)
        first = cut.last + _DAY
    if first <= days.last:
        yield Days(first, days.last)


def _first(read: Read) -> date:
    return read.days.first if read.days else date.min


def _joined(reads: list[Read]) -> Iterator[Read]:
    """Join adjacent reads of one instant."""
    open_read = reads[0]
    for _, read in pairwise(reads):
        if open_read.days and read.days and read.at == open_read.at and read.days.first == open_read.days.last + _DAY:
            open_read = Read(Days(open_read.days.first, read.days.last), read.at)
            continue
        yield open_read
        open_read = read
    yield open_read
