"""Finding a sheet's columns by their heads, and reading its rows cell by cell; every bad cell is named."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from ejsync.domain.grid import CellFault, Cells, Grid, Value, fold
from ejsync.wording import N_

EMPTY = N_("the file holds no rows")
MISSING = N_("the column is missing")
TWICE = N_("the column stands twice")
UNREADABLE = N_("this value cannot be read")
ABSENT = N_("the cell is empty")
UNKNOWN_HEAD = N_("no column is called so")
NOT_FIRST = N_("something stands above the heads of the columns")
HEADS_TWICE = N_("a second row of heads")
FORBIDDEN = N_("a column of reasons: they tell of health, and ejsync takes in nothing of the kind")
_ALIKE = 0.75
_HEADS_IN_A_ROW = 2
_LOOK_DOWN = 15
_REASONS = (
    "причин", "диагноз", "болезн", "заболев", "здоров", "медиц", "инвалид", "reason", "diagnos", "illness", "health",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a sheet: `heads` are the spellings of its head, the first one that templates write."""

    name: str
    heads: tuple[str, ...]
    optional: bool = False


@dataclass(slots=True)
class Row:
    """One row while it is read."""

    number: int
    cells: Mapping[str, Value | None]
    places: Mapping[str, int]
    heads: Mapping[str, str]
    optional: frozenset[str]
    faults: list[CellFault] = field(default_factory=list)

    def take(self, name: str, read: Callable[[Value], Any], expected: str, **values: object) -> Any:
        """Read a cell, or note its fault and return None; an empty one is a fault unless its column is optional."""
        value = self.cells.get(name)
        found = None if value is None else read(value)
        if found is None and (value is not None or name not in self.optional):
            self.fault(name, ABSENT if value is None else UNREADABLE, expected, **values)
        return found

    def fault(self, name: str, problem: str, expected: str, **values: object) -> None:
        """Note a fault."""
        place = self.places.get(name, 0)
        self.faults.append(CellFault(self.number, self.heads[name], problem, expected, place, values))


@dataclass(frozen=True, slots=True)
class Readable:
    """A sheet whose columns were looked for.

    Attributes:
        rows: what stands below the heads; empty where there are faults of the heads.
        faults: what is wrong with the heads and with cells of which nothing can be had.
        passed_over: the numbers of columns that nobody asked for.
    """

    rows: tuple[Row, ...] = ()
    faults: tuple[CellFault, ...] = ()
    passed_over: tuple[int, ...] = ()


def readable(grid: Grid, columns: Sequence[Column], *, no_reasons: bool = False) -> Readable:
    """Find each column by its head.

    Args:
        grid: the sheet.
        columns: what is looked for.
        no_reasons: whether a column that looks like one of reasons or diagnoses is a fault.
    """
    if not grid.faults and len(grid.rows) < 2:  # noqa: PLR2004 - heads and something below them
        return Readable(faults=(CellFault(0, "", EMPTY, N_("a row of heads and one row for each entry")),))
    if not grid.rows:
        return Readable(faults=grid.faults)
    return _below(grid, columns, _Heads(grid.rows[0], columns), no_reasons=no_reasons)


class _Heads:
    """The first row of a sheet against the columns that are looked for."""

    def __init__(self, row: tuple[int, Cells], columns: Sequence[Column]) -> None:
        self.number, cells = row
        self.columns = columns
        self.known = known_heads(columns)
        self.cells = [(place, str(cell)) for place, cell in enumerate(cells, start=1) if cell is not None]
        self.places: dict[str, int] = {}
        self.heads = {column.name: column.heads[0] for column in columns}
        self.faults: list[CellFault] = []
        self.strange: list[tuple[int, str]] = []
        for place, text in self.cells:
            self._seat(place, text)

    def _seat(self, place: int, text: str) -> None:
        name = self.known.get(fold(text))
        if name is None:
            self.strange.append((place, text))
        elif name in self.places:
            self.faults.append(CellFault(self.number, text, TWICE, N_("each column once"), place))
        else:
            self.places[name], self.heads[name] = place, text

    def judge(self, *, no_reasons: bool) -> None:
        """Note forbidden columns, heads that are nearly right, and columns that are missing."""
        missing = [column for column in self.columns if column.name not in self.places]
        for place, text in self.strange:
            if no_reasons and any(stem in text.casefold() for stem in _REASONS):
                self._note(place, FORBIDDEN, N_("no such column: delete it; the number of the order is enough"))
            elif near := _nearest(text, missing):
                missing.remove(near)
                self._note(place, UNKNOWN_HEAD, N_("perhaps “{head}”"), head=near.heads[0])
        for column in missing:
            if not column.optional:
                expected = " / ".join(column.heads[:3])
                self.faults.append(CellFault(self.number, column.heads[0], MISSING, expected))

    def _note(self, place: int, problem: str, expected: str, **values: object) -> None:
        self.faults.append(CellFault(self.number, "", problem, expected, place, values))


def known_heads(columns: Sequence[Column]) -> dict[str, str]:
    """Return the columns' names by every spelling of their heads; their English names are spellings too."""
    return {fold(head): column.name for column in columns for head in (*column.heads, column.name)}


def _nearest(text: str, columns: Sequence[Column]) -> Column | None:
    spellings = {fold(head): column for column in columns for head in column.heads}
    near = get_close_matches(fold(text), spellings, n=1, cutoff=_ALIKE)
    return spellings[near[0]] if near else None


def _below(grid: Grid, columns: Sequence[Column], heads: _Heads, *, no_reasons: bool) -> Readable:
    """Return the rows below the heads, or what is wrong with these."""
    if len(heads.places) < _HEADS_IN_A_ROW and (lower := _first_heads(grid, heads.known)):
        expected = N_("the heads in the first row; now they stand in row {row}")
        return Readable(faults=(CellFault(heads.number, "", NOT_FIRST, expected, 0, {"row": lower}), *grid.faults))
    heads.judge(no_reasons=no_reasons)
    if heads.faults:
        return Readable(faults=(*heads.faults, *grid.faults))
    optional = frozenset(column.name for column in columns if column.optional)
    places = heads.places
    rows = [Row(number, _named(cells, places), places, heads.heads, optional) for number, cells in grid.rows[1:]]
    second = _many_heads(grid.rows[1][1], heads.known)
    twice = [CellFault(rows[0].number, "", HEADS_TWICE, N_("one row of heads"))] if second else []
    passed = tuple(place for place, _ in heads.strange)
    return Readable(tuple(rows), (*twice, *grid.faults), passed)


def _first_heads(grid: Grid, known: Mapping[str, str]) -> int | None:
    return next((number for number, cells in grid.rows[1:_LOOK_DOWN] if _many_heads(cells, known)), None)


def _many_heads(cells: Cells, known: Mapping[str, str]) -> bool:
    return sum(isinstance(cell, str) and fold(cell) in known for cell in cells) >= _HEADS_IN_A_ROW


def _named(cells: Cells, places: Mapping[str, int]) -> dict[str, Value | None]:
    return {name: cells[place - 1] for name, place in places.items() if place <= len(cells)}


def all_faults(rows: Sequence[Row]) -> Iterator[CellFault]:
    """Yield the faults of all rows in their order."""
    for row in rows:
        yield from row.faults


def worded(words: Mapping[str, Any]) -> Callable[[Value], Any]:
    """Return a reader of one of several words, however they are spelt."""
    known = {fold(word): meaning for word, meaning in words.items()}
    return lambda value: known.get(fold(value)) if isinstance(value, str) else None
