"""Truths about edits that change who is at the school and how it is divided."""

from dataclasses import replace
from datetime import date

import pytest

from ejsync.sandbox.assignments import Task
from ejsync.sandbox.edit_places import EditError
from ejsync.sandbox.edits import edit
from ejsync.sandbox.journal_state import journal_state
from ejsync.sandbox.rollbook import invent_rollbook

MONDAY = date(2026, 11, 23)
SUBJECT = "Информатика"


@pytest.fixture
def book():
    """A school of two classes on a Monday."""
    return invent_rollbook(pupils=60, seed=7, today=MONDAY)


def lessons(book, subject):
    """The lessons of a subject of class 10А from today."""
    return [
        one for day, of_day in book.timetable["10А"].items() for one in of_day if day >= MONDAY and one.name == subject
    ]


def test_pupils_join_move_and_leave(book):
    """A pupil who joins has an id of his own, one who moves keeps his marks, one who leaves is gone."""
    joined = edit(book, {"op": "pupil_joined", "class": "5А", "lastname": "Новичков"})["pupil"]
    assert (book.pupils[joined].lastname, book.pupils[joined].form) == ("Новичков", "5А")
    mover = book.members("5А")[0].id
    marks = book.marks[mover]
    assert edit(book, {"op": "pupil_moved", "pupil": mover, "class": "10А"})["from"] == "5А"
    assert (book.pupils[mover].form, book.marks[mover]) == ("10А", marks)
    edit(book, {"op": "pupil_left", "pupil": mover})
    assert mover not in book.pupils
    assert book.left == [mover]


def test_a_namesake_joins_the_class(book):
    """A pupil may join with the very names of another of the class; only the id tells them apart."""
    other = book.members("10А")[0]
    names = {name: getattr(other, name) for name in ("lastname", "firstname", "middlename")}
    joined = edit(book, {"op": "pupil_joined", "class": "10А", **names})["pupil"]
    assert joined != other.id
    assert (book.pupils[joined].title, book.pupils[joined].form) == (other.title, other.form)


def test_pupil_changes_group(book):
    """A pupil goes to the other group, and to none that does not exist."""
    pupil = book.members("10А")[0]
    before = pupil.group
    done = edit(book, {"op": "group_changed", "pupil": pupil.id})
    assert (done["from"], done["grp"]) == (before, pupil.group)
    assert pupil.group != before
    with pytest.raises(EditError):
        edit(book, {"op": "group_changed", "pupil": pupil.id, "grp": "И9"})


def test_who_changes_group_leaves_its_individual_homework(book):
    """Homework given to one pupil in a group does not follow him out of it."""
    pupil = book.members("10А")[0]
    mine = Task("10А", MONDAY, "Англ. яз.", pupil.group, pupil.id, 5, "лично")
    whole = Task("10А", MONDAY, "Физика", "", pupil.id, 5, "лично")
    book.homework["10А"][MONDAY] = [mine, whole]
    edit(book, {"op": "group_changed", "pupil": pupil.id})
    assert book.homework["10А"][MONDAY] == [whole]


def test_renamed_subject_has_its_new_name_everywhere_and_its_old_id(book):
    """After a renaming no fact of the class bears the old name, and the `lesson_id` is the same."""
    lesson_id = book.courses["10А"]["Физика"]
    away = book.members("10А")[0]
    edit(
        book,
        {"op": "final_set", "pupil": book.members("10А")[1].id, "subject": "Физика", "period": "year", "value": "5"},
    )
    edit(book, {"op": "pupil_moved", "pupil": away.id, "class": "5А"})
    done = edit(book, {"op": "subject_renamed", "class": "10А", "subject": "Физика", "name": "Физика (углубл.)"})
    assert done["lesson_id"] == lesson_id == book.courses["10А"]["Физика (углубл.)"]
    state = journal_state(book)
    for table in ("lessons", "marks", "homework", "finals", "control_works"):
        named = {row.get("subject", row.get("name")) for row in state[table]}
        assert "Физика" not in named
        assert "Физика (углубл.)" in named
    assert any(mark.subject == "Физика (углубл.)" for mark in book.marks[away.id][lesson_id])


