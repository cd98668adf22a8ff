"""Final marks from `getfinalassessments` (fact sheet, section 3): they have a period and no date.

Their school year is that of their class's periods as last read, else that of the day they were read.
"""

from datetime import date

from ejsync.domain.readings import reading
from ejsync.domain.records import Kind, Record, owner_pupil
from ejsync.domain.windows import school_year_days, school_year_start
from ejsync.sources.eljur.mapping.findings import Findings
from ejsync.sources.eljur.mapping.tidy import Json, entered, folded, handed, identity, prose, rows, text

_KINDS = frozenset({Kind.FINAL_MARK})


def read_finals(findings: Findings) -> None:
    """Read the final marks of the pupils asked for; an empty value says that none is set yet.

    Early in September, while the periods are still last year's, nobody can tell whether the answer is: what is missing
    then is not gone.
    """
    year, settled = _school_year(findings)
    days = school_year_days(year) if year and settled else None
    for owner in findings.asked_owners() if days else ():
        findings.cover(owner, _KINDS, believable=False, days=days)
    for pupil, student in findings.pupils():
        items = rows(student.get("items"))
        if days:
            findings.cover(owner_pupil(pupil), _KINDS, believable=bool(items), days=days)
        for item in items:
            for row in rows(item.get("assessments")):
                _add(findings, pupil, year, (text(item.get("name")), row))


def _school_year(findings: Findings) -> tuple[int | None, bool]:
    """Return the school year of the answer, and whether periods and calendar agree in it.

    Periods of a year that is neither this one nor beside it tell nothing.
    """
    read_in = school_year_start(findings.day).year if findings.day else None
    told = findings.roster.years.get(findings.school_class, read_in)
    if told is None or read_in is None:
        return told, True
    return (told, told == read_in) if abs(told - read_in) <= 1 else (read_in, True)


def _add(findings: Findings, pupil: str, year: int | None, held: tuple[str | None, Json]) -> None:
    subject, row = held
    raw, period = entered(row.get("value")), identity(row.get("period"))
    if raw in (None, "") and "value" in row:
        findings.passed_over["phantom"] += 1
        return
    data = {
        "pupil": pupil,
        "school_year": year,
        "subject": subject,
        "period": period,
        "raw": raw,
        "reading": reading(raw if isinstance(raw, str) else ""),
        "comment": handed(prose, row.get("comment")),
    }
    key = f"{pupil}/{year}/{folded(subject)}/{period}"
    day = date(year, 9, 1) if year else None
    record = Record(Kind.FINAL_MARK, key, owner_pupil(pupil), pupil, day, data)
    findings.add(record, placed=subject is not None and period is not None)
