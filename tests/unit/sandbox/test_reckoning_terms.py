"""The second opinion's periods: which have begun, which are smallest, how many school days lie where."""

import pytest

from ejsync.sandbox.reckoning_terms import Pace, begun, is_meant, is_over, pace, smallest, within


def term(name="q1", start="2026-09-01", end="2026-10-31", **more):
    """A period of the school year 2026/2027."""
    return {"period": name, "school_year": 2026, "start": start, "end": end, "disabled": False, **more}


YEAR, SECOND = term("y", end="2027-05-31"), term("q2", "2026-11-09", "2026-12-28")
EXAM = term("exam", None, None)


def test_only_what_has_begun_counts():
    """A period that lies ahead, one switched off, one without bounds and one of another year have not begun."""
    off, old = term("off", disabled=True), term("old", school_year=2025)
    assert begun([term(), SECOND, YEAR, EXAM, off, old], "2026-11-08") == [term(), YEAR]
    assert begun([term(school_year=2025)], "2026-08-31") == []


def test_the_smallest_are_those_that_hold_no_other():
    """The year that holds a quarter is left out; two with the same days both stay."""
    twin = term("twin")
    assert smallest([YEAR, term(), twin, EXAM]) == [term(), twin]


@pytest.mark.parametrize(
    ("one", "name", "meant"),
    [(term(), "q1", True), (term(), "year", False), (YEAR, "year", True), (EXAM, "year", False), (YEAR, "q1", False)],
)
def test_the_year_is_meant_by_its_name_or_by_its_length(one, name, meant):
    """What the office plans for the year is meant for a period of more than half a year, whatever ElJur calls it."""
    assert is_meant(one, name) is meant


def test_school_days_leave_out_sundays_and_holidays():
    """Of the week from Monday 2 to Sunday 8 November the holiday on the 4th and the Sunday are no school days."""
    week = term(start="2026-11-02", end="2026-11-08")
    calendar = [{"date": "2026-11-04", "status": "holiday"}, {"date": "2026-11-05", "status": "school"}]
    assert pace(week, calendar, "2026-11-05") == Pace(3, 2)
    assert pace(week, calendar, "2026-12-01") == Pace(5, 0)


def test_bounds_belong_to_a_period():
    """Its first and last day lie in it; without bounds nothing does; it is over on the day after its end."""
    assert within({"date": "2026-09-01"}, term())
    assert within({"date": "2026-10-31"}, term())
    assert not within({"date": "2026-11-01"}, term())
    assert not within({"date": "2026-11-01"}, EXAM)
    assert [is_over(term(), day) for day in ("2026-10-31", "2026-11-01")] == [False, True]
    assert [is_over(term(), day, since_days=3) for day in ("2026-11-03", "2026-11-04")] == [False, True]
    assert not is_over(EXAM, "2027-01-01")
