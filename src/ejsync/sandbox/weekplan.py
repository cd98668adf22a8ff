"""The invented timetable: a week per class, unrolled over the year, with teachers, rooms and mishaps."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from ejsync.sandbox.curriculum import CANCELLED, ENGLISH, weekly_hours
from ejsync.sandbox.invented import GROUPS, level_of
from ejsync.sandbox.term import AUTUMN, Term, holiday_name

if TYPE_CHECKING:
    from datetime import date
    from random import Random

SCHOOL_WEEK = 5
FIRST_COURSE_ID = 7001
TEACHER_HOURS = 22

_CANCELLED_SHARE = 0.004
_REPLACED_SHARE = 0.012
_FIRST_ROOM, _LAST_ROOM = 11, 49


@dataclass(slots=True)
class Lesson:
    """One lesson of one class or subgroup.

    Attributes:
        name: What the journal shows, so a cancelled one is `Cancel`.
        control: The topic of the control work written in it, perhaps empty; None where none is.
    """

    form: str
    date: date
    num: int
    name: str
    grp: str
    teacher_id: str
    room: str
    replaced: bool = False
    control: str | None = None

    @property
    def cancelled(self) -> bool:
        """Whether the lesson is not held."""
        return self.name == CANCELLED

    @property
    def is_control(self) -> bool:
        """Whether a control work is written in it."""
        return self.control is not None and not self.cancelled


Slot: TypeAlias = tuple[int, str, str, str, str]
"""Number, subject, group, teacher id and room of a lesson in the week."""
Timetable: TypeAlias = "dict[date, list[Lesson]]"


@dataclass(slots=True)
class Staff:
    """Who teaches what: a teacher takes one subject (or group of it) until his week is full."""

    hired: int = 0
    _free: dict[str, tuple[int, int]] = field(default_factory=dict)

    def take(self, subject: str, *, hours: int, first_id: int) -> str:
        """The id of a teacher of the subject with so many hours free."""
        number, left = self._free.get(subject, (0, 0))
        if left < hours:
            number, left, self.hired = self.hired, TEACHER_HOURS, self.hired + 1
        self._free[subject] = (number, left - hours)
        return str(first_id + number)


def plan_week(rng: Random, *, form: str, staff: Staff, first_teacher_id: int) -> list[list[Slot]]:
    """The class's week, Monday to Friday; a subject stands at most once a day."""
    hours = weekly_hours(level_of(form))
    days: list[list[str]] = [[] for _ in range(SCHOOL_WEEK)]
    for subject, count in hours.items():
        # The emptiest days first, ties by chance: days fill evenly and no subject stands twice on one.
        order = sorted(range(SCHOOL_WEEK), key=lambda day: (len(days[day]), rng.random()))
        for day in order[:count]:
            days[day].append(subject)
    teachers = {
        subject: [staff.take(subject + grp, hours=count, first_id=first_teacher_id) for grp in _groups(subject)]
        for subject, count in hours.items()
    }
    rooms = {subject: str(rng.randint(_FIRST_ROOM, _LAST_ROOM)) for subject in hours}
    # The gym has no number: `room` is empty there, as it often is in a journal.
    rooms = {subject: "" if "культура" in subject else room for subject, room in rooms.items()}
    week = []
    for subjects in days:
        rng.shuffle(subjects)
        week.append(
            [
                (num, subject, grp, teacher, rooms[subject] if not grp else "")
                for num, subject in enumerate(subjects, 1)
                for grp, teacher in zip(_groups(subject), teachers[subject], strict=True)
            ]
        )
    return week


def unroll(rng: Random, *, form: str, week: list[list[Slot]], term: Term, teacher_ids: list[str]) -> Timetable:
    """The week over the year; the autumn vacation carries items too, as a vacation may in ElJur."""
    table: Timetable = {}
    for day in term.weekdays:
        if holiday_name(day) or term.vacation(day) not in {None, AUTUMN}:
            continue
        # Fresh lessons for every day, because edits change single ones in place.
        lessons = [Lesson(form, day, *slot) for slot in week[day.weekday()]]
        for lesson in lessons:
            _mishap(rng, lesson, teacher_ids)
        table[day] = lessons
    return table


def topic(lesson: Lesson, *, term: Term) -> str:
    """What the lesson was about, known once it was held, a control work's before; empty on the first of a month."""
    if lesson.control is not None and not lesson.cancelled:
        return lesson.control
    if lesson.date > term.today or lesson.date.day == 1 or lesson.cancelled:
        return ""
    return f"Тема {lesson.date.timetuple().tm_yday % 60 + 1}. &laquo;Повторение&raquo;"


def _groups(subject: str) -> tuple[str, ...]:
    return GROUPS if subject == ENGLISH else ("",)


def _mishap(rng: Random, lesson: Lesson, teacher_ids: list[str]) -> None:
    chance = rng.random()
    if chance < _CANCELLED_SHARE:
        lesson.name = CANCELLED
    elif chance < _CANCELLED_SHARE + _REPLACED_SHARE:
        lesson.teacher_id = rng.choice(teacher_ids)
        lesson.replaced = True
