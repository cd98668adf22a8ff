"""Lessons and calendar days from `getschedule` by class (fact sheet, 4.1)."""

from datetime import date

from ejsync.domain.records import Kind, Record, owner_class
from ejsync.sources.eljur.mapping.findings import Findings
from ejsync.sources.eljur.mapping.tidy import Json, as_object, clock_time, identity, integer, rows, text

_KINDS = frozenset({Kind.LESSON, Kind.CALENDAR_DAY})
_CANCELLED = "Cancel"
_FREE = {"vacation", "holiday"}


def read_timetable(findings: Findings) -> None:
    """Read every listed day, lessons or not: a vacation day may carry lessons, and a school day none."""
    owner = owner_class(findings.school_class)
    findings.cover(owner, _KINDS, believable=bool(as_object(findings.result.get("days"))))
    for day, spelled, held in findings.days(findings.result):
        _add_day(findings, day, spelled, held)
        for item in rows(held.get("items")):
            _add_lesson(findings, day, spelled, item)
        for item in rows(held.get("items_extday")):
            # What follows the lessons has no number, whatever stands there.
            _add_lesson(findings, day, spelled, {**item, "num": None})


def _add_day(findings: Findings, day: date | None, spelled: str, held: Json) -> None:
    alert, name = text(held.get("alert")), findings.school_class
    status = alert if alert in _FREE else "school"
    data = {"class": name, "date": spelled, "status": status, "title": text(held.get("holiday_name"))}
    findings.add(Record(Kind.CALENDAR_DAY, f"{name}/{spelled}", owner_class(name), None, day, data))


def _add_lesson(findings: Findings, day: date | None, spelled: str, item: Json) -> None:
    data = _lesson(findings.school_class, spelled, item)
    number = "-" if data["number"] is None else data["number"]
    key = f"{data['class']}/{spelled}/{number}/{data['group'] or '-'}"
    findings.add(Record(Kind.LESSON, key, owner_class(findings.school_class), None, day, data))


def _lesson(school_class: str, spelled: str, item: Json) -> Json:
    subject = text(item.get("name"))
    cancelled = subject == _CANCELLED
    return {
        "class": school_class,
        "date": spelled,
        "number": integer(item.get("num")),
        "group": text(item.get("grp")),
        "subject": None if cancelled else subject,
        "teacher": text(item.get("teacher")),
        "teacher_id": identity(item.get("teacher_id")),
        "room": text(item.get("room")),
        "starts_at": clock_time(item.get("starttime")),
        "ends_at": clock_time(item.get("endtime")),
        "cancelled": cancelled,
    }
