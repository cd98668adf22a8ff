"""Truths about edits of the timetable."""

from datetime import date

import pytest

from ejsync.sandbox.curriculum import CANCELLED
from ejsync.sandbox.edit_places import EditError
from ejsync.sandbox.edits import edit
from ejsync.sandbox.rollbook import invent_rollbook

MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)
PLACE = {"class": "10А", "date": "2026-11-23", "num": 1}


@pytest.fixture
def book():
    """A school of two classes on a Monday."""
    return invent_rollbook(pupils=60, seed=7, today=MONDAY)


def numbered(book, day, num):
    """The lessons of a number of class 10А."""
    return [lesson for lesson in book.timetable["10А"][day] if lesson.num == num]


def test_lesson_is_replaced(book):
    """A replacement changes subject, teacher and room and is listed as one."""
    (lesson,) = numbered(book, MONDAY, 1)
    edit(book, {"op": "lesson_replaced", **PLACE, "subject": "Физика", "teacher_id": "502", "room": "7"})
    assert (lesson.name, lesson.teacher_id, lesson.room, lesson.replaced) == ("Физика", "502", "7", True)


def test_cancelled_lesson_is_named_so_for_every_group(book):
    """Without a group a cancellation takes every subgroup of the number."""
    day, lessons = next(
        (day, [lesson for lesson in of_day if lesson.grp])
        for day, of_day in book.timetable["10А"].items()
        if any(lesson.grp for lesson in of_day)
    )
    edit(book, {"op": "lesson_cancelled", "class": "10А", "date": day.isoformat(), "num": lessons[0].num})
    assert [lesson.name for lesson in lessons] == [CANCELLED, CANCELLED]


def test_room_is_changed_and_nothing_else(book):
    """A new room is no substitution."""
    (lesson,) = numbered(book, MONDAY, 1)
    before = lesson.name, lesson.teacher_id, lesson.replaced
    edit(book, {"op": "room_changed", **PLACE, "room": "99"})
    assert (lesson.room, lesson.name, lesson.teacher_id, lesson.replaced) == ("99", *before)


def test_lesson_moves_to_a_free_number_and_leaves_its_own_empty(book):
    """A lesson moved to a number where nothing stands is found there, in order, and its old place is empty."""
    (lesson,) = numbered(book, MONDAY, 1)
    done = edit(book, {"op": "lesson_moved", **PLACE, "to_num": 8})
    assert (done["swapped"], numbered(book, MONDAY, 1), numbered(book, MONDAY, 8)) == (False, [], [lesson])
    assert [one.num for one in book.timetable["10А"][MONDAY]] == sorted(
        one.num for one in book.timetable["10А"][MONDAY]
    )


def test_lesson_moved_onto_another_changes_places_with_it(book):
    """Where the goal is taken, on whatever day, the lesson there comes to the old place."""
    moving, meeting = numbered(book, MONDAY, 1), numbered(book, TUESDAY, 2)
    done = edit(book, {"op": "lesson_moved", **PLACE, "to_date": "2026-11-24", "to_num": 2})
    assert done["swapped"] is True
    assert (numbered(book, MONDAY, 1), numbered(book, TUESDAY, 2)) == (meeting, moving)
    assert {lesson.date for lesson in moving} == {TUESDAY}


def test_subgroups_move_together(book):
    """A number of two subgroups moves whole, so that nobody has two lessons at once."""
    day, lessons = next(
        (day, [lesson for lesson in of_day if lesson.grp])
        for day, of_day in book.timetable["10А"].items()
        if day > MONDAY and any(lesson.grp for lesson in of_day)
    )
    place = {"class": "10А", "date": day.isoformat(), "num": lessons[0].num}
    edit(book, {"op": "lesson_moved", **place, "grp": "И1", "to_num": 8})
    assert numbered(book, day, 8) == lessons


def test_control_work_is_planned_moves_along_and_is_called_off(book):
    """A planned control work stands in its lesson wherever that moves, until it is called off."""
    (lesson,) = numbered(book, MONDAY, 1)
    edit(book, {"op": "control_planned", **PLACE, "topic": "Пределы"})
    edit(book, {"op": "lesson_moved", **PLACE, "to_num": 8})
    assert (numbered(book, MONDAY, 8)[0].is_control, lesson.control) == (True, "Пределы")
    done = edit(book, {"op": "control_called_off", **PLACE, "num": 8})
    assert (done["topic"], lesson.is_control) == ("Пределы", False)


@pytest.mark.parametrize("change", [{"op": "lesson_cancelled"}, {"op": "lesson_replaced", "subject": "Химия"}])
def test_control_work_goes_with_its_lesson(book, change):
    """A lesson that is cancelled or given to another subject has no control work."""
    (lesson,) = numbered(book, MONDAY, 1)
    assert lesson.name != "Химия"
    edit(book, {"op": "control_planned", **PLACE})
    edit(book, {**PLACE, **change})
    assert not lesson.is_control


def test_wiped_timetable_can_be_restored(book):
    """A wiped timetable is empty, and restoring brings the same one back."""
    before = book.timetable["10А"]
    edit(book, {"op": "timetable_wiped", "class": "10А"})
    edit(book, {"op": "timetable_wiped", "class": "10А"})
    assert book.timetable["10А"] == {}
    edit(book, {"op": "timetable_restored", "class": "10А"})
    assert book.timetable["10А"] is before


@pytest.mark.parametrize(
    "document",
    [
        {"op": "lesson_cancelled", "num": 99},
        {"op": "lesson_cancelled", "class": "99Я"},
        {"op": "room_changed"},
        {"op": "lesson_moved"},
        {"op": "lesson_moved", "to_date": "2026-11-22"},
        {"op": "lesson_moved", "to_num": 9},
        {"op": "control_called_off", "date": "2026-12-31"},
        {"op": "timetable_restored"},
    ],
)
def test_edit_that_finds_nothing_is_an_error(book, document):
    """A lesson, class, goal or room that is not there is refused, and the timetable stays."""
    with pytest.raises(EditError):
        edit(book, {**PLACE, **document})
    assert book.timetable == invent_rollbook(pupils=60, seed=7, today=MONDAY).timetable


def test_no_control_work_in_a_cancelled_lesson(book):
    """What is not held cannot be planned for, and what was not planned cannot be called off."""
    edit(book, {"op": "lesson_cancelled", **PLACE})
    for op in ("control_planned", "control_called_off"):
        with pytest.raises(EditError):
            edit(book, {"op": op, **PLACE})
