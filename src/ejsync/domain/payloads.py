"""The payload of each kind, field by field as its contract in `contracts/ed/v1` has it (a test holds them equal)."""

from typing import TypedDict


class SchoolClass(TypedDict):
    """A class: its name as the school writes it, and the level of schooling that follows from it."""

    name: str
    parallel: int | None
    level: str | None


class Teacher(TypedDict):
    """A teacher of the school."""

    teacher: str
    last_name: str
    first_name: str
    middle_name: str | None


class Week(TypedDict):
    """A school week of a period."""

    start: str
    end: str
    title: str | None


# "class" is a keyword, so kinds that carry that field are written in the functional form.
Pupil = TypedDict("Pupil", {"pupil": str, "class": str, "last_name": str, "first_name": str, "middle_name": str | None})
Period = TypedDict(
    "Period",
    {
        "class": str,
        "school_year": int,
        "period": str,
        "title": str,
        "disabled": bool,
        "ambiguous": bool,
        "start": str | None,
        "end": str | None,
        "weeks": list[Week],
    },
)
CalendarDay = TypedDict("CalendarDay", {"class": str, "date": str, "status": str, "title": str | None})
Lesson = TypedDict(
    "Lesson",
    {
        "class": str,
        "pupil": str | None,
        "date": str,
        "number": int | None,
        "group": str | None,
        "subject": str | None,
        "teacher": str | None,
        "teacher_id": str | None,
        "room": str | None,
        "starts_at": str | None,
        "ends_at": str | None,
        "cancelled": bool,
    },
)


class Held(TypedDict):
    """What, who, where and when of a lesson that is held."""

    subject: str
    teacher: str | None
    teacher_id: str | None
    room: str | None
    number: int | None
    date: str


LessonChange = TypedDict(
    "LessonChange",
    {
        "class": str,
        "date": str,
        "number": int | None,
        "group": str | None,
        "change": str,
        "before": Held | None,
        "after": Held | None,
    },
)
ControlWork = TypedDict(
    "ControlWork",
    {
        "pupil": str,
        "class": str,
        "date": str,
        "number": int | None,
        "group": str | None,
        "subject": str,
        "lesson": str | None,
        "topic": str | None,
    },
)


class File(TypedDict):
    """A file of a homework: its link is data and is never fetched."""

    name: str
    link: str


Homework = TypedDict(
    "Homework",
    {
        "class": str,
        "pupil": str | None,
        "date": str,
        "subject": str,
        "group": str | None,
        "index": str,
        "text": str,
        "files": list[File],
    },
)


class Reading(TypedDict):
    """What the raw text of a mark was taken for."""

    type: str
    value: float | None
    second: float | None
    sign: str | None


class Work(TypedDict):
    """The kind of work a mark was given for."""

    title: str
    short: str | None


class Mark(TypedDict):
    """One mark in one cell of the journal; `column` is its stable number there, ElJur's `nm` when it was first seen."""

    pupil: str
    subject: str
    lesson: str | None
    date: str
    column: int
    raw: str
    reading: Reading
    weight: float | None
    averaged: bool | None
    work: Work | None
    comment: str | None
    lesson_comment: str | None
    max_mark: float | None


class Absence(TypedDict):
    """A pupil was absent or late; the reason is health data and is never read."""

    pupil: str
    subject: str
    lesson: str | None
    date: str
    column: int
    raw: str
    status: str


class FinalMark(TypedDict):
    """A final mark of a pupil in a subject for a period of a school year (the year of its 1 September)."""

    pupil: str
    school_year: int
    subject: str
    period: str
    raw: str
    reading: Reading
    comment: str | None


class Contact(TypedDict):
    """Where a family wants its extracts, given with a consent of its own; never part of another payload."""

    pupil: str
    whose: str
    way: str
    address: str
    form: str
