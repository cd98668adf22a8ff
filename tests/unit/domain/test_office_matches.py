"""Whom, which class, subject and period a row means; doubt is a fault."""

import pytest

from ejsync.domain.columns import ABSENT, UNREADABLE, Column, readable
from ejsync.domain.office_matches import (
    NAMESAKES,
    NO_CLASS,
    NO_SUBJECT,
    NO_TERM,
    OTHER_CLASS,
    OTHER_NAME,
    STRANGER,
    TWIN_CLASSES,
    matching_class,
    matching_period,
    matching_person,
    matching_subject,
)
from tests.doubles.office import grid, school

HEADS = {
    "pupil": "Номер",
    "name": "ФИО",
    "class": "Класс",
    "subject": "Предмет",
    "school_year": "Год",
    "period": "Период",
}
COLUMNS = tuple(Column(name, (head,), optional=name != "period") for name, head in HEADS.items())


def _row(**cells):
    cells.setdefault("period", "p1")
    return readable(grid(HEADS.values(), [cells.get(name) for name in HEADS]), COLUMNS).rows[0]


@pytest.mark.parametrize(
    "cells",
    [
        {"pupil": 2001},
        {"pupil": "2001", "class": "10а"},
        {"pupil": "2001", "name": "Ежикова Алена", "class": "10A"},
        {"name": "Ежикова Алена", "class": "10А"},
        {"pupil": "Ежикова Алена", "class": "10А"},
    ],
)
def test_a_pupil_is_found_by_number_or_by_name_and_class(cells):
    """A name may stand in the place of the number too."""
    row = _row(**cells)
    assert (matching_person(row, school()).pupil, row.faults) == ("2001", [])


@pytest.mark.parametrize(
    ("cells", "address", "problem"),
    [
        ({}, "A2", ABSENT),
        ({"pupil": 9999}, "A2", STRANGER),
        ({"pupil": 1.5}, "A2", UNREADABLE),
        ({"name": "Никто Никак", "class": "10А"}, "B2", STRANGER),
        ({"pupil": "Никто Никак", "class": "10А"}, "A2", STRANGER),
        ({"name": "Ежикова Алена"}, "C2", ABSENT),
        ({"name": "Ежикова Алена", "class": "11Ж"}, "C2", NO_CLASS),
        ({"name": "Примерный Иван", "class": "5Б"}, "B2", NAMESAKES),
        ({"pupil": 2001, "class": "5Б"}, "C2", OTHER_CLASS),
        ({"pupil": 2001, "name": "Образцов Пётр"}, "B2", OTHER_NAME),
    ],
)
def test_who_is_not_certain_is_a_fault(cells, address, problem):
    """Nobody, unknown, misspelt, of another class or name, or one of several."""
    row = _row(**cells)
    assert matching_person(row, school()) is None
    assert (row.faults[0].address(), row.faults[0].problem) == (address, problem)


def test_namesakes_are_asked_about_by_number_and_no_fault_holds_a_name():
    """The numbers to choose from are told."""
    row = _row(name="Примерный Иван", **{"class": "5Б"})
    matching_person(row, school())
    assert row.faults[0].values == {"numbers": "2003, 2004"}
    assert "Примерный" not in str(row.faults)


def test_a_spelling_of_two_classes_is_a_fault():
    """Both are named."""
    row = _row(**{"class": "10 а"})
    assert matching_class(row, school(classes=("10А", "10-А"))) is None
    assert row.faults[0].problem == TWIN_CLASSES


@pytest.mark.parametrize(
    ("written", "expected"), [("Алгебро", "perhaps one of: {near}"), ("Ы", "a subject as the journal spells it")]
)
def test_a_subject_the_class_does_not_have_is_a_fault(written, expected):
    """Near ones are suggested."""
    row = _row(subject=written)
    assert matching_subject(row, school(), "10А") is None
    assert [(fault.problem, fault.expected) for fault in row.faults] == [(NO_SUBJECT, expected)]


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        ({"period": "I четверть"}, (2026, "p1")),
        ({"period": "год"}, (2026, "year")),
        ({"period": "p2", "school_year": "2026/2027"}, (2026, "p2")),
        ({"period": "p2", "school_year": "2026-27 уч. год"}, (2026, "p2")),
        ({"period": "p2", "school_year": 2026}, (2026, "p2")),
    ],
)
def test_a_period_has_its_school_year(cells, found):
    """The one named, else the one of the class's periods."""
    row = _row(**cells)
    assert (matching_period(row, school(), "10А"), row.faults) == (found, [])


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        ({"period": "3 четверть"}, NO_TERM),
        ({"period": "p1", "school_year": 2025}, NO_TERM),
        ({"school_year": "2026/2029"}, UNREADABLE),
        ({"school_year": "скоро"}, UNREADABLE),
    ],
)
def test_a_period_the_class_does_not_have_is_a_fault(cells, problem):
    """So is a school year that is none."""
    row = _row(**cells)
    assert matching_period(row, school(), "10А") == (0, "")
    assert [fault.problem for fault in row.faults] == [problem]


def test_a_class_without_periods_says_what_to_read_first():
    """Before its periods were read nothing can be said of them."""
    row = _row()
    matching_period(row, school(years={}), "10А")
    assert row.faults[0].expected == "first: ejsync sync --feed periods"
