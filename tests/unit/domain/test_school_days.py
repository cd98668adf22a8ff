"""School days, and which periods are forecast."""

from datetime import date

import pytest

from ejsync.domain.school_days import SchoolDays, is_called, is_over, lies_in, school_days, smallest
from tests.doubles.class_journal import QUARTER

FORTNIGHT = {**QUARTER, "start": "2026-09-07", "end": "2026-09-20"}
OPEN = {**QUARTER, "start": None, "end": None, "ambiguous": True}
YEAR = {**QUARTER, "period": "y", "start": "2026-09-01", "end": "2027-05-31"}


def off(day, status):
    """A day without school."""
    return {"class": "10А", "date": day, "status": status, "title": None}


def test_days_of_a_fortnight_by_hand():
    """Two weeks of six days, less a holiday that has passed and a vacation day ahead: 3 to Thursday, 7 after it."""
    calendar = [off("2026-09-08", "holiday"), off("2026-09-18", "vacation"), off("2026-09-07", "school")]
    assert school_days(FORTNIGHT, calendar, date(2026, 9, 10)) == SchoolDays(date(2026, 9, 10), 3, 7)


@pytest.mark.parametrize(("as_of", "passed", "left"), [(date(2026, 9, 1), 0, 12), (date(2026, 9, 30), 12, 0)])
def test_before_and_after_a_period(as_of, passed, left):
    """Before a period all its days are left, after it none."""
    assert school_days(FORTNIGHT, [], as_of) == SchoolDays(as_of, passed, left)


def test_a_period_without_bounds_has_no_days():
    """Nothing is counted, nothing lies inside, it never ends."""
    assert school_days(OPEN, [], date(2026, 9, 10)) == SchoolDays(date(2026, 9, 10), 0, 0)
    assert not lies_in({"date": "2026-09-10"}, OPEN)
    assert not is_over(OPEN, date(2030, 1, 1))


@pytest.mark.parametrize(("day", "inside"), [("2026-09-06", False), ("2026-09-07", True), ("2026-09-20", True)])
def test_bounds_belong_to_the_period(day, inside):
    """The first and the last day lie inside, and on the last day it is not over."""
    assert lies_in({"date": day}, FORTNIGHT) is inside
    assert not is_over(FORTNIGHT, date(2026, 9, 20))
    assert is_over(FORTNIGHT, date(2026, 9, 21))


def test_the_year_is_not_forecast_from_marks():
    """A period that holds another one, is switched off or without bounds, is left out; equal ones stay."""
    twin, disabled = {**QUARTER, "period": "q1b"}, {**QUARTER, "period": "off", "disabled": True}
    assert smallest([QUARTER, twin, disabled, OPEN, YEAR]) == [QUARTER, twin]


@pytest.mark.parametrize(
    ("period", "name", "called"),
    [(QUARTER, "q1", True), (QUARTER, "year", False), (YEAR, "year", True), (OPEN, "year", False), (YEAR, "q1", False)],
)
def test_what_the_office_calls_the_year(period, name, called):
    """The office names a period by its id, or the year, whatever its id, as such."""
    assert is_called(period, name) is called
