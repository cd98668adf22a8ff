"""Spreadsheets that Excel and LibreOffice save: XLSX, XLS, ODS."""

import io
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from ejsync.domain.grid import CellFault, Cells, Grid, Value, fold, letters
from ejsync.sheets.innards import UPSET, Innards, TooFar, innards
from ejsync.sheets.refusals import HIDDEN, NO_SHEET, NOT_WHOLE, PROTECTED, SEVERAL, TOO_LARGE, grid, hopeless
from ejsync.wording import N_

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

EXPLAINED = "Пояснения"
"""The sheet of our templates that explains the other one; no import reads it."""
MERGED = N_("merged cells")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_UNLOCKED = N_("a file without a password")


def read_workbook(content: bytes, sheet: str | None = None, preferred: str = "") -> Grid:
    """Read one sheet: the one named, else the only visible one that holds anything, else the one called `preferred`."""
    import python_calamine as calamine  # noqa: PLC0415 - only imports of sheets need it

    if _ENCRYPTED in content:
        return hopeless(PROTECTED, _UNLOCKED)
    try:
        inside = innards(content)
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        return _chosen(book, inside, sheet) if sheet else _only(book, inside, preferred)
    except calamine.PasswordError:
        return hopeless(PROTECTED, _UNLOCKED)
    except TooFar:
        return hopeless(TOO_LARGE, N_("a sheet of a school's size"))
    except (calamine.CalamineError, *UPSET):
        return _damaged()
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # what its reader, written in Rust, ends in; it has no other name
            raise
        return _damaged()


def _damaged() -> Grid:
    return hopeless(NOT_WHOLE, N_("a file that Excel opens without complaint, saved as XLSX or CSV"))


def _visible(meta: Any) -> bool:
    return bool(meta.visible == type(meta.visible).Visible)


def _chosen(book: "CalamineWorkbook", inside: Innards, wanted: str) -> Grid:
    found = [meta for meta in book.sheets_metadata if fold(meta.name) == fold(wanted)]
    if not found:
        return hopeless(NO_SHEET, N_("the name of a sheet as its tab shows it"))
    if not _visible(found[0]):
        return hopeless(HIDDEN, N_("a sheet that can be seen: hidden ones are not read"))
    return _cells(book, inside, found[0].name)


def _only(book: "CalamineWorkbook", inside: Innards, preferred: str) -> Grid:
    seen = [meta.name for meta in book.sheets_metadata if _visible(meta) and meta.name != EXPLAINED]
    hidden = len(book.sheets_metadata) - sum(map(_visible, book.sheets_metadata))
    grids = {name: _cells(book, inside, name, hidden=hidden) for name in seen}
    full = {name: found for name, found in grids.items() if found.rows or found.faults}
    wanted = {name: found for name, found in full.items() if fold(name) == fold(preferred)} or full
    if len(wanted) > 1:
        return hopeless(SEVERAL, N_("--sheet with the name of the one that is meant"))
    return next(iter(wanted.values()), Grid(hidden=hidden))


def _cells(book: "CalamineWorkbook", inside: Innards, name: str, *, hidden: int = 0) -> Grid:
    faults = inside.faults(name)  # before the sheet is loaded: it also measures it
    sheet = book.get_sheet_by_name(name)
    rows = enumerate(sheet.to_python(skip_empty_area=False), start=1)
    whole = ((number, _row(cells)) for number, cells in rows)
    return grid(whole, faults=(*_merged(sheet), *faults), epoch=inside.epoch, hidden=hidden)


def _row(cells: list[Any]) -> Cells:
    return tuple(map(_value, cells))


def _value(cell: Any) -> Value | None:
    """Make a cell plain: a number without a fraction is whole, midnight is a day, spaces around a text are nothing."""
    if isinstance(cell, str):
        return cell.replace("\xa0", " ").strip() or None
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    if isinstance(cell, datetime):
        return cell.date() if cell.time() == time() else cell
    if isinstance(cell, time | timedelta):
        return str(cell)
    found: bool | int | float | date = cell
    return found


def _merged(sheet: "CalamineSheet") -> Iterator[CellFault]:
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        span = f"{letters(left + 1)}{top + 1}:{letters(right + 1)}{bottom + 1}"
        expected = N_("a value in each cell: take the cells {span} apart")
        yield CellFault(top + 1, "", MERGED, expected, left + 1, {"span": span})
