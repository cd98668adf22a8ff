"""Truths about the invented marks."""

from datetime import date
from random import Random

import pytest

from ejsync.sandbox.markbook import Final, Mark, conclude, draw_columns, draw_marks, reading
from ejsync.sandbox.rollbook import invent_rollbook
from ejsync.sandbox.term import Term

BOOK = invent_rollbook(pupils=150, seed=3, today=date(2027, 5, 31))
MARKS = [mark for courses in BOOK.marks.values() for cells in courses.values() for mark in cells]


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("5", (True, 5, "5")),
        ("5-", (True, 5, "5")),
        ("4+", (True, 4, "4")),
        ("3/5", (True, 4, "4")),
        ("Н", (False, 0, 0)),
        ("ОП", (False, 0, 0)),
        ("", (False, 0, 0)),
    ],
)
def test_reading_of_a_value(value, read):
    """A grade counts as its number, a double as its mean; an absence, lateness or phantom counts as nothing."""
    assert reading(value) == read
    mark = Mark("1", "Физика", date(2026, 9, 1), 0, value, 1, None, "", None)
    assert (mark.count, mark.convert, mark.countas) == read


def test_a_year_holds_every_kind_of_value():
    """Plain grades, signed ones, doubles, absences, lateness and phantoms all occur."""
    assert {"2", "3", "4", "5", "4+", "5-", "3/5", "Н", "н", "ОП", ""} <= {mark.value for mark in MARKS}


def test_weights_comments_and_second_marks_occur():
    """Weights 1 to 3, comments, column comments, control works and two marks in one cell all occur."""
    assert {mark.weight for mark in MARKS} == {1, 2, 3}
    assert any(mark.comment for mark in MARKS)
    assert any(mark.lesson_comment for mark in MARKS)
    assert any(mark.kind and mark.kind.short == "КР" for mark in MARKS)
    assert any(mark.nm == 1 for mark in MARKS)


def test_natural_key_is_unique():
    """No two marks share pupil, lesson, day and `nm`, and `nm` counts from 0 without a gap."""
    for courses in BOOK.marks.values():
        keys = [(mark.lesson_id, mark.date, mark.nm) for cells in courses.values() for mark in cells]
        assert len(set(keys)) == len(keys)
        assert all((lesson, day, nm - 1) in keys for lesson, day, nm in keys if nm)


def test_marks_stand_on_held_days():
    """Marks stand on school days up to today."""
    assert {mark.date for mark in MARKS} <= set(BOOK.term.held_days)


def test_first_formers_have_no_marks():
    """A class of the first level has an empty journal."""
    for pupil in BOOK.members("1А"):
        assert BOOK.marks[pupil.id] == {}


def test_density_is_about_three_a_subject_and_month():
    """A pupil of a marked class gets about three grades a subject and month at density 1."""
    pupils = [pupil for pupil in BOOK.pupils.values() if not pupil.form.startswith("1А")]
    courses = sum(len(BOOK.courses[pupil.form]) for pupil in pupils)
    months = len(BOOK.term.school_days) / 21
    assert 2.4 < sum(mark.count for mark in MARKS) / courses / months < 3.6


def test_density_scales():
    """A greater density gives more marks, a density of 0 none but absences and the like."""
    form = "10А"
    args = {"form": form, "table": BOOK.timetable[form], "term": BOOK.term, "courses": BOOK.courses[form]}
    columns = draw_columns(Random(1), **args)

    def graded(density):
        marks = draw_marks(Random(2), columns=columns, density=density)
        return sum(mark.count for cells in marks.values() for mark in cells)

    assert graded(2.0) > graded(1.0) * 1.5
    assert graded(0.0) < 30


def test_finals_follow_ended_periods_only():
    """A period that has not ended by today is not concluded, and the undated exam never is."""
    periods = Term(date(2026, 11, 23)).periods(9)
    marks = {"1": [Mark("1", "Физика", date(2026, 9, 9), 0, "5", 1, None, "", None)]}
    assert conclude(marks, periods=periods, today=date(2026, 11, 23)) == [Final("Физика", "chetvert_1", "5", "")]
    assert conclude(marks, periods=periods, today=date(2026, 10, 1)) == []


def test_final_without_grades_is_not_attested():
    """A subject with marks but none in the period is concluded as н/а, with a comment and no number."""
    periods = Term(date(2026, 11, 23)).periods(5)
    marks = {"1": [Mark("1", "Физика", date(2026, 11, 9), 0, "5", 1, None, "", None)]}
    (final,) = conclude(marks, periods=periods, today=date(2026, 11, 23))
    assert (final.value, final.convert, bool(final.comment)) == ("н/а", 0, True)
    assert final.color_hex != Final("Физика", "year", "5", "").color_hex
