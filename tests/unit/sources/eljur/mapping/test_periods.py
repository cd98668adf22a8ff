"""Study periods."""

from datetime import date

import pytest

from ejsync.domain.records import Kind
from ejsync.domain.windows import school_year_days

QUARTER = {
    "name": "chetvert_1",
    "fullname": "1  четверть",
    "disabled": False,
    "ambigious": "",
    "start": "20260901",
    "end": "20261025",
}


def of_periods(*periods):
    """A result of `getperiods`, for one pupil."""
    return {"students": [{"name": 1001, "title": "Тестова Анна", "periods": list(periods)}]}


def test_periods_are_the_class_s(mapped, diary_faults):
    """What one pupil's periods are is taken for his class."""
    reading = mapped("getperiods", of_periods(QUARTER), pupils=("1001",))
    (record,) = reading.records
    assert (record.kind, record.key, record.owner) == (Kind.PERIOD, "10А/2026/chetvert_1", "class:10А")
    assert (record.day, record.data["school_year"]) == (date(2026, 9, 1), 2026)
    assert (record.data["title"], record.data["start"], record.data["end"]) == (
        "1 четверть",
        "2026-09-01",
        "2026-10-25",
    )
    assert diary_faults(reading) == {record.key: ()}
    assert [coverage.owners for coverage in reading.coverages] == [("class:10А",)]


def test_an_ambiguous_period_may_lack_its_bounds(mapped, diary_faults):
    """An ambiguous period without bounds keeps the contract, however the flag is spelt."""
    for flag in (True, "1", 1):
        reading = mapped("getperiods", of_periods({"name": "exam", "fullname": "Экзамен", "ambigious": flag}))
        assert [record.data["ambiguous"] for record in reading.records] == [True]
        assert set(diary_faults(reading).values()) == {()}


def test_weeks_are_the_period_s_own(mapped, diary_faults):
    """Its weeks come in ElJur's order with their titles; where none are listed there are none."""
    weeks = [
        {"start": "20260901", "end": "20260906", "title": "01.09 -  06.09"},
        {"start": "20260907", "end": "20260913"},
    ]
    read = [
        mapped("getperiods", of_periods({**QUARTER, **shown}), pupils=("1001",))
        for shown in ({"weeks": weeks}, {"weeks": {"0": weeks[0], "1": weeks[1]}}, {"weeks": []}, {})
    ]
    found = [reading.records[0].data["weeks"] for reading in read]
    assert found[0] == [
        {"start": "2026-09-01", "end": "2026-09-06", "title": "01.09 - 06.09"},
        {"start": "2026-09-07", "end": "2026-09-13", "title": None},
    ]
    assert found[1:] == [found[0], [], []]
    assert {faults for reading in read for faults in diary_faults(reading).values()} == {()}


def test_a_period_without_a_name_goes_to_quarantine(mapped, diary_faults):
    """A period that lacks its id is still a record, and breaks the contract there."""
    reading = mapped("getperiods", of_periods({**QUARTER, "name": None}), pupils=("1001",))
    assert list(diary_faults(reading).values()) == [("/period",)]


def test_another_pupil_s_periods_are_not_taken(mapped):
    """The periods of a pupil who was not asked for say nothing about the class, whose own are then in doubt."""
    reading = mapped("getperiods", of_periods(QUARTER), pupils=("1002",))
    assert reading.records == ()
    assert [(one.owners, one.believable_when_empty) for one in reading.coverages] == [(("class:10А",), False)]


def years(reading):
    """The school year of each period."""
    return [record.data["school_year"] for record in reading.records]


@pytest.mark.parametrize(
    ("start", "end", "year"),
    [
        ("20260901", "20261025", 2026),
        ("20270110", "20270320", 2026),
        ("20270601", "20270831", 2026),
        ("20260829", "20270531", 2026),
        ("20270901", None, 2027),
        (None, "20270531", 2026),
    ],
)
def test_the_school_year_is_that_of_a_period_s_own_days(mapped, start, end, year):
    """The middle of its days decides: the summer closes a year, and a few days of August open none."""
    reading = mapped("getperiods", of_periods({**QUARTER, "start": start, "end": end}), pupils=("1001",))
    assert years(reading) == [year]
    assert reading.records[0].key == f"10А/{year}/chetvert_1"


def test_last_year_s_periods_are_last_year_s_while_they_are_shown(mapped):
    """Early in September ElJur may still show what was: it is not taken for the new year."""
    reading = mapped("getperiods", of_periods({**QUARTER, "start": "20250901", "end": "20251025"}), pupils=("1001",))
    assert years(reading) == [2025]
    assert [coverage.days for coverage in reading.coverages] == [school_year_days(2025)]


def test_a_period_without_days_lies_in_the_year_of_those_beside_it(mapped):
    """Dated siblings of the same answer tell the year; alone it is that of the day of the read."""
    exam = {"name": "exam", "fullname": "Экзамен", "ambigious": True}
    last = {**QUARTER, "start": "20250901", "end": "20251025"}
    assert years(mapped("getperiods", of_periods(last, exam), pupils=("1001",))) == [2025, 2025]
    assert years(mapped("getperiods", of_periods(exam), pupils=("1001",))) == [2026]


def test_days_beyond_reason_tell_no_year(mapped, diary_faults):
    """A slip of the pen in the year is overruled by the periods beside it, and breaks nothing."""
    slips = [
        {**QUARTER, "name": name, "start": day, "end": day} for name, day in (("p1", "00010101"), ("p2", "99991231"))
    ]
    reading = mapped("getperiods", of_periods(*slips, QUARTER), pupils=("1001",))
    assert years(reading) == [2026] * 3
    assert set(diary_faults(reading).values()) == {()}


def test_only_the_school_year_of_the_answer_is_covered(mapped):
    """What is not shown of other years is not gone; silence is doubted for the year of the read alone."""
    shown = mapped("getperiods", of_periods(QUARTER), pupils=("1001",))
    silent = mapped("getperiods", of_periods(), pupils=("1001",))
    assert [coverage.days for coverage in (*shown.coverages, *silent.coverages)] == [school_year_days(2026)] * 2
    assert [coverage.believable_when_empty for coverage in silent.coverages] == [False]
