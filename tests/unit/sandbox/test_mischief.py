"""Truths about random edits."""

from collections import Counter
from datetime import date

import pytest

from ejsync.sandbox.mischief import random_edits
from ejsync.sandbox.rollbook import invent_rollbook


def a_book(pupils=60, today=date(2026, 11, 23)):
    """A fresh journal."""
    return invent_rollbook(pupils=pupils, seed=7, today=today)


def test_same_seed_same_edits_same_journal():
    """The same edits are made to the same journal, and leave the same journal behind."""
    one, other = a_book(), a_book()
    assert random_edits(one, count=100, seed=1) == random_edits(other, count=100, seed=1)
    assert one == other
    assert random_edits(a_book(), count=100, seed=2) != random_edits(a_book(), count=100, seed=1)


def test_as_many_as_asked_and_of_every_kind():
    """So many edits are made, and over a long run every kind of random edit occurs."""
    done = Counter(document["op"] for document in random_edits(a_book(), count=800, seed=1))
    assert done.total() == 800
    assert set(done) == {
        *("mark_added", "mark_changed", "mark_removed", "homework_added", "homework_changed"),
        *("lesson_replaced", "lesson_cancelled", "lesson_moved", "room_changed", "control_planned"),
        *("control_called_off", "pupil_left", "pupil_joined", "pupil_moved", "final_set"),
    }


@pytest.mark.parametrize("pupils", [1, 2, 7])
@pytest.mark.parametrize("today", [date(2026, 9, 1), date(2027, 5, 31), date(2027, 7, 15)])
def test_small_schools_and_summers_survive(pupils, today):
    """Random edits end even where there is little to edit."""
    assert random_edits(a_book(pupils, today), count=20, seed=1)


def test_replaced_lessons_change_teacher_and_at_times_subject_and_room():
    """Some substitutes teach the lesson's subject, some their own in another room."""
    replaced = [edit for edit in random_edits(a_book(), count=800, seed=1) if edit["op"] == "lesson_replaced"]
    assert {"room" in edit for edit in replaced} == {True, False}
    assert all(edit["teacher_id"] for edit in replaced)


def test_nobody_sees_two_lessons_at_once():
    """Whatever is moved and replaced, a class has one lesson a number, or one for each group."""
    book = a_book()
    random_edits(book, count=1500, seed=3)
    for of_day in (of_day for table in book.timetable.values() for of_day in table.values()):
        places = [(lesson.num, lesson.grp) for lesson in of_day]
        assert len(set(places)) == len(places)
        whole = {num for num, grp in places if not grp}
        assert not whole & {num for num, grp in places if grp}
