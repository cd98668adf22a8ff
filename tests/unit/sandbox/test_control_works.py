"""Truths about control works."""

from datetime import date

import pytest

from ejsync.sandbox.control_works import PLANNED_AHEAD
from ejsync.sandbox.rollbook import invent_rollbook

TODAY = date(2026, 11, 23)


@pytest.fixture(scope="module")
def lessons():
    """The lessons in which control works are written, in a school of twelve classes."""
    book = invent_rollbook(pupils=300, seed=7, today=TODAY)
    return [one for table in book.timetable.values() for day in table.values() for one in day if one.is_control]


def test_written_ones_are_where_the_marks_say(lessons):
    """Every mark of a control work stands in a lesson that was one."""
    book = invent_rollbook(pupils=300, seed=7, today=TODAY)
    written = {(one.form, one.date, one.name) for one in lessons}
    marked = {
        (book.pupils[pupil].form, mark.date, mark.subject)
        for pupil, courses in book.marks.items()
        for cells in courses.values()
        for mark in cells
        if mark.kind is not None and mark.kind.short == "КР"
    }
    assert marked
    assert marked <= written


def test_planned_ones_reach_weeks_ahead_and_have_topics(lessons):
    """Control works are planned for five weeks, each with a topic."""
    coming = [one for one in lessons if one.date > TODAY]
    assert TODAY + PLANNED_AHEAD >= max(one.date for one in coming) > date(2026, 12, 14)
    assert all(one.control for one in coming)


def test_both_groups_write_together(lessons):
    """Of a subject learnt in two groups both write on the same day."""
    halves = {(one.form, one.date, one.name, one.grp) for one in lessons if one.grp and one.date > TODAY}
    assert halves
    assert {(*half[:3], {"И1": "И2", "И2": "И1"}[half[3]]) for half in halves} == halves


def test_first_formers_write_none(lessons):
    """A class of the first level has no control works."""
    assert "1А" not in {one.form for one in lessons}
