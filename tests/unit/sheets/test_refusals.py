"""Files that cannot be used at all."""

from ejsync.sheets.refusals import MOST_COLUMNS, MOST_ROWS, TOO_LARGE, grid, hopeless


def test_a_hopeless_file_is_one_fault_of_the_whole():
    """It has no rows, and its fault no cell."""
    found = hopeless("p", "at most {rows}", rows=5)
    assert (found.rows, found.faults[0].row, found.faults[0].values) == ((), 0, {"rows": 5})


def test_rows_without_anything_are_left_out_and_too_many_refused():
    """Only rows that hold something count."""
    assert grid([(1, (None, "a")), (2, (None,))]).rows == ((1, (None, "a")),)
    assert grid((number, ("a",)) for number in range(MOST_ROWS + 1)).faults[0].problem == TOO_LARGE


def test_a_row_that_is_too_long_is_refused():
    """Each head is compared with every known one: a million of them would take hours."""
    assert grid([(1, ("a",) * (MOST_COLUMNS + 1))]).faults[0].problem == TOO_LARGE
    assert grid([(1, ("a",) * MOST_COLUMNS)]).faults == ()


def test_nobody_reads_on_once_there_are_too_many_rows():
    """What is refused need not be held."""
    read = iter(range(10 * MOST_ROWS))
    assert grid((number, ("a",)) for number in read).faults
    assert next(read) == MOST_ROWS + 1
