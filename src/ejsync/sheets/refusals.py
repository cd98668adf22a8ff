"""What may be wrong with a file as a whole; each becomes the one fault of an empty grid."""

from collections.abc import Iterable
from itertools import islice
from typing import Any

from ejsync.domain.grid import CellFault, Cells, Grid
from ejsync.wording import N_

MOST_ROWS, MOST_COLUMNS = 100_000, 1_000
NOT_TEXT = N_("the file is no text in UTF-8 or Windows-1251")
NOT_TABLE = N_("the file is no table: a quote in it is opened and never closed")
NOT_WHOLE = N_("the file is damaged, or no spreadsheet")
PROTECTED = N_("the file is protected by a password")
TOO_LARGE = N_("the file is too large")
SEVERAL = N_("several sheets of the file hold something")
NO_SHEET = N_("the file has no such sheet")
HIDDEN = N_("this sheet is hidden")


def hopeless(problem: str, expected: str, **values: object) -> Grid:
    """Return a grid that holds nothing but what is wrong with its file."""
    return Grid(faults=(CellFault(0, "", problem, expected, 0, values),))


def grid(rows: Iterable[tuple[int, Cells]], **rest: Any) -> Grid:
    """Keep the rows that hold something; too many of them are refused, and rows that are too long."""
    holding = ((number, cells) for number, cells in rows if any(cell is not None for cell in cells))
    full = tuple(islice(holding, MOST_ROWS + 1))
    if len(full) > MOST_ROWS:
        return hopeless(TOO_LARGE, N_("at most {rows} rows"), rows=MOST_ROWS)
    if any(len(cells) > MOST_COLUMNS for _, cells in full):
        return hopeless(TOO_LARGE, N_("a sheet of a school's size"))
    return Grid(full, **rest)
