"""Columns are found by their heads, whatever an office does to these."""

import pytest

from ejsync.domain.columns import (
    ABSENT,
    EMPTY,
    FORBIDDEN,
    HEADS_TWICE,
    MISSING,
    NOT_FIRST,
    TWICE,
    UNKNOWN_HEAD,
    UNREADABLE,
    Column,
    all_faults,
    readable,
    worded,
)
from ejsync.domain.grid import CellFault, Grid
from tests.doubles.office import grid

COLUMNS = (Column("pupil", ("Номер ученика", "Ученик")), Column("hours", ("Часов по плану",)),
           Column("until", ("До",), optional=True))  # fmt: skip
HEADS = ("Номер ученика", "Часов по плану")


def _problems(*rows, **how):
    return [(fault.address(), fault.problem) for fault in readable(grid(*rows), COLUMNS, **how).faults]


def test_heads_are_found_in_any_order_and_spelling():
    """Order, case, spaces and further columns do no harm; further columns are told by their number."""
    found = readable(grid(("ЧАСОВ  по плану ", "№ п/п", "ученик"), (34, 1, "1001")), COLUMNS)
    assert found.faults == ()
    assert (found.rows[0].cells, found.passed_over) == ({"hours": 34, "pupil": "1001"}, (2,))


@pytest.mark.parametrize(
    ("rows", "faults"),
    [
        ([], [("", EMPTY)]),
        ([HEADS], [("", EMPTY)]),
        ([("Номер ученика", "Часов по планну"), (1, 2)], [("B1", UNKNOWN_HEAD)]),
        ([("Номер ученика", "Кто"), (1, 2)], [("", MISSING)]),
        ([(*HEADS, "Ученик"), (1, 2, 3)], [("C1", TWICE)]),
        ([HEADS, HEADS, (1, 2)], [("", HEADS_TWICE)]),
        ([("Сведения о нагрузке", None), HEADS, (1, 2)], [("", NOT_FIRST)]),
    ],
)
def test_wrong_heads_are_named(rows, faults):
    """Nothing below the heads, heads nearly right, missing, twice, in two rows, or under a title."""
    assert _problems(*(rows or [()])) == faults


def test_a_head_that_is_nearly_right_gets_a_suggestion():
    """The nearest head is named, what stands there is not."""
    (fault,) = readable(grid(("Номер ученика", "Часов по планну"), (1, 2)), COLUMNS).faults
    assert (fault.values, fault.column) == ({"head": "Часов по плану"}, "")


@pytest.mark.parametrize("head", ["Причина", "причина отсрочки", "Диагноз", "Состояние здоровья", "Reason"])
def test_a_column_of_reasons_is_refused_where_it_may_not_be(head):
    """Reasons tell of health: where that matters such a column stops the file, elsewhere it is passed over."""
    rows = ((*HEADS, head), (1, 2, "x"))
    assert _problems(*rows, no_reasons=True) == [("C1", FORBIDDEN)]
    assert _problems(*rows) == []


def test_faults_of_the_file_come_with_those_of_the_heads():
    """Merged cells and the like are told together with wrong heads; a file without rows tells only them."""
    merged = CellFault(3, "", "merged", "x", 1)
    found = readable(grid((*HEADS, "Ученик"), (1, 2), faults=(merged,)), COLUMNS)
    assert [fault.problem for fault in found.faults] == [TWICE, "merged"]
    assert readable(Grid(faults=(merged,)), COLUMNS).faults == (merged,)


def test_a_row_names_each_bad_cell():
    """Each fault, of a cell that is empty or cannot be read, has head and address; an optional one may be empty."""
    found = readable(grid((*HEADS, "до"), ("x",)), COLUMNS)
    (row,) = found.rows
    assert row.take("pupil", worded({"y": 1}), "a word") is None
    assert row.take("hours", worded({}), "a number") is None
    assert row.take("until", worded({}), "a day") is None
    told = [(fault.address(), fault.column, fault.problem) for fault in all_faults([row])]
    assert told == [("A2", "Номер ученика", UNREADABLE), ("B2", "Часов по плану", ABSENT)]


def test_words_are_read_however_they_are_spelt():
    """Case, spaces and ё make no difference; what is no text is no word."""
    read = worded({"Освобождён": "exempt"})
    assert (read("освобожден "), read("x"), read(5)) == ("exempt", None, None)
