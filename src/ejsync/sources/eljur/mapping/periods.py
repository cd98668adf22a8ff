"""Study periods from `getperiods` (fact sheet, section 3 and section 5, item 4), asked for by one pupil of a class."""

from typing import Any

from ejsync.domain.records import Kind, Record, owner_class
from ejsync.sources.eljur.mapping.findings import Findings
from ejsync.sources.eljur.mapping.tidy import Json, flag, handed, identity, rows, school_day, text

_KINDS = frozenset({Kind.PERIOD})


def read_periods(findings: Findings) -> None:
    """Read the periods of the pupil asked for as those of his class."""
    owner = owner_class(findings.school_class)
    findings.doubt_silence((owner,), _KINDS)
    for _, student in findings.pupils():
        periods = rows(student.get("periods"))
        findings.cover(owner, _KINDS, believable=bool(periods))
        for row in periods:
            data = _period(findings.school_class, row)
            findings.add(Record(Kind.PERIOD, f"{data['class']}/{data['period']}", owner, None, None, data))


def _period(school_class: str, row: Json) -> Json:
    """Return a period; an ambiguous one may lack its bounds (`ambigious` is ElJur's own spelling)."""
    return {
        "class": school_class,
        "period": identity(row.get("name")),
        "title": text(row.get("fullname")),
        "disabled": bool(flag(row.get("disabled"))),
        "ambiguous": bool(flag(row.get("ambigious"))),
        "start": handed(_bound, row.get("start")),
        "end": handed(_bound, row.get("end")),
    }


def _bound(value: Any) -> str | None:
    return school_day(value)[1]
