"""Truths about 1 September."""

from datetime import date

import pytest

from ejsync.sandbox.accounts import invent_accounts
from ejsync.sandbox.journal_state import journal_state
from ejsync.sandbox.mischief import random_edits
from ejsync.sandbox.rollbook import invent_rollbook
from ejsync.sandbox.rollover import next_form, roll_over


@pytest.fixture
def book():
    """A school of twelve classes, from the first to the eleventh year."""
    return invent_rollbook(pupils=300, seed=7, today=date(2027, 5, 20))


def test_a_class_is_named_by_its_level():
    """Only the number of a class's name changes."""
    assert next_form("10А") == "11А"
    assert next_form("9Б2") == "10Б2"


def test_classes_move_up_and_the_last_leaves(book):
    """Everybody is a class further, the last year is gone and a first class has come."""
    before = {pupil.id: pupil.form for pupil in book.pupils.values()}
    roll_over(book)
    graduates = {pupil for pupil, form in before.items() if form.startswith("11")}
    assert graduates
    assert graduates == set(book.left)
    assert {pupil: book.pupils[pupil].form for pupil in before.keys() - graduates} == {
        pupil: next_form(form) for pupil, form in before.items() if pupil not in graduates
    }
    new = [pupil for pupil in book.pupils.values() if pupil.id not in before]
    assert {pupil.form for pupil in new} == {"1А"}
    assert set(book.forms) == {pupil.form for pupil in book.pupils.values()}
    assert len(set(book.forms)) == len(book.forms)


def test_a_new_year_has_new_courses_and_an_empty_journal(book):
    """No `lesson_id` returns, no mark or final is left, and days, periods and homework are the new year's."""
    old = {lesson_id for courses in book.courses.values() for lesson_id in courses.values()}
    roll_over(book)
    assert not old & {lesson_id for courses in book.courses.values() for lesson_id in courses.values()}
    state = journal_state(book)
    assert (state["today"], state["school_year"]) == (date(2027, 9, 1), "2027/2028")
    assert state["marks"] == state["finals"] == []
    assert {row["class"] for row in state["lessons"]} == set(book.forms)
    for table in ("lessons", "homework", "control_works", "days"):
        assert min(row["date"] for row in state[table]) >= date(2027, 9, 1)
    assert min(row["start"] for row in state["periods"] if row["start"]) == date(2027, 9, 1)


def test_every_lesson_has_a_teacher_who_is_known(book):
    """Teachers keep their names, and who is hired besides is listed."""
    before = dict(book.teachers)
    roll_over(book)
    assert before.items() <= book.teachers.items()
    teaching = {one.teacher_id for table in book.timetable.values() for of_day in table.values() for one in of_day}
    assert teaching <= book.teachers.keys()


@pytest.mark.parametrize("pupils", [10, 60, 300])
def test_accounts_go_on_with_their_classes(pupils):
    """After several years the same accounts still read every pupil and every class."""
    book = invent_rollbook(pupils=pupils, seed=7, today=date(2027, 5, 20))
    accounts = invent_accounts(book)
    for _ in range(3):
        roll_over(book)
        read = [pupil.id for account in accounts if account.whole_class for pupil in account.pupils(book)]
        assert sorted(read) == sorted(book.pupils)
        assert sorted(accounts[0].classes(book)) == sorted(book.forms)


def test_life_goes_on(book):
    """Random edits are made in the new year as in the old."""
    roll_over(book)
    assert len(random_edits(book, count=100, seed=1)) == 100
