"""Days, windows, rosters."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ejsync.domain.records import Feed
from ejsync.domain.windows import Days, Heat, Plan, Roster, Uncovered, Window, school_year_days, school_year_start

DAYS = st.builds(
    lambda first, length: Days(first, first + timedelta(days=length)),
    st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    st.integers(0, 400),
)


@settings(derandomize=True, deadline=None)
@given(DAYS, st.integers(1, 60))
def test_spans_cover_every_day_once(days, longest):
    """Spans follow one another without gap or overlap, none is too long, and together they are the whole."""
    spans = days.spans(longest)
    assert spans[0].first == days.first
    assert spans[-1].last == days.last
    assert all((span.last - span.first).days < longest for span in spans)
    assert all(after.first - before.last == timedelta(days=1) for before, after in pairwise(spans))


def test_days_that_end_before_they_begin_have_no_spans():
    """An empty stretch is cut into nothing."""
    assert Days(date(2026, 9, 2), date(2026, 9, 1)).spans(7) == ()


@pytest.mark.parametrize(
    ("day", "start"),
    [
        (date(2026, 9, 1), date(2026, 9, 1)),
        (date(2026, 8, 31), date(2025, 9, 1)),
        (date(2027, 1, 1), date(2026, 9, 1)),
        (date(2026, 12, 31), date(2026, 9, 1)),
    ],
)
def test_a_school_year_begins_on_the_first_of_september(day, start):
    """The 31 August still belongs to the year before."""
    assert school_year_start(day) == start
    assert school_year_days(start.year).first == start
    assert day <= school_year_days(start.year).last


def test_a_label_names_feed_method_scope_and_days():
    """A window is named without any personal data: pupils do not stand in its label."""
    days = Days(date(2026, 11, 16), date(2026, 11, 22))
    window = Window(Feed.MARKS, "10А#1", "getmarks", "teacher", days, ("10А",), ("1001",))
    assert window.label() == "marks/getmarks/10А#1/2026-11-16..2026-11-22"
    assert Window(Feed.ROSTER, "school", "getrules").label() == "roster/getrules/school"


def test_a_roster_knows_the_class_of_each_pupil():
    """Each pupil is found in his class, empty classes hold nobody."""
    assert Roster({"10А": ("1", "2"), "11А": ()}).class_of() == {"1": "10А", "2": "10А"}


GROUP = Window(
    Feed.MARKS, "10А#1", "getmarks", "a", None, ("10А",), ("1", "2", "3"), owners=("pupil:1", "pupil:2", "pupil:3")
)


def test_a_group_is_cut_in_two_halves():
    """Halves share out pupils and owners, are told apart by their scope, and know that they are parts."""
    first, second = GROUP.halves()
    assert (first.scope, first.pupils, first.owners) == ("10А#1a", ("1",), ("pupil:1",))
    assert (second.scope, second.pupils, second.owners) == ("10А#1b", ("2", "3"), ("pupil:2", "pupil:3"))
    assert first.part
    assert second.part


def test_what_is_no_group_is_not_cut():
    """One pupil alone, a class, and a pupil who stands for his class have no halves."""
    assert second_of(GROUP).halves()[0].halves() == ()
    assert Window(Feed.TIMETABLE, "10А", "getschedule", classes=("10А",), owners=("class:10А",)).halves() == ()
    assert replace(GROUP, owners=("class:10А",)).halves() == ()


def second_of(window):
    """The second half."""
    return window.halves()[1]


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({"account": "b", "scope": "10А#9", "heat": Heat.COLD, "part": True}, True),
        ({"feed": Feed.DIARY}, False),
        ({"method": "getdiary"}, False),
        ({"days": school_year_days(2026)}, False),
        ({"classes": ("11А",)}, False),
        ({"pupils": ("1", "2")}, False),
        ({"whole": True}, False),
    ],
)
def test_a_key_names_the_question(change, same):
    """Who asks and why does not matter; what is asked, and what is taken from the answer, does."""
    assert (replace(GROUP, **change).key() == GROUP.key()) is same


def test_pupils_are_counted_where_nobody_may_read():
    """A class that nobody may read counts with its pupils, pupils count for themselves, by method."""
    gaps = (
        Uncovered("getschedule", "10А", ("class:10А",)),
        Uncovered("getmarks", "10А", ("pupil:1",)),
        Uncovered("getmarks", "11А", ("pupil:4",)),
        Uncovered("getschedule", "9В", ("class:9В",)),
    )
    roster = Roster({"10А": ("1", "2", "3"), "11А": ("4",)})
    assert Plan((), gaps).uncovered_pupils(roster) == {"getschedule": 3, "getmarks": 2}
