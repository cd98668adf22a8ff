"""Truths about the invented school year."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ejsync.sandbox.term import Term, bell, compact, holiday_name, weekday_title, weeks

ANY_DAY = st.dates(min_value=date(2020, 1, 1), max_value=date(2035, 12, 31))
TERM = Term(date(2026, 11, 23))


@given(ANY_DAY)
def test_year_begins_on_the_first_of_september(today):
    """The school year rolls over on 1 September, and the summer belongs to the year before."""
    term = Term(today)
    assert (term.first.month, term.first.day) == (9, 1)
    assert term.first <= today < date(term.first.year + 1, 9, 1)
    assert term.last == date(term.first.year + 1, 5, 31)


@given(ANY_DAY, st.integers(1, 11))
def test_periods_are_in_order_and_the_year_comes_last(today, level):
    """Dated periods follow one another without overlap inside the year, which is the last dated one."""
    dated = [period for period in Term(today).periods(level) if period.start]
    *parts, year = dated
    assert len(parts) == (2 if level >= 10 else 4)
    assert all(one.end < other.start for one, other in pairwise(parts))
    assert (year.name, year.start, year.end) == ("year", parts[0].start, parts[-1].end)


def test_quarters_end_where_vacations_begin():
    """No school day of a quarter class lies between two quarters."""
    for day in TERM.school_days:
        assert any(p.start <= day <= p.end for p in TERM.periods(5)[:4])


@pytest.mark.parametrize("level", [9, 11])
def test_exam_period_is_disabled_and_without_dates(level):
    """Graduating classes have an ambiguous disabled period that lacks start and end."""
    exam = TERM.periods(level)[-1]
    assert (exam.disabled, exam.ambigious, exam.start, exam.end) == (True, True, None, None)


def test_no_school_on_vacations_holidays_and_weekends():
    """School days are weekdays outside vacations and public holidays."""
    for day in TERM.school_days:
        assert day.weekday() < 5
        assert TERM.vacation(day) is None
        assert holiday_name(day) is None


def test_alerts():
    """A day's alert tells a holiday from a vacation from today from an ordinary day."""
    assert TERM.alert(date(2026, 11, 4)) == "holiday"
    assert TERM.alert(TERM.vacations["autumn"][0]) == "vacation"
    assert TERM.alert(date(2026, 11, 23)) == "today"
    assert TERM.alert(date(2026, 11, 24)) is None


def test_held_days_end_today():
    """Nothing is held after today."""
    assert TERM.held_days[-1] == TERM.today


def test_bells_do_not_overlap():
    """Each lesson starts after the one before it has ended."""
    rings = [bell(num) for num in range(1, 9)]
    assert rings[0] == ("08:30:00", "09:10:00")
    assert all(end < start for (_, end), (start, _) in pairwise(rings))


@given(ANY_DAY, st.integers(0, 60))
def test_weeks_cover_the_span_exactly(start, length):
    """The weeks of a span begin and end with it and leave no day out or twice."""
    end = start + timedelta(days=length)
    parts = weeks(start, end)
    days = [first + timedelta(days=n) for first, last in parts for n in range((last - first).days + 1)]
    assert days == [start + timedelta(days=n) for n in range(length + 1)]


def test_day_spelling():
    """Days are spelled as ElJur spells them."""
    assert compact(date(2026, 11, 6)) == "20261106"
    assert weekday_title(date(2026, 11, 23)) == "Понедельник"
