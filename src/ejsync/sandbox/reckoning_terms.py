"""Periods as people count them, for the second opinion: begun, over, the smallest ones, and their school days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Json: TypeAlias = "dict[str, Any]"

WHOLE_YEAR = "year"
ENTERED_WITHIN_DAYS = 3
"""So many days after a period a final mark may be on its way still: it is not called missing."""

_LONGER_THAN_DAYS = 182
_SUNDAY, _SEPTEMBER = 6, 9


@dataclass(frozen=True, slots=True)
class Pace:
    """How many school days of a period are behind, today's among them, and how many lie ahead."""

    behind: int
    ahead: int


def within(row: Json, term: Json) -> bool:
    """Tell whether a dated row lies in a period with bounds."""
    return bool(term["start"] and term["end"]) and term["start"] <= row["date"] <= term["end"]


def is_over(term: Json, day: str, *, since_days: int = 0) -> bool:
    """Tell whether a period ended before this day, and before so many days before it."""
    return bool(term["end"]) and term["end"] < (date.fromisoformat(day) - timedelta(days=since_days)).isoformat()


def begun(terms: Iterable[Json], day: str) -> list[Json]:
    """Return the periods of this day's school year that have begun and are in use."""
    today = date.fromisoformat(day)
    year = today.year - (today.month < _SEPTEMBER)
    mine = [term for term in terms if term["school_year"] == year and not term["disabled"]]
    return [term for term in mine if term["start"] and term["start"] <= day]


def smallest(terms: Sequence[Json]) -> list[Json]:
    """Return the periods with bounds inside which no other lies: quarters and half-years, never their year."""
    bounded = [term for term in terms if term["start"] and term["end"]]
    spans = {(term["start"], term["end"]) for term in bounded}

    def holds_another(term: Json) -> bool:
        mine = (term["start"], term["end"])
        return any(mine != span and mine[0] <= span[0] and span[1] <= mine[1] for span in spans)

    return [term for term in bounded if not holds_another(term)]


def is_meant(term: Json, name: str) -> bool:
    """Tell whether the office means this period by a name: its own, or the year for one of more than half a year."""
    if name == term["period"]:
        return True
    if name != WHOLE_YEAR or not (term["start"] and term["end"]):
        return False
    return (date.fromisoformat(term["end"]) - date.fromisoformat(term["start"])).days > _LONGER_THAN_DAYS


def pace(term: Json, calendar: Iterable[Json], day: str) -> Pace:
    """Count a period's days but Sundays, vacations and holidays, as far as the calendar was read."""
    free = {row["date"] for row in calendar if row["status"] != "school"}
    first, last = (date.fromisoformat(term[end]) for end in ("start", "end"))
    behind = ahead = 0
    while first <= last:
        if first.weekday() != _SUNDAY and first.isoformat() not in free:
            if first.isoformat() <= day:
                behind += 1
            else:
                ahead += 1
        first += timedelta(days=1)
    return Pace(behind, ahead)
