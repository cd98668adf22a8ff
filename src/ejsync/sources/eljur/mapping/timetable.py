"""Lessons and calendar days from `getschedule` by class (fact sheet, 4.1)."""

from datetime import date

from ejsync.domain.records import Kind, Record, owner_class
from ejsync.sources.eljur.mapping.findings import Findings
from ejsync.sources.eljur.mapping.tidy import Json, clock_time, handed, identity, integer, rows, text

_KINDS = frozenset({Kind.LESSON, Kind.CALENDAR_DAY})
_CANCELLED = "Cancel"
_FREE = {"vacation", "holiday"}


def read_timetable(findings: Findings) -> None:
    """Read every listed day, lessons or not: a vacation day may carry lessons, and a school day none."""
    owner = owner_class(findings.school_class)
    findings.cover_listed(owner, _KINDS, findings.result)
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
    data = {"class": name, "date": spelled, "status": status, "title": handed(text, held.get("holiday_name"))}
    findings.add(Record(Kind.CALENDAR_DAY, f"{name}/{spelled}", owner_class(name), None, day, data))


def _add_lesson(findings: Findings, day: date | None, spelled: str, item: Json) -> None:
    data = _lesson(findings.school_class, spelled, item)
    number = "-" if data["number"] is None else data["number"]
    key = f"{data['class']}/{spelled}/{number}/{text(item.get('grp')) or '-'}"
    findings.add(Record(Kind.LESSON, key, owner_class(findings.school_class), None, day, data))


def _lesson(school_class: str, spelled: str, item: Json) -> Json:
    subject = text(item.get("name"))
    cancelled = subject == _CANCELLED
    return {
        "class": school_class,
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
