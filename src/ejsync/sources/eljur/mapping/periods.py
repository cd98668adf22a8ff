"""Study periods from `getperiods` (fact sheet, section 3 and section 5, item 4), asked for by one pupil of a class.

Nothing in an answer names its school year, and ids may be the same in every one: the year is that of a period's own
days, else that of the periods beside it, else that of the day it was read.
"""

from datetime import date
from typing import Any

from ejsync.domain.records import Kind, Record, owner_class
from ejsync.domain.windows import school_year_days, school_year_start
from ejsync.sources.eljur.mapping.findings import Findings
from ejsync.sources.eljur.mapping.tidy import Json, flag, handed, identity, rows, school_day, text

_KINDS = frozenset({Kind.PERIOD})
_YEARS = range(2001, 2101)
"""Years that a period may have by the contract; any other is a slip of the pen."""


def read_periods(findings: Findings) -> None:
    """Read the periods of the pupil asked for as those of his class; those of other school years stay."""
    owner = owner_class(findings.school_class)
    read_in = school_year_start(findings.day).year if findings.day else None
    if read_in:
        findings.cover(owner, _KINDS, believable=False, days=school_year_days(read_in))
    for _, student in findings.pupils():
        periods = rows(student.get("periods"))
        years = [_own_year(row) for row in periods]
        newest = max((year for year in years if year), default=read_in)
        if newest:
            findings.cover(owner, _KINDS, believable=bool(periods), days=school_year_days(newest))
        for row, year in zip(periods, years, strict=True):
            _add(findings, owner, year or newest, row)


def _own_year(row: Json) -> int | None:
    """Return the school year in which a period lies, by the middle of its days; the summer closes a year."""
    found = (school_day(row.get(name))[0] for name in ("start", "end"))
    bounds = [day.toordinal() for day in found if day and day.year in _YEARS]
    return school_year_start(date.fromordinal(sum(bounds) // len(bounds))).year if bounds else None


def _add(findings: Findings, owner: str, year: int | None, row: Json) -> None:
    data = _period(findings.school_class, year, row)
    key = f"{data['class']}/{year}/{data['period']}"
    record = Record(Kind.PERIOD, key, owner, None, date(year, 9, 1) if year else None, data)
    findings.add(record, placed=data["period"] is not None)


def _period(school_class: str, year: int | None, row: Json) -> Json:
    """Return a period; an ambiguous one may lack its bounds (`ambigious` is ElJur's own spelling)."""
    return {
        "class": school_class,
        "school_year": year,
        "period": identity(row.get("name")),
        "title": text(row.get("fullname")),
        "disabled": bool(flag(row.get("disabled"))),
        "ambiguous": bool(flag(row.get("ambigious"))),
        "start": handed(_bound, row.get("start")),
        "end": handed(_bound, row.get("end")),
        "weeks": [_week(week) for week in rows(row.get("weeks"))],
    }


def _week(row: Json) -> Json:
    return {
        "start": handed(_bound, row.get("start")),
        "end": handed(_bound, row.get("end")),
        "title": handed(text, row.get("title")),
    }


def _bound(value: Any) -> str | None:
    return school_day(value)[1]
