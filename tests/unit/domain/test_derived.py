"""Keys and owners of derived facts."""

from datetime import date

from ejsync.domain.consent import Scope, subject_of
from ejsync.domain.derived import (
    class_teacher_record,
    contact_record,
    final_state_record,
    forecast_record,
    renewed,
    statistics_record,
)
from ejsync.domain.records import Kind

PLACE = {"school_year": 2026, "subject": "Счёт", "period": "q1"}


def standing(record):
    """Everything of a record but its payload."""
    return record.kind, record.key, record.owner, record.pupil, record.day


def test_keys_hold_ids_and_school_words():
    """Each derived fact has its key, its owner, and the pupil whose consent it needs; ё is written е."""
    year = date(2026, 9, 1)
    assert standing(forecast_record({"pupil": "1001", **PLACE})) == (
        Kind.FORECAST, "1001/2026/Счет/q1", "pupil:1001", "1001", year,
    )  # fmt: skip
    assert standing(final_state_record({"pupil": "1001", **PLACE})) == (
        Kind.FINAL_STATE, "1001/2026/Счет/q1", "pupil:1001", "1001", year,
    )  # fmt: skip
    assert standing(statistics_record({"class": "10А", **PLACE})) == (
        Kind.LESSON_STATISTICS, "10А/2026/Счет/q1", "class:10А", None, year,
    )  # fmt: skip
    assert standing(class_teacher_record({"class": "10А", "subject": "Счёт", "group": None})) == (
        Kind.CLASS_TEACHER, "10А/Счет/-", "class:10А", None, None,
    )  # fmt: skip
    assert standing(contact_record({"pupil": "1001", "whose": "mother", "way": "email"})) == (
        Kind.CONTACT, "1001/mother/email", "pupil:1001", subject_of("1001", Scope.CONTACTS), None,
    )  # fmt: skip


def test_a_day_alone_changes_nothing():
    """What differs in its day only stays what it was; anything else makes it new."""
    known, later = {"expected": 4, "as_of": "2026-10-05"}, {"expected": 4, "as_of": "2026-10-06"}
    assert renewed(known, later) is known
    assert renewed(known, {**later, "expected": 5})["as_of"] == "2026-10-06"
    assert renewed(None, later) is later
