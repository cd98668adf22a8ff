"""Truths about edits of the simulated journal."""

from datetime import date

import pytest

from ejsync.sandbox.curriculum import ENGLISH
from ejsync.sandbox.edit_places import EditError
from ejsync.sandbox.edits import OPERATIONS, edit
from ejsync.sandbox.lesson_edits import LESSON_OPERATIONS
from ejsync.sandbox.rollbook import invent_rollbook
from ejsync.sandbox.school_edits import SCHOOL_OPERATIONS

MONDAY = date(2026, 11, 23)
DAY = "2026-11-23"


@pytest.fixture
def book():
    """A school of two classes on a Monday."""
    return invent_rollbook(pupils=60, seed=7, today=MONDAY)


@pytest.fixture
def pupil(book):
    """The id of a pupil of class 10А."""
    return book.members("10А")[0].id


@pytest.fixture
def cell(book, pupil):
    """A cell of Physics with the marks 3, 4 and 5."""
    place = {"pupil": pupil, "subject": "Физика", "date": DAY}
    book.marks[pupil].pop(book.courses["10А"]["Физика"], None)
    for value in "345":
        edit(book, {"op": "mark_added", **place, "value": value})
    return place


def values(book, pupil):
    """`nm` and value of the pupil's marks in Physics."""
    return [(mark.nm, mark.value) for mark in book.marks[pupil][book.courses["10А"]["Физика"]]]


def test_added_marks_are_numbered_within_their_cell(book, pupil, cell):
    """A further mark of a day and subject gets the next `nm`, and the answer says which."""
    assert values(book, pupil) == [(0, "3"), (1, "4"), (2, "5")]
    done = edit(book, {"op": "mark_added", **cell, "value": "Н", "weight": 2, "comment": "к"})
    assert (done["nm"], done["lesson_id"]) == (3, book.courses["10А"]["Физика"])


def test_removed_mark_renumbers_those_after_it(book, pupil, cell):
    """Removing one of several marks of a day moves the later ones up."""
    assert edit(book, {"op": "mark_removed", **cell, "nm": 1})["value"] == "4"
    assert values(book, pupil) == [(0, "3"), (1, "5")]


def test_changed_mark_keeps_its_place(book, pupil, cell):
    """A correction changes value, weight and comment, and an absence loses its kind."""
    edit(book, {"op": "mark_changed", **cell, "nm": 0, "value": "Н", "weight": 3, "comment": "к"})
    (mark,) = [m for m in book.marks[pupil][book.courses["10А"]["Физика"]] if m.nm == 0]
    assert (mark.value, mark.weight, mark.comment, mark.kind) == ("Н", 3, "к", None)
    edit(book, {"op": "mark_changed", **cell, "nm": 0, "value": "5"})
    assert mark.kind is not None


def test_mark_may_be_named_by_lesson_id(book, pupil, cell):
    """`lesson_id` does instead of the subject."""
    place = {"pupil": pupil, "lesson_id": book.courses["10А"]["Физика"], "date": DAY}
    assert edit(book, {"op": "mark_removed", **place, "nm": 0})["subject"] == "Физика"


def test_homework_is_added_changed_and_removed(book):
    """Homework is told apart by class, day, subject, group, pupil and index."""
    place = {"class": "10А", "date": "2026-12-25", "subject": ENGLISH, "grp": "И1"}
    done = edit(book, {"op": "homework_added", **place, "text": "раз", "files": ["a.pdf"]})
    assert done["index"] == 1
    assert edit(book, {"op": "homework_added", **place, "text": "два"})["index"] == 2
    edit(book, {"op": "homework_changed", **place, "index": 2, "text": "три"})
    tasks = book.homework["10А"][date(2026, 12, 25)]
    assert [(task.text, task.files) for task in tasks] == [("раз", ("a.pdf",)), ("три", ())]
    edit(book, {"op": "homework_removed", **place, "index": 1})
    assert [task.text for task in tasks] == ["три"]


def test_final_is_set_changed_and_taken_back(book, pupil):
    """A final is one a subject and period, and null takes it back."""
    place = {"pupil": pupil, "subject": "Физика", "period": "polugodie_1"}
    edit(book, {"op": "final_set", **place, "value": "4"})
    edit(book, {"op": "final_set", **place, "value": "5", "comment": "к"})
    assert [(f.value, f.comment) for f in book.finals[pupil] if f.subject == "Физика"] == [("5", "к")]
    edit(book, {"op": "final_set", **place, "value": None})
    assert not any(f.subject == "Физика" for f in book.finals[pupil])


@pytest.mark.parametrize(
    "document",
    [
        "no object",
        {"op": "unheard"},
        {"op": "mark_added"},
        {"op": "mark_added", "pupil": "999", "subject": "Физика", "date": DAY, "value": "5"},
        {"op": "homework_changed", "class": "10А", "date": DAY, "subject": "Физика", "index": 99, "text": "к"},
        {"op": "homework_added", "class": "10А", "date": "someday", "subject": "Физика", "text": "к"},
        {"op": "pupil_left", "pupil": "999"},
    ],
)
def test_edit_that_finds_nothing_is_an_error(book, document):
    """An edit without a place in this journal is refused and changes nothing."""
    with pytest.raises(EditError):
        edit(book, document)
    assert book.pupils == invent_rollbook(pupils=60, seed=7, today=MONDAY).pupils


@pytest.mark.parametrize(
    "document",
    [
        {"op": "mark_changed", "subject": "Физика", "date": DAY, "nm": 9, "value": "5"},
        {"op": "final_set", "subject": "Физика", "period": "chetvert_1", "value": "5"},
    ],
)
def test_edit_of_a_pupil_that_finds_nothing_is_an_error(book, pupil, document):
    """A mark that is not there, a class or a period that does not exist are refused."""
    with pytest.raises(EditError):
        edit(book, {"pupil": pupil, **document})


def test_the_operations_are_those_of_every_family():
    """Marks, homework and finals stand here; lessons and the school's life join them."""
    own = {"mark_added", "mark_changed", "mark_removed", "homework_added", "homework_changed", "homework_removed"}
    assert set(OPERATIONS) == {*own, "final_set", *LESSON_OPERATIONS, *SCHOOL_OPERATIONS}
