"""Lessons and calendar days from `getschedule` by class (fact sheet, 4.1)."""

from datetime import date

from ejsync.domain.lesson_changes import slot
from ejsync.domain.records import Kind, Record, owner_class
from ejsync.sources.eljur.mapping.findings import Findings
from ejsync.sources.eljur.mapping.tidy import (
    Json,
    clock_time,
    folded,
    handed,
    identity,
    integer,
    legible,
    rows,
    text,
)

_KINDS = frozenset({Kind.LESSON, Kind.CALENDAR_DAY})
_CANCELLED = "Cancel"
_FREE = {"vacation", "holiday"}


def read_timetable(findings: Findings) -> None:
    """Read every listed day, lessons or not: a vacation day may carry lessons, and a school day none."""
    owner = owner_class(findings.school_class)
    findings.cover_listed(owner, _KINDS, findings.result)
    for day, spelled, held in findings.days(findings.result):
        _add_day(findings, day, spelled, held)
        for item in all_lessons(held):
            data = lesson(findings.school_class, spelled, item)
            record = Record(Kind.LESSON, lesson_key(data, item), owner, None, day, data)
            findings.add(record, placed=lesson_placed(data, item))


def _add_day(findings: Findings, day: date | None, spelled: str, held: Json) -> None:
    alert, name = text(held.get("alert")), findings.school_class
    status = alert if alert in _FREE else "school"
    data = {"class": name, "date": spelled, "status": status, "title": handed(text, held.get("holiday_name"))}
    findings.add(Record(Kind.CALENDAR_DAY, f"{name}/{spelled}", owner_class(name), None, day, data))


def all_lessons(held: Json) -> list[Json]:
    """Return the lessons of a day and what follows them, which has no number, whatever stands there."""
    return rows(held.get("items")) + after_school(held)


def after_school(held: Json) -> list[Json]:
    """Return what follows the lessons of a day."""
    return [{**item, "num": None} for item in rows(held.get("items_extday"))]


def lesson_key(data: Json, item: Json) -> str:
    """Return the key of a class's lesson; what is no group's name leaves no trace in it."""
    return slot(data["class"], data["date"], data["number"], folded(text(item.get("grp"))))


def lesson_placed(data: Json, item: Json) -> bool:
    """Tell whether number and group of a lesson could be read."""
    return isinstance(data["number"], int | None) and legible(item.get("num"), item.get("grp"))


def lesson(school_class: str, spelled: str, item: Json) -> Json:
    """Return a lesson of a class as the diary's contract has it."""
    subject = text(item.get("name"))
    cancelled = subject == _CANCELLED
    return {
        "class": school_class,
        "pupil": None,
        "date": spelled,
        "number": integer(item.get("num")),
        "group": handed(text, item.get("grp")),
        "subject": None if cancelled else subject,
        "teacher": handed(text, item.get("teacher")),
        "teacher_id": handed(identity, item.get("teacher_id")),
        "room": handed(text, item.get("room")),
        "starts_at": handed(clock_time, item.get("starttime")),
        "ends_at": handed(clock_time, item.get("endtime")),
        "cancelled": cancelled,
    }
