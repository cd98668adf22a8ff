"""Spans: from days that are due to the stretches that are asked for, as few as may be and the same every time."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from ejsync.domain.windows import Days, Due, Heat, school_year_days, school_year_start

_DAY = timedelta(days=1)
_URGENCY = {heat: position for position, heat in enumerate(Heat)}


def joined(items: Sequence[Due], longest_days: int) -> tuple[Due, ...]:
    """Return what is due as stretches of at most `longest_days`: neighbours joined, long ones cut on a fixed grid.

    What is joined takes the most urgent heat. What has no days is one stretch.
    """
    if any(item.days is None for item in items):
        return (Due(min((item.heat for item in items), key=_URGENCY.__getitem__), None),)
    found: list[Due] = []
    pieces = [piece for item in items for piece in _cut(item, longest_days)]
    for piece in sorted(pieces, key=_first):
        if found and (whole := _together(found[-1], piece, longest_days)):
            found[-1] = whole
        else:
            found.append(piece)
    return tuple(found)


def _first(item: Due) -> date:
    return item.days.first if item.days else date.min


def _together(left: Due, right: Due, longest_days: int) -> Due | None:
    """Return two neighbours as one, unless that is too long."""
    if left.days is None or right.days is None or right.days.first != left.days.last + _DAY:
        return None
    if (right.days.last - left.days.first).days >= longest_days:
        return None
    return Due(min(left.heat, right.heat, key=_URGENCY.__getitem__), Days(left.days.first, right.days.last))


def _cut(item: Due, longest_days: int) -> Iterator[Due]:
    """Cut a stretch that is too long where the grids of its school years have their lines."""
    days = item.days
    if days is None or (days.last - days.first).days < longest_days:
        yield item
        return
    first = days.first
    while first <= days.last:
        last = min(days.last, _cell_end(first, longest_days))
        yield Due(item.heat, Days(first, last))
        first = last + _DAY


def _cell_end(day: date, longest_days: int) -> date:
    """Return the last day of the cell of the grid that a day lies in; each school year begins a grid of its own."""
    year = school_year_days(school_year_start(day).year)
    cells = (day - year.first).days // longest_days + 1
    return min(year.last, year.first + timedelta(days=cells * longest_days - 1))
