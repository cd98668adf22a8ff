"""School days of a period: how many have passed and how many are left; which periods have results of their own."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from ejsync.domain.office import WHOLE_YEAR
from ejsync.domain.payloads import CalendarDay, Period

_SUNDAY = 6
_HALF_A_YEAR = timedelta(weeks=26)


@dataclass(frozen=True, slots=True)
class SchoolDays:
    """How far a period has come: its school days to the end of `as_of`, and those after it."""

    as_of: date
    passed: int
    left: int


def school_days(period: Period, calendar: Iterable[CalendarDay], as_of: date) -> SchoolDays:
    """Count the school days of a class's period: all but Sundays and what its calendar calls vacation or holiday.

    Saturdays count, for classes of five days too: passed and left grow alike, and only their ratio is used. A period
    without bounds has no days.
    """
    if period["start"] is None or period["end"] is None:
        return SchoolDays(as_of, 0, 0)
    first, last = date.fromisoformat(period["start"]), date.fromisoformat(period["end"])
    free = {day["date"] for day in calendar if day["status"] != "school"}
    days = [first + timedelta(days=count) for count in range((last - first).days + 1)]
    taught = [day for day in days if day.weekday() != _SUNDAY and day.isoformat() not in free]
    passed = sum(day <= as_of for day in taught)
    return SchoolDays(as_of, passed, len(taught) - passed)


def lies_in(dated: Mapping[str, Any], period: Period) -> bool:
    """Tell whether the `date` of a payload lies in a period; nothing lies in one without bounds."""
    if period["start"] is None or period["end"] is None:
        return False
    return bool(period["start"] <= dated["date"] <= period["end"])


def is_over(period: Period, as_of: date) -> bool:
    """Tell whether a period ended before this day; one without an end never does."""
    return period["end"] is not None and period["end"] < as_of.isoformat()


def is_called(period: Period, name: str) -> bool:
    """Tell whether the office means this period: by its id, or by `WHOLE_YEAR` one of more than half a year."""
    if name == WHOLE_YEAR and period["start"] and period["end"]:
        lasts = date.fromisoformat(period["end"]) - date.fromisoformat(period["start"])
        return name == period["period"] or lasts > _HALF_A_YEAR
    return name == period["period"]


def smallest(periods: Sequence[Period]) -> list[Period]:
    """Return the periods of one class and year whose marks are forecast, in their order.

    The year is concluded from the results of its quarters or half-years, not from marks: a period that holds another
    one is left out, as are those switched off or without bounds.
    """
    dated = [period for period in periods if period["start"] and period["end"] and not period["disabled"]]
    return [period for period in dated if not any(_holds(period, other) for other in dated if other is not period)]


def _holds(period: Period, other: Period) -> bool:
    outer, inner = ((one["start"] or "", one["end"] or "") for one in (period, other))
    return outer != inner and outer[0] <= inner[0] and inner[1] <= outer[1]
