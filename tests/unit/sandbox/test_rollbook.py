"""Truths about the whole invented journal."""

import time
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ejsync.sandbox.rollbook import invent_rollbook

TODAY = date(2026, 11, 23)


def a_book(pupils=60, seed=7, today=TODAY, density=1.0):
    """A fresh journal."""
    return invent_rollbook(pupils=pupils, seed=seed, today=today, density=density)


def test_same_numbers_same_journal():
    """The same pupils, seed and today give the same journal, down to the last mark."""
    assert a_book() == a_book()


def test_another_seed_gives_another_journal():
    """The seed decides people and marks."""
    assert a_book().pupils != a_book(seed=8).pupils
    assert a_book().marks != a_book(seed=8).marks


def test_yesterday_is_kept_when_today_moves_on():
    """The timetable does not depend on the day it is looked at, but for its control works."""

    def lessons(today):
        tables = a_book(today=today).timetable.values()
        return [replace(one, control=None) for table in tables for of_day in table.values() for one in of_day]

    assert lessons(TODAY) == lessons(date(2026, 11, 24))


@settings(max_examples=12, deadline=None)
@given(st.integers(1, 200), st.dates(min_value=date(2026, 7, 1), max_value=date(2027, 8, 31)))
def test_any_size_on_any_day_holds_together(pupils, today):
    """Whatever the size and the day, every pupil is in a class that has courses, a timetable and periods."""
    book = a_book(pupils=pupils, today=today)
    assert len(book.pupils) == len(book.marks) == len(book.finals) == pupils
    for pupil in book.pupils.values():
        assert book.courses[pupil.form]
        assert book.timetable[pupil.form]
        assert book.periods(pupil.form)


def test_a_school_needs_a_pupil():
    """A school without pupils is refused."""
    with pytest.raises(ValueError, match="at least one"):
        a_book(pupils=0)


def test_course_ids_are_distinct():
    """No two courses share a `lesson_id`."""
    ids = [lesson_id for courses in a_book().courses.values() for lesson_id in courses.values()]
    assert len(set(ids)) == len(ids)


def test_removed_pupil_leaves_nothing_behind():
    """With a pupil go his marks, finals and individual homework; his id is not given again."""
    book = a_book(pupils=150)
    tasks = [task for homework in book.homework.values() for of_day in homework.values() for task in of_day]
    pupil = next(task.pupil for task in tasks if task.pupil)
    book.remove_pupil(pupil)
    assert pupil not in {**book.pupils, **book.marks, **book.finals}
    assert not any(
        task.pupil == pupil for homework in book.homework.values() for of_day in homework.values() for task in of_day
    )
    assert book.admit_pupil(book.forms[0]).id not in {*list(book.pupils)[:-1], pupil}


def test_a_school_of_300_is_made_quickly():
    """A school of 300 pupils takes well under the promised 1.5 seconds of processor time."""
    start = time.process_time()
    a_book(pupils=300)
    assert time.process_time() - start < 1.5


def test_classes_are_their_own_heirs_at_first():
    """Until a year rolls over, a class's accounts read the class of that name."""
    book = a_book()
    assert book.heirs_of(book.forms) == book.forms
