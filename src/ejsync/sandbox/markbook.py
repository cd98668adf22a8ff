"""The invented marks: an open set of values in cells of a day and a subject, and the final ones of a period."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

from ejsync.sandbox.curriculum import CANCELLED, weekly_hours
from ejsync.sandbox.invented import level_of

if TYPE_CHECKING:
    from datetime import date
    from random import Random

    from ejsync.sandbox.term import Period, Term
    from ejsync.sandbox.weekplan import Timetable

MARKS_A_MONTH = 3.0
MARKED_FROM_LEVEL = 2
ABSENT_VALUES = ("Н", "н")
LATE_VALUE = "ОП"

_WEEKS_A_MONTH = 4.3
_ABSENT_DAY_SHARE = 0.02
_LATE_SHARE = 0.004
_PHANTOM_SHARE = 0.004
_SECOND_SHARE = 0.03
_COMMENT_SHARE = 0.05
_CONTROL_SHARE = 0.12
_COLUMN_COMMENT_SHARE = 0.03
_COLORS = {"5": "#2e7d32", "4": "#558b2f", "3": "#f9a825", "2": "#c62828"}
_VALUES = (
    ("5",) * 30
    + ("4",) * 34
    + ("3",) * 18
    + ("2",) * 4
    + ("5-",) * 4
    + ("4+",) * 4
    + ("4-",) * 3
    + ("3/5", "4/5", "3+")
)
_COMMENTS = ("за работу у доски", "пересдача", "с  исправлениями", "за &quot;чтение&quot;")


@dataclass(frozen=True, slots=True)
class MarkKind:
    """What a column of the journal is for."""

    id: int
    type: str
    short: str


ORDINARY_KIND = MarkKind(1, "Ответ на уроке", "ОУ")
_ORDINARY = (
    (ORDINARY_KIND, 1),
    (MarkKind(2, "Домашняя работа", "ДР"), 1),
    (MarkKind(4, "Самостоятельная работа", "СР"), 2),
)
CONTROL_KIND = MarkKind(3, "Контрольная работа", "КР")
_CONTROL = (CONTROL_KIND, 3)


@dataclass(slots=True)
class Mark:
    """One mark as the journal holds it; `nm` is its index within its day and lesson, not an id."""

    lesson_id: str
    subject: str
    date: date
    nm: int
    value: str
    weight: int
    kind: MarkKind | None
    comment: str
    lesson_comment: str | None

    @property
    def count(self) -> bool:
        """Whether the value is averaged: a grade is, an absence, lateness or phantom is not."""
        return reading(self.value)[0]

    @property
    def convert(self) -> int:
        """The grade as a whole number, 0 where there is none; the mean of a double."""
        return reading(self.value)[1]

    @property
    def countas(self) -> str | int:
        """The grade as text, or the number 0: the drift of types is ElJur's own."""
        return reading(self.value)[2]


@cache
def reading(value: str) -> tuple[bool, int, str | int]:
    """What `count`, `convert` and `countas` say of a value; cached, as values are few and marks are many."""
    parts = [int(part[0]) for part in value.split("/") if part[:1].isdigit()]
    if not parts:
        return False, 0, 0
    convert = sum(parts) // len(parts)
    return True, convert, str(convert)


@dataclass(slots=True)
class Final:
    """A final assessment of a subject in a period; ElJur gives it no date."""

    subject: str
    period: str
    value: str
    comment: str

    @property
    def convert(self) -> int:
        """The assessment as a number, 0 where it is none."""
        return int(self.value) if self.value.isdigit() else 0

    @property
    def color_hex(self) -> str:
        """The colour that ElJur paints the assessment in."""
        return _COLORS.get(self.value, "#9e9e9e")


@dataclass(frozen=True, slots=True)
class Column:
    """A held lesson as the journal's page shows it: what it was for and how likely a pupil is graded in it."""

    lesson_id: str
    subject: str
    date: date
    kind: MarkKind
    weight: int
    comment: str | None
    chance: float


MarksByCourse: TypeAlias = dict[str, list[Mark]]
"""Marks of one pupil by `lesson_id`, in order of day and `nm`."""


def draw_columns(rng: Random, *, form: str, table: Timetable, term: Term, courses: dict[str, str]) -> list[Column]:
    """The columns of a class's journal for the lessons held by today; none for first-formers."""
    hours = weekly_hours(level_of(form))
    columns: dict[tuple[date, str], Column] = {}
    for day in term.held_days if level_of(form) >= MARKED_FROM_LEVEL else ():
        for lesson in table.get(day, ()):
            # Both subgroups of a lesson are one column, or a pupil would be marked twice.
            if lesson.name == CANCELLED or (day, lesson.name) in columns:
                continue
            chance = MARKS_A_MONTH / _WEEKS_A_MONTH / hours[lesson.name]
            kind, weight = _CONTROL if rng.random() < _CONTROL_SHARE else rng.choice(_ORDINARY)
            note = "Работа над ошибками" if rng.random() < _COLUMN_COMMENT_SHARE else None
            columns[day, lesson.name] = Column(courses[lesson.name], lesson.name, day, kind, weight, note, chance)
    return list(columns.values())


def draw_marks(rng: Random, *, columns: list[Column], density: float) -> MarksByCourse:
    """A pupil's marks in his class's columns; density 1.0 is about three a subject and month."""
    random = rng.random
    marks: MarksByCourse = {}
    # A child misses days, not lessons: absences of one day hang together.
    absent = {day for day in dict.fromkeys(column.date for column in columns) if random() < _ABSENT_DAY_SHARE}
    absence = ABSENT_VALUES[random() < 0.2]  # noqa: PLR2004 - one pupil in five has the small letter
    for column in columns:
        # One draw decides grade, lateness or nothing: a big school makes millions of them.
        chance = random()
        if column.date in absent:
            values = [absence] if chance > _SECOND_SHARE else [absence, "4"]
        elif chance < (wanted := column.chance * density):
            values = [_VALUES[int(random() * len(_VALUES))]]
            if random() < max(wanted - 1.0, _SECOND_SHARE):
                values.append(_VALUES[int(random() * len(_VALUES))])
        elif chance > 1.0 - _LATE_SHARE:
            values = [LATE_VALUE]
        elif chance > 1.0 - _LATE_SHARE - _PHANTOM_SHARE:
            values = [""]
        else:
            continue
        cell = marks.setdefault(column.lesson_id, [])
        cell.extend(_mark(rng, column, nm, value) for nm, value in enumerate(values))
    return marks


def _mark(rng: Random, column: Column, nm: int, value: str) -> Mark:
    graded = value[:1].isdigit()
    comment = rng.choice(_COMMENTS) if graded and rng.random() < _COMMENT_SHARE else ""
    kind = column.kind if graded else None
    weight = column.weight if graded else 1
    return Mark(column.lesson_id, column.subject, column.date, nm, value, weight, kind, comment, column.comment)


def conclude(marks: MarksByCourse, *, periods: list[Period], today: date) -> list[Final]:
    """The final assessments that follow from the marks, for every dated period that has ended by today."""
    finals = []
    for period in periods:
        if period.start is None or period.end is None or period.end > today:
            continue
        for cells in marks.values():
            grades = [m.convert for m in cells if m.count and period.start <= m.date <= period.end]
            if cells:
                finals.append(_final(cells[0].subject, period, grades))
    return finals


def _final(subject: str, period: Period, grades: list[int]) -> Final:
    value = str(max(2, min(5, round(sum(grades) / len(grades))))) if grades else "н/а"
    return Final(subject, period.name, value, "" if grades else "мало отметок")
