"""The payload of each kind that is worked out, field by field as its contract in `contracts/ed/v1` has it.

Numbers that are no counts are text with fixed digits (`domain/rounding.py`), so that each has one spelling.
"""

from typing import TypedDict


class Target(TypedDict):
    """How many further fives reach a higher result; None where the period is too short for it."""

    result: int
    fives: int | None


class Outlook(TypedDict):
    """The result that is to be expected, its range, and what further marks would make of it."""

    state: str
    expected: int | None
    lowest: int | None
    highest: int | None
    settled: bool
    needed: list[Target]
    lowering_twos: int | None


class Forecast(Outlook):
    """What a pupil's result in a subject will be at the end of a period; `domain/forecast.py` works it out."""

    pupil: str
    level: str | None
    school_year: int
    period: str
    subject: str
    scale: str
    mean: str | None
    counted: int
    left_out: int
    absences: int
    method: str
    as_of: str


class FinalState(TypedDict):
    """Why a pupil has no final mark in a subject of a period; `domain/final_states.py` says when which state holds."""

    pupil: str
    school_year: int
    subject: str
    period: str
    state: str
    until: str | None


class LessonAccount(TypedDict):
    """The lessons of a class, or of one group of it, in a subject and period."""

    group: str | None
    planned_hours: int | None
    in_timetable: int
    held: int
    replaced: int
    cancelled: int
    to_come: int
    control_works: int
    planned_control_works: int | None


class WorkCount(TypedDict):
    """How many lessons had marks for a type of work, and how many marks."""

    title: str
    lessons: int
    marks: int


Values = TypedDict("Values", {"1": int, "2": int, "3": int, "4": int, "5": int})


class MarkSpread(TypedDict):
    """The values of the marks that count: how many of each, and their plain mean."""

    distribution: Values
    count: int
    mean: str | None


class ResultSpread(TypedDict):
    """The pupils' results in a period: how many of each, and the two usual shares."""

    basis: str
    distribution: Values
    not_attested: int
    pupils: int
    quality: str | None
    progress: str | None


LessonStatistics = TypedDict(
    "LessonStatistics",
    {
        "class": str,
        "school_year": int,
        "period": str,
        "subject": str,
        "lessons": list[LessonAccount],
        "works": list[WorkCount],
        "marks": MarkSpread,
        "results": ResultSpread,
        "absences": int,
        "late": int,
        "as_of": str,
    },
)


class Instructor(TypedDict):
    """Who teaches, as the timetable names him."""

    teacher: str
    teacher_id: str | None


ClassTeacher = TypedDict(
    "ClassTeacher", {"class": str, "subject": str, "group": str | None, "teachers": list[Instructor]}
)
Recommendation = TypedDict(
    "Recommendation",
    {
        "source": str,
        "pupil": str | None,
        "class": str | None,
        "subject": str | None,
        "date": str,
        "teacher": str | None,
        "text": str,
    },
)
