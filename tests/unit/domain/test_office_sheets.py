"""An office's sheet, whole."""

import pytest

from ejsync.domain.columns import FORBIDDEN, known_heads
from ejsync.domain.grid import CellFault, fold
from ejsync.domain.office import OfficeKind
from ejsync.domain.office_rows import FORMS, STATES, WAYS, WHOSE
from ejsync.domain.office_sheets import CHOICES, COLUMNS, REPEATED, parse
from tests.doubles.office import grid, school

PLAN = ("Класс", "Предмет", "Период", "Часы")
ADVICE = ("Ученик", "Дата", "Учитель", "Рекомендация")


def test_every_bad_cell_of_a_sheet_is_told_in_order_and_nothing_is_used():
    """Faults stand in the order of rows and columns; good rows of the same sheet are not used either."""
    sheet = parse(
        OfficeKind.CURRICULUM,
        grid(PLAN, ("10А", "Алгебра", "p1", 34), ("10А", "Химия", "p1", "много"), (None, "Алгебра", "p1", 1)),
        school(),
    )
    assert sheet.entries == ()
    assert [fault.address() for fault in sheet.faults] == ["B3", "D3", "A4"]


def test_what_cannot_be_had_stops_the_sheet():
    """A merged cell or a formula without value is a fault of the sheet."""
    merged = CellFault(2, "", "merged", "x", 1)
    assert parse(OfficeKind.CURRICULUM, grid(PLAN, ("10А", "Алгебра", "p1", 34), faults=(merged,)), school()).faults


def test_one_row_for_each_thing():
    """A second plan for the same class, subject and period is a fault; a second recommendation of a day is another."""
    row = ("10А", "Алгебра", "p1", 34)
    faults = parse(OfficeKind.CURRICULUM, grid(PLAN, row, row), school()).faults
    assert [(fault.address(), fault.problem) for fault in faults] == [("A3", REPEATED)]
    advice = ("2001", "16.11.2026", "Пробная", "Читать")
    keys = [one.key for one in parse(OfficeKind.RECOMMENDATION, grid(ADVICE, advice, advice), school()).entries]
    assert keys == ["2001/2026-11-16/-/ПРОБНАЯ/1", "2001/2026-11-16/-/ПРОБНАЯ/2"]


def test_rows_that_name_somebody_and_say_nothing_are_not_filled_in():
    """What a template filled in alone is passed over and counted."""
    sheet = parse(OfficeKind.RECOMMENDATION, grid(ADVICE, ("2001",), ("2002", "16.11.2026", "П", "Ч")), school())
    assert (len(sheet.entries), sheet.unfilled, sheet.entries[0].row) == (1, 1, 3)


@pytest.mark.parametrize("kind", OfficeKind)
def test_a_column_of_reasons_stops_every_kind(kind):
    """Reasons are health data; no sheet brings them in."""
    heads = [column.heads[0] for column in COLUMNS[kind]]
    sheet = parse(kind, grid([*heads, "Причина"], ["x"] * len(heads)), school())
    assert FORBIDDEN in {fault.problem for fault in sheet.faults}


@pytest.mark.parametrize("kind", OfficeKind)
def test_no_head_means_two_columns(kind):
    """Within a kind every spelling of a head belongs to one column."""
    columns = COLUMNS[kind]
    heads = [fold(head) for column in columns for head in {*map(fold, column.heads), fold(column.name)}]
    assert len(heads) == len(set(heads)) == len(known_heads(columns))


def test_templates_offer_only_words_that_are_read_and_each_meaning_once():
    """Whatever Excel lets people choose is understood."""
    readers = {"whose": WHOSE, "way": WAYS, "form": FORMS, "state": STATES}
    for choices in CHOICES.values():
        for name, words in choices.items():
            assert sorted({readers[name][word] for word in words}) == sorted(set(readers[name].values()))
            assert len(words) == len(set(readers[name].values()))
