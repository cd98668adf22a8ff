"""Study periods."""

from ejsync.domain.records import Kind

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
    assert (record.kind, record.key, record.owner) == (Kind.PERIOD, "10А/chetvert_1", "class:10А")
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


def test_a_period_without_a_name_goes_to_quarantine(mapped, diary_faults):
    """A period that lacks its id is still a record, and breaks the contract there."""
    reading = mapped("getperiods", of_periods({**QUARTER, "name": None}), pupils=("1001",))
    assert list(diary_faults(reading).values()) == [("/period",)]


def test_another_pupil_s_periods_are_not_taken(mapped):
    """The periods of a pupil who was not asked for say nothing about the class, whose own are then in doubt."""
    reading = mapped("getperiods", of_periods(QUARTER), pupils=("1002",))
    assert reading.records == ()
    assert [(one.owners, one.believable_when_empty) for one in reading.coverages] == [(("class:10А",), False)]
