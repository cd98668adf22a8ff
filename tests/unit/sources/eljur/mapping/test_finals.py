"""Final marks."""

from datetime import date

import pytest

from ejsync.domain.records import Kind
from ejsync.domain.windows import Page, Roster, Window, school_year_days
from ejsync.sources.eljur.mapping import read


@pytest.fixture
def of_finals(mapped):
    """Read final marks of one pupil in one subject."""

    def make(*assessments):
        items = [{"name": "Алгебра ", "assessments": list(assessments)}]
        return mapped("getfinalassessments", {"students": {"1001": {"items": items}}}, pupils=("1001",))

    return make


def test_a_final_mark_in_full(of_finals, diary_faults):
    """A final mark is known by pupil, school year, subject and period; its day is the year's first."""
    reading = of_finals(
        {"period": "chetvert_1", "value": 5, "comment": " отлично ", "convert": 5, "color_hex": "#2e7d32"}
    )
    (record,) = reading.records
    assert (record.kind, record.key, record.owner) == (Kind.FINAL_MARK, "1001/2026/Алгебра/chetvert_1", "pupil:1001")
    assert (record.pupil, record.day, record.data["school_year"]) == ("1001", date(2026, 9, 1), 2026)
    assert (record.data["raw"], record.data["comment"]) == ("5", "отлично")
    assert diary_faults(reading) == {record.key: ()}


def test_unset_finals_are_skipped(of_finals):
    """An empty final mark is not set yet; that is counted, and the pupil is covered all the same."""
    reading = of_finals({"period": "chetvert_2", "value": ""}, {"period": "year", "value": None})
    assert (reading.records, reading.passed_over) == ((), {"phantom": 2})
    assert [coverage.believable_when_empty for coverage in reading.coverages] == [True]


def test_a_final_mark_that_is_no_text_goes_to_quarantine(of_finals, diary_faults):
    """A final mark of a wrong type breaks the contract alone, beside a good one with an emptied comment."""
    reading = of_finals({"period": "year", "value": {"mark": "5"}}, {"period": "exam", "value": "5", "comment": []})
    assert sorted(diary_faults(reading).values()) == [(), ("/raw",)]


def test_a_final_mark_without_a_period_goes_to_quarantine(of_finals, diary_faults):
    """A final mark of no period is still a record, and breaks the contract there."""
    assert list(diary_faults(of_finals({"value": "5"})).values()) == [("/period",)]


@pytest.fixture
def read_on():
    """Read one final mark (or none) on a day, the class's periods being of a year."""

    def make(day, told, *assessments):
        window = Window("finals", "10А", "getfinalassessments", "bridge", None, ("10А",), ("1001",))
        result = {"students": {"1001": {"items": [{"name": "Алгебра", "assessments": list(assessments)}]}}}
        return read(Page(window, result, day=day), Roster({"10А": ("1001",)}, {"10А": told} if told else {}))

    return make


FINAL = {"period": "p1", "value": "5"}


@pytest.mark.parametrize(
    ("day", "told", "year", "covered"),
    [
        (date(2026, 12, 28), 2026, 2026, 2026),
        (date(2027, 7, 1), 2026, 2026, 2026),
        (date(2026, 12, 28), None, 2026, 2026),
        (date(2027, 9, 3), 2026, 2026, None),
        (date(2027, 8, 25), 2027, 2027, None),
        (date(2027, 9, 3), 2027, 2027, 2027),
        (date(2026, 12, 28), 2062, 2026, 2026),
        (date(2026, 12, 28), 2023, 2026, 2026),
        (None, 2026, 2026, 2026),
    ],
)
def test_the_school_year_is_that_of_the_class_s_periods(read_on, day, told, year, covered):
    """Periods tell the year; where the calendar says another, what is missing is not gone; a slip tells nothing."""
    for shown in (FINAL,), ():
        reading = read_on(day, told, *shown)
        assert [record.key for record in reading.records] == [f"1001/{year}/Алгебра/p1" for _ in shown]
        assert [item.days for item in reading.coverages] == ([school_year_days(covered)] if covered else [])


def test_without_any_year_a_final_mark_goes_to_quarantine(read_on, diary_faults):
    """Neither periods nor a day: nothing is guessed, and nothing is concluded."""
    reading = read_on(None, None, FINAL)
    assert list(diary_faults(reading).values()) == [("/school_year",)]
    assert reading.coverages == ()
