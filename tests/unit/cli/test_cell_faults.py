"""The sentence about a bad cell."""

import pytest

from ejsync.cli.cell_faults import MOST_TOLD, told_fault, told_faults
from ejsync.domain.grid import CellFault
from ejsync.wording import use_language


@pytest.mark.parametrize(
    ("row", "column", "place", "told"),
    [
        (7, "Класс", 2, "B7, row 7, column “Класс”: bad; expected: 10А"),
        (7, "", 2, "B7: bad; expected: 10А"),
        (7, "Класс", 0, "row 7, column “Класс”: bad; expected: 10А"),
        (7, "", 0, "row 7: bad; expected: 10А"),
        (0, "", 0, "bad; expected: 10А"),
    ],
)
def test_a_bad_cell_is_named_as_precisely_as_it_is_known(row, column, place, told):
    """Address, row, head: as much as there is of them."""
    use_language("en")
    assert told_fault(CellFault(row, column, "bad", "{known}", place, {"known": "10А"})) == told


def test_of_very_many_bad_cells_the_first_are_named_and_the_rest_counted():
    """A sheet of another kind does not fill the screen for minutes."""
    use_language("en")
    told = told_faults([CellFault(1, "", "bad", "good")] * (MOST_TOLD + 5))
    assert (len(told), told[-1]) == (MOST_TOLD + 1, "and 5 more")
    assert len(told_faults([CellFault(1, "", "bad", "good")])) == 1
