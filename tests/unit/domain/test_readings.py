"""What a mark's raw text is taken for."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ejsync.contracts import Contracts
from ejsync.domain.readings import attendance, reading
from tests.doubles.records import mark

CONTRACTS = Contracts()


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("5", ("grade", 5.0, None, None)),
        ("4-", ("grade", 4.0, None, "-")),
        ("3+", ("grade", 3.0, None, "+")),
        ("5/4", ("double", 5.0, 4.0, None)),
        ("2 / 3", ("double", 2.0, 3.0, None)),
        ("6", ("points", 6.0, None, None)),
        ("100", ("points", 100.0, None, None)),
        ("4,5", ("points", 4.5, None, None)),
        ("99.75", ("points", 99.75, None, None)),
        ("зч", ("pass", None, None, None)),
        ("Зачёт", ("pass", None, None, None)),
        ("н/а", ("other", None, None, None)),
        ("ОСВ", ("other", None, None, None)),
        ("", ("other", None, None, None)),
        ("5!", ("other", None, None, None)),
        ("0/5", ("other", None, None, None)),
        ("1000", ("other", None, None, None)),
        ("точка", ("other", None, None, None)),
    ],
)
def test_a_text_is_read_as_people_mean_it(raw, expected):
    """Grades, doubles, points and passes are told apart; what nobody knows is `other`."""
    assert tuple(reading(raw).values()) == expected


@pytest.mark.parametrize(("raw", "type_"), [("5", "points"), ("4,5", "points"), ("5-", "grade"), ("зч", "pass")])
def test_a_number_out_of_a_maximum_is_points(raw, type_):
    """Where the journal names a maximum, a plain number is points, a five too; anything else is as ever."""
    assert reading(raw, max_mark=5)["type"] == type_


@settings(derandomize=True, deadline=None)
@given(st.text(max_size=10))
def test_no_text_is_an_error(raw):
    """Any text is read as something, and its reading keeps the contract wherever the text itself does."""
    record = mark(raw=raw)
    broken = CONTRACTS.faults(f"ed/v1/{record.kind}", record.data)
    assert not [pointer for pointer in broken if pointer.startswith("/reading")]


@pytest.mark.parametrize(("raw", "status"), [("н", "absent"), ("Н", "absent"), ("оп", "late"), ("ОП", "late")])
def test_the_two_codes_of_attendance_are_known(raw, status):
    """Absence and lateness are known in either case."""
    assert attendance(raw) == status


@pytest.mark.parametrize("raw", ["", "5", "б", "нн", "оп5"])
def test_anything_else_is_no_attendance(raw):
    """Only the two codes are attendance; an illness is never read."""
    assert attendance(raw) is None
