"""The whole invented journal in memory: made from pupils, seed and today, and looked things up in.

The same three numbers give the same journal. Each class draws from a random source of its own, so that a class does
not change when another grows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

from ejsync.sandbox.assignments import Homework, give_homework
from ejsync.sandbox.control_works import note_written, plan_ahead
from ejsync.sandbox.curriculum import ENGLISH, weekly_hours
from ejsync.sandbox.invented import (
    FIRST_TEACHER_ID,
    Pupil,
    Teacher,
    class_names,
    invent_pupil,
    invent_pupils,
    invent_teachers,
    level_of,
)
from ejsync.sandbox.markbook import Final, MarksByCourse, conclude, draw_columns, draw_marks
from ejsync.sandbox.term import Period, Term
from ejsync.sandbox.weekplan import FIRST_COURSE_ID, Slot, Staff, Timetable, plan_week, unroll

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date


@dataclass(slots=True)
class Rollbook:
    """Everything the journal knows; the control endpoints edit it in place.

    Attributes:
        courses: `lesson_id` by subject, for each class.
        split: The subjects that each class has learnt in two groups this year.
        left: Ids of the pupils who are gone.
        wiped: Timetables kept while a class's is wiped.
        heirs: The classes now, by the name of the class at first whose accounts read them.
    """

    term: Term
    seed: int
    forms: list[str]
    teachers: dict[str, Teacher]
    pupils: dict[str, Pupil]
    courses: dict[str, dict[str, str]]
    timetable: dict[str, Timetable] = field(default_factory=dict)
    homework: dict[str, Homework] = field(default_factory=dict)
    marks: dict[str, MarksByCourse] = field(default_factory=dict)
    finals: dict[str, list[Final]] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)
    wiped: dict[str, Timetable] = field(default_factory=dict)
    split: dict[str, set[str]] = field(default_factory=dict)
    heirs: dict[str, list[str]] = field(default_factory=dict)

    def members(self, form: str) -> list[Pupil]:
        """The pupils who are in the class now."""
        return [pupil for pupil in self.pupils.values() if pupil.form == form]

    def periods(self, form: str) -> list[Period]:
        """The class's periods."""
        return self.term.periods(level_of(form))

    def heirs_of(self, forms: Iterable[str]) -> list[str]:
        """The classes now of those that had these names at first."""
        return [heir for form in forms for heir in self.heirs[form]]

    def remove_pupil(self, pupil_id: str) -> None:
        """Make a pupil vanish with everything that hung on him."""
        self.drop_individual(pupil_id)
        del self.pupils[pupil_id]
        self.marks.pop(pupil_id, None)
        self.finals.pop(pupil_id, None)
        self.left.append(pupil_id)

    def drop_individual(self, pupil_id: str, *, grp: str | None = None) -> None:
        """Remove the homework that only this pupil saw in his class, or in one group of it."""
        homework = self.homework[self.pupils[pupil_id].form]
        for day, tasks in homework.items():
            homework[day] = [task for task in tasks if task.pupil != pupil_id or grp not in {None, task.grp}]

    def admit_pupil(self, form: str) -> Pupil:
        """Invent a new pupil of the class; ids of those who left are not given again."""
        # Those who left count too, so an id never comes back with another face.
        number = len(self.pupils) + len(self.left)
        pupil = invent_pupil(Random(f"{self.seed}/joined/{number}"), number=number, form=form)
        self.pupils[pupil.id] = pupil
        self.marks[pupil.id], self.finals[pupil.id] = {}, []
        return pupil


def invent_rollbook(*, pupils: int, seed: int, today: date, density: float = 1.0) -> Rollbook:
    """The journal of an invented school with so many pupils on that day.

    Args:
        pupils: How many pupils, at least 1.
        seed: What tells one invented school from another.
        today: The last day with marks; homework goes a few days further, the timetable to 31 May.
        density: 1.0 is about three marks a pupil, subject and month.

    Raises:
        ValueError: Fewer than one pupil.
    """
    if pupils < 1:
        raise ValueError("a school has at least one pupil")
    rng, term, forms, staff = Random(f"{seed}/people"), Term(today), class_names(pupils), Staff()
    weeks = {form: plan_week(rng, form=form, staff=staff, first_teacher_id=FIRST_TEACHER_ID) for form in forms}
    # Teachers come after the weeks: how many there are follows from the hours to teach.
    teachers = {teacher.id: teacher for teacher in invent_teachers(rng, count=staff.hired)}
    people = {pupil.id: pupil for pupil in invent_pupils(rng, count=pupils)}
    book = Rollbook(term, seed, forms, teachers, people, number_courses(forms), heirs={form: [form] for form in forms})
    for form in forms:
        # A source of its own for each class keeps the others as they are when one changes.
        class_rng = Random(f"{seed}/{form}")
        begin_year(book, class_rng, form=form, week=weeks[form])
        _fill(book, class_rng, form=form, density=density)
        plan_ahead(Random(f"{seed}/{form}/ahead"), form=form, table=book.timetable[form], term=term)
    return book


def number_courses(forms: list[str], *, first: int = FIRST_COURSE_ID) -> dict[str, dict[str, str]]:
    """A `lesson_id` for every subject of every class, from a number on."""
    pairs = [(form, subject) for form in forms for subject in sorted(weekly_hours(level_of(form)))]
    courses: dict[str, dict[str, str]] = {form: {} for form in forms}
    for number, (form, subject) in enumerate(pairs, first):
        courses[form][subject] = str(number)
    return courses


def begin_year(book: Rollbook, rng: Random, *, form: str, week: list[list[Slot]]) -> None:
    """Give a class its timetable and homework of the year."""
    table = unroll(rng, form=form, week=week, term=book.term, teacher_ids=list(book.teachers))
    members = [pupil.id for pupil in book.members(form)]
    book.timetable[form] = table
    book.homework[form] = give_homework(rng, table=table, term=book.term, pupils=members)
    book.split[form] = {ENGLISH} & book.courses[form].keys()


def _fill(book: Rollbook, rng: Random, *, form: str, density: float) -> None:
    table = book.timetable[form]
    columns = draw_columns(rng, form=form, table=table, term=book.term, courses=book.courses[form])
    note_written(table, columns=columns, term=book.term)
    periods = book.periods(form)
    for pupil in book.members(form):
        book.marks[pupil.id] = draw_marks(rng, columns=columns, density=density)
        book.finals[pupil.id] = conclude(book.marks[pupil.id], periods=periods, today=book.term.today)