def test_split_class_learns_and_works_in_two_groups(book):
    """From a day on a subject's lessons and homework come in two groups; what was before stays whole."""
    book.homework["10А"] = {MONDAY: [Task("10А", MONDAY, SUBJECT, "", None, 1, "§ 1", ("a.pdf",))]}
    before = len(lessons(book, SUBJECT))
    done = edit(book, {"op": "class_split", "class": "10А", "subject": SUBJECT, "teacher_id": "502"})
    halves = lessons(book, SUBJECT)
    assert (done["lessons"], len(halves)) == (before, 2 * before)
    assert {(one.grp, one.teacher_id == "502") for one in halves} >= {("И2", True)}
    assert [task.grp for task in book.homework["10А"][MONDAY]] == ["И1", "И2"]
    past = [
        one for day, of_day in book.timetable["10А"].items() for one in of_day if day < MONDAY and one.name == SUBJECT
    ]
    assert {one.grp for one in past} == {""}
    pupil = next(row for row in journal_state(book)["pupils"] if row["class"] == "10А")
    assert set(pupil["groups"]) == {"Англ. яз.", SUBJECT}


def test_joined_class_is_as_before_the_split(book):
    """Splitting and joining again leave lessons and homework as they were."""
    whole = Task("10А", MONDAY, SUBJECT, "", None, 1, "§ 1")
    mine = Task("10А", MONDAY, SUBJECT, "", book.members("10А")[0].id, 2, "лично")
    book.homework["10А"] = {MONDAY: [replace(whole), replace(mine)]}
    place = {"class": "10А", "subject": SUBJECT}
    edit(book, {"op": "class_split", **place})
    edit(book, {"op": "class_joined", **place})
    assert book.timetable == invent_rollbook(pupils=60, seed=7, today=MONDAY).timetable
    assert book.homework["10А"][MONDAY] == [whole, mine]


def test_joined_homework_of_two_groups_is_numbered_anew(book):
    """Different tasks of two groups stand side by side after the joining."""
    place = {"class": "10А", "subject": SUBJECT}
    edit(book, {"op": "class_split", **place})
    tasks = [Task("10А", MONDAY, SUBJECT, grp, None, 1, f"для {grp}") for grp in ("И1", "И2")]
    book.homework["10А"] = {MONDAY: tasks}
    edit(book, {"op": "class_joined", **place})
    assert [(task.grp, task.index, task.text) for task in book.homework["10А"][MONDAY]] == [
        ("", 1, "для И1"),
        ("", 2, "для И2"),
    ]


def test_a_cancelled_half_goes_when_groups_join(book):
    """Of a number whose one half is cancelled the other half becomes the class's lesson."""
    place = {"class": "10А", "subject": SUBJECT}
    edit(book, {"op": "class_split", **place})
    half = next(one for one in lessons(book, SUBJECT) if one.grp == "И1")
    spot = {"class": "10А", "date": half.date.isoformat(), "num": half.num}
    edit(book, {"op": "lesson_cancelled", **spot, "grp": "И1"})
    edit(book, {"op": "class_joined", **place})
    of_day = [one for one in book.timetable["10А"][half.date] if one.num == half.num]
    assert [(one.name, one.grp) for one in of_day] == [(SUBJECT, "")]


def test_the_year_rolls_over(book):
    """On 1 September classes have moved up; the answer says what day it is and which classes there are."""
    done = edit(book, {"op": "year_rolled_over"})
    assert done["today"] == "2027-09-01"
    assert done["school_year"] == "2027/2028"
    assert done["classes"] == ["1А", "6А", "11А"]


@pytest.mark.parametrize(
    "document",
    [
        {"op": "pupil_joined", "class": "99Я"},
        {"op": "subject_renamed", "class": "10А", "subject": "Физика", "name": "Химия"},
        {"op": "subject_renamed", "class": "10А", "subject": "Латынь", "name": "Греческий"},
        {"op": "class_split", "class": "10А", "subject": "Англ. яз."},
        {"op": "class_split", "class": "10А", "subject": SUBJECT, "since": "2027-06-01"},
        {"op": "class_joined", "class": "10А", "subject": SUBJECT},
        {"op": "class_joined", "class": "10А", "subject": SUBJECT, "since": "soon"},
    ],
)
def test_edit_that_finds_nothing_is_an_error(book, document):
    """What has no place in this school is refused and changes nothing."""
    with pytest.raises(EditError):
        edit(book, document)
    assert book == invent_rollbook(pupils=60, seed=7, today=MONDAY)
