"""Spans: joined where they may be, cut on a fixed grid where they must be."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ejsync.domain.windows import Days, Due, Heat, school_year_start
from ejsync.sources.eljur.client.spans import joined

ONE = timedelta(days=1)
stretches = st.builds(
    lambda first, length: Days(first, first + timedelta(days=length)),
    st.dates(date(2026, 6, 1), date(2027, 12, 31)),
    st.integers(0, 500),
)


def each(span):
    """Every day of a span."""
    return [span.first + timedelta(days=step) for step in range((span.last - span.first).days + 1)]


@settings(derandomize=True, deadline=None, max_examples=300)
@given(stretches, st.lists(st.integers(1, 60), max_size=4), st.integers(1, 60), st.data())
def test_no_day_is_lost_none_twice_none_in_a_stretch_too_long(whole, cuts, longest, data):
    """However what is due lies side by side, the stretches hold each of its days once, and none is too long."""
    edges = sorted({min(sum(cuts[: number + 1]), len(each(whole)) - 1) for number in range(len(cuts))} - {0})
    bounds = [0, *edges, len(each(whole))]
    items = [
        Due(data.draw(st.sampled_from(list(Heat))), Days(each(whole)[first], each(whole)[last - 1]))
        for first, last in pairwise(bounds)
    ]
    items = [item for item in items if data.draw(st.booleans())]
    found = joined(items, longest)
    assert sorted(day for item in found for day in each(item.days)) == sorted(
        day for item in items for day in each(item.days)
    )
    assert all(len(each(item.days)) <= longest for item in found)


@settings(derandomize=True, deadline=None, max_examples=300)
@given(stretches, stretches, st.integers(1, 60))
def test_the_inside_of_a_stretch_is_cut_alike_whatever_day_it_is(one, other, longest):
    """Two stretches that share days are cut at the same lines wherever neither begins or ends."""
    lines = [{item.days.first for item in joined([Due(Heat.COLD, span)], longest)} for span in (one, other)]
    shared = set(each(one)) & set(each(other))
    ends = {day for span in (one, other) for day in (span.first, span.last + ONE)}
    near = {day for end in ends for day in each(Days(end - longest * ONE, end + longest * ONE))}
    inside = shared - near if min(len(each(one)), len(each(other))) > longest else set()
    assert lines[0] & inside == lines[1] & inside


def test_every_school_year_has_a_grid_of_its_own():
    """A stretch over the summer is cut on 1 September, and after it where the new year's own grid has its lines."""
    summer = joined([Due(Heat.HOT, Days(date(2026, 8, 20), date(2026, 10, 10)))], 14)
    autumn = joined([Due(Heat.HOT, Days(date(2026, 9, 1), date(2026, 10, 10)))], 14)
    assert summer[-len(autumn) :] == autumn
    assert all(school_year_start(item.days.first) == school_year_start(item.days.last) for item in summer)


@pytest.mark.parametrize("today", [date(2026, 11, day) for day in range(10, 24)])
def test_a_timetable_s_past_is_asked_for_in_the_same_stretches_every_day(today):
    """Through a fortnight the year up to the month before is cut into the very same stretches."""
    found = joined([Due(Heat.COLD, Days(date(2026, 9, 1), today))], 14)
    assert [str(item.days) for item in found[:5]] == [
        "2026-09-01..2026-09-14",
        "2026-09-15..2026-09-28",
        "2026-09-29..2026-10-12",
        "2026-10-13..2026-10-26",
        "2026-10-27..2026-11-09",
    ]


def test_neighbours_are_one_request_under_the_most_urgent_heat():
    """Days that are due for different reasons and lie side by side are asked for together, if not too many."""
    missed, hot = (
        Due(Heat.MISSED, Days(date(2026, 11, 1), date(2026, 11, 6))),
        Days(date(2026, 11, 7), date(2026, 11, 9)),
    )
    assert joined([Due(Heat.HOT, hot), missed], 9) == (Due(Heat.MISSED, Days(date(2026, 11, 1), date(2026, 11, 9))),)
    assert joined([Due(Heat.HOT, hot), missed], 8) == (missed, Due(Heat.HOT, hot))
    gap = Due(Heat.HOT, Days(date(2026, 11, 8), date(2026, 11, 9)))
    assert joined([missed, gap], 30) == (missed, gap)


def test_what_has_no_days_is_one_stretch():
    """Whatever it is wanted for, it is asked for once, under the most urgent heat; nothing due is no stretch."""
    assert joined([Due(Heat.ORDERED, None), Due(Heat.HOT, None)], 14) == (Due(Heat.HOT, None),)
    assert joined([], 14) == ()
