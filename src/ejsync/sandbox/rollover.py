"""The school year rolls over: on 1 September classes move up, the last year leaves and first-formers come.

Everything of the old year is gone from the journal: marks, finals, homework, timetable and courses; `lesson_id`s are
new. Accounts move up with their classes, and those of a class that left go over to the new first class.
"""

from __future__ import annotations

from datetime import date
from random import Random
from typing import TYPE_CHECKING

from ejsync.sandbox.control_works import plan_ahead
from ejsync.sandbox.invented import CLASS_SIZE, FIRST_TEACHER_ID, invent_teachers, level_of
from ejsync.sandbox.rollbook import begin_year, number_courses
from ejsync.sandbox.term import Term
from ejsync.sandbox.weekplan import Staff, plan_week

if TYPE_CHECKING:
    from ejsync.sandbox.rollbook import Rollbook

_LAST_LEVEL = 11


def roll_over(book: Rollbook) -> None:
    """Begin the next school year; its 1 September is the journal's today."""
    book.term = Term(date(book.term.last.year, 9, 1))
    last_id = max(int(lesson_id) for courses in book.courses.values() for lesson_id in courses.values())
    for pupil in [pupil for pupil in book.pupils.values() if level_of(pupil.form) == _LAST_LEVEL]:
        book.remove_pupil(pupil.id)
    _move_up(book)
    book.courses = number_courses(book.forms, first=last_id + 1)
    for tables in (book.timetable, book.homework, book.wiped, book.split):
        tables.clear()
    book.marks = {pupil: {} for pupil in book.pupils}
    book.finals = {pupil: [] for pupil in book.pupils}
    _plan(book)


def _move_up(book: Rollbook) -> None:
    fresh = [form for form in book.forms if level_of(form) == 1] or ["1А"]
    kept = [form for form in book.forms if level_of(form) != _LAST_LEVEL]
    for pupil in book.pupils.values():
        pupil.form = next_form(pupil.form)
    unread = list(fresh)
    for first, heirs in book.heirs.items():
        gone = sum(level_of(form) == _LAST_LEVEL for form in heirs)
        book.heirs[first] = [next_form(form) for form in heirs if level_of(form) != _LAST_LEVEL] + unread[:gone]
        del unread[:gone]
    # No class has left for these, so the accounts of the first class read them besides.
    next(iter(book.heirs.values())).extend(unread)
    book.forms = [*fresh, *map(next_form, kept)]
    for form in fresh:
        for _ in range(CLASS_SIZE):
            book.admit_pupil(form)


def _plan(book: Rollbook) -> None:
    source = f"{book.seed}/{book.term.label}"
    rng, staff = Random(source), Staff()
    weeks = {form: plan_week(rng, form=form, staff=staff, first_teacher_id=FIRST_TEACHER_ID) for form in book.forms}
    for teacher in invent_teachers(rng, count=staff.hired):
        # Who teaches already keeps his name; only those hired besides are new.
        book.teachers.setdefault(teacher.id, teacher)
    for form in book.forms:
        class_rng = Random(f"{source}/{form}")
        begin_year(book, class_rng, form=form, week=weeks[form])
        plan_ahead(class_rng, form=form, table=book.timetable[form], term=book.term)


def next_form(form: str) -> str:
    """The name of the class a year later: `11А` for `10А`."""
    level = level_of(form)
    return form.replace(str(level), str(level + 1), 1)
