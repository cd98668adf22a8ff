"""Marks and absences, from `getmarks` or, where that is not granted, from `getdiary` (fact sheet, 4.2 and 4.3).

Both speak of the same cells, so both give the same keys; the diary knows neither the lesson's comment nor the scale.
"""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from ejsync.domain.payloads import Reading
from ejsync.domain.readings import attendance, reading
from ejsync.domain.records import Kind, Record, owner_pupil
from ejsync.sources.eljur.mapping.findings import Findings
from ejsync.sources.eljur.mapping.tidy import (
    Json,
    entered,
    flag,
    folded,
    handed,
    identity,
    integer,
    legible,
    number,
    prose,
    rows,
    school_day,
    text,
)

_KINDS = frozenset({Kind.MARK, Kind.ABSENCE})


@dataclass(frozen=True, slots=True)
class _Course:
    """Where marks stand: a pupil's subject; in a diary also the day."""

    pupil: str
    owner: str
    subject: str | None
    lesson: str | None
    day: str | None = None
    legible: bool = True

    @classmethod
    def of(cls, pupil: str, row: Json, day: str | None = None) -> "_Course":
        lesson = row.get("lesson_id")
        return cls(pupil, owner_pupil(pupil), text(row.get("name")), identity(lesson), day, legible(lesson))


def read_marks(findings: Findings) -> None:
    """Read `getmarks`: a pupil whose subjects are listed without marks is believed to have none."""
    findings.doubt_silence(findings.asked_owners(), _KINDS)
    for pupil, student in findings.pupils():
        lessons = rows(student.get("lessons"))
        findings.cover(owner_pupil(pupil), _KINDS, believable=bool(lessons))
        for lesson in lessons:
            if marks := rows(lesson.get("marks")):
                _read_rows(findings, _Course.of(pupil, lesson), marks)


def read_diary(findings: Findings) -> None:
    """Read the marks in `getdiary`; nothing else of a diary is taken."""
    findings.doubt_silence(findings.asked_owners(), _KINDS)
    for pupil, student in findings.pupils():
        findings.cover_listed(owner_pupil(pupil), _KINDS, student)
        for _, spelled, day in findings.days(student):
            for item in rows(day.get("items")) + rows(day.get("items_extday")):
                _read_rows(findings, _Course.of(pupil, item, spelled), rows(item.get("assessments")))


def _read_rows(findings: Findings, course: _Course, marks: list[Json]) -> None:
    for row in marks:
        raw = entered(row.get("value"))
        if raw in (None, "") and "value" in row:
            findings.passed_over["phantom"] += 1
            continue
        day, spelled = school_day(row.get("date") or course.day)
        if findings.within(day):
            _add(findings, course, day, _cell(course, row, spelled, raw), row)


def _cell(course: _Course, row: Json, spelled: str | None, raw: Any) -> Json:
    """Return what a mark and an absence have in common."""
    lesson = handed(identity, row.get("lesson_id"))
    return {
        "pupil": course.pupil,
        "subject": course.subject,
        "lesson": course.lesson if lesson is None else lesson,
        "date": spelled,
        "column": integer(row.get("nm")),
        "raw": raw,
    }


def _add(findings: Findings, course: _Course, day: date | None, cell: Json, row: Json) -> None:
    place = identity(cell["lesson"]) or course.lesson or folded(course.subject)
    key = f"{course.pupil}/{place}/{cell['date']}/{cell['column']}"
    scale = number(row.get("max_mark"))
    status, taken_for = _understood(identity(cell["raw"]) or "", scale if isinstance(scale, float) else None)
    if status:
        kind, cell["status"] = Kind.ABSENCE, status
    else:
        kind, cell["reading"] = Kind.MARK, dict(taken_for)
        _add_particulars(cell, row)
    record = Record(kind, key, course.owner, course.pupil, day, cell)
    findings.add(record, placed=bool(day and place) and _placed(course, cell, row))


def _placed(course: _Course, cell: Json, row: Json) -> bool:
    """Tell whether the parts of the key could be read, and the value, which says whether it is a mark."""
    column_and_value = type(cell["column"]) is int and isinstance(cell["raw"], str)
    return column_and_value and course.legible and legible(row.get("lesson_id"))


@lru_cache(maxsize=1024)
def _understood(raw: str, max_mark: float | None) -> tuple[str | None, Reading]:
    """Return the attendance or the reading of a mark's text; a school uses a few dozen of them."""
    return attendance(raw), reading(raw, max_mark=max_mark)


def _add_particulars(cell: Json, row: Json) -> None:
    """Add what only a mark has; `weight_float` is the exact form of `weight` (fact sheet, 4.3)."""
    weight = row.get("weight_float")
    cell["weight"] = number(row.get("weight") if weight in (None, "", [], {}) else weight)
    cell["averaged"] = handed(flag, row.get("count"))
    cell["work"] = _work(row)
    cell["comment"] = handed(prose, row.get("comment"))
    cell["lesson_comment"] = handed(prose, row.get("lesson_comment"))
    cell["max_mark"] = number(row.get("max_mark"))


def _work(row: Json) -> Json | None:
    """Return the kind of work: `mtype` of a mark (null or a list for none), `control_type` of a diary."""
    kind = row.get("mtype")
    if isinstance(kind, dict):
        title, short = kind.get("type"), kind.get("short")
    else:
        title, short = row.get("control_type"), row.get("control_type_short")
    named = handed(text, title)
    return None if named is None else {"title": named, "short": handed(text, short)}
