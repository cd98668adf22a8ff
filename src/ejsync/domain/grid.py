"""A sheet before it is understood: numbered rows of cells, and what is wrong with them, each fault at its place."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from string import ascii_uppercase
from unicodedata import normalize

Value = str | int | float | bool | date
"""What a cell holds: a day without a clock is a `date`, one with a clock a `datetime`."""
Cells = tuple[Value | None, ...]

EPOCH = date(1899, 12, 30)
"""The day that Excel counts as 0 (its 1 January 1900 is day 1, and its 29 February 1900 never was)."""
EPOCH_1904 = date(1904, 1, 1)
"""The same in workbooks that were begun on an old Macintosh."""


@dataclass(frozen=True, slots=True)
class CellFault:
    """One bad cell; what stood in it is never repeated, because it may be a person's name.

    Attributes:
        row: the row's number as Excel shows it; 1 is the heads, 0 the file as a whole.
        column: the head of its column.
        problem: a marked sentence, not yet translated.
        expected: what would be right, likewise.
        place: the column's number from 1; 0 where the fault is in no single cell.
        values: what fills the `{places}` of both sentences; numbers of pupils, classes, subjects, never a name.
    """

    row: int
    column: str
    problem: str
    expected: str
    place: int = 0
    values: Mapping[str, object] = field(default_factory=dict)

    def address(self) -> str:
        """Return the cell as Excel names it, e.g. `B7`; empty where it is no single cell."""
        return f"{letters(self.place)}{self.row}" if self.row and self.place else ""


@dataclass(frozen=True, slots=True)
class Grid:
    """What a sheet holds.

    Attributes:
        rows: rows that hold anything, each with its number as Excel shows it.
        faults: cells of which nothing can be had; with a fault nothing of the sheet may be used.
        epoch: the day that its day numbers count from.
        hidden: how many hidden sheets of the file hold something and were passed over.
    """

    rows: tuple[tuple[int, Cells], ...] = ()
    faults: tuple[CellFault, ...] = ()
    epoch: date = EPOCH
    hidden: int = 0


def letters(place: int) -> str:
    """Name a column by its number: 1 is A, 27 is AA."""
    name = ""
    while place:
        place, digit = divmod(place - 1, len(ascii_uppercase))
        name = ascii_uppercase[digit] + name
    return name


def fold(text: str) -> str:
    """Make spellings comparable: no case, no spaces, no punctuation, `е` for `ё`."""
    plain = normalize("NFKC", text).casefold().replace("ё", "е")
    return "".join(filter(str.isalnum, plain))
