"""Final marks."""

import pytest

from ejsync.domain.records import Kind


@pytest.fixture
def of_finals(mapped):
    """Read final marks of one pupil in one subject."""

    def make(*assessments):
        items = [{"name": "Алгебра ", "assessments": list(assessments)}]
        return mapped("getfinalassessments", {"students": {"1001": {"items": items}}}, pupils=("1001",))

    return make


def test_a_final_mark_in_full(of_finals, diary_faults):
    """A final mark is known by pupil, subject and period, and has no day."""
    reading = of_finals(
        {"period": "chetvert_1", "value": 5, "comment": " отлично ", "convert": 5, "color_hex": "#2e7d32"}
    )
    (record,) = reading.records
    assert (record.kind, record.key, record.owner) == (Kind.FINAL_MARK, "1001/Алгебра/chetvert_1", "pupil:1001")
    assert (record.pupil, record.day) == ("1001", None)
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
