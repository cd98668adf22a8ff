"""Writing XLSX: heads, columns with lists to choose from, and texts that stay texts."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from ejsync.domain.grid import Cells, Value

_PLAIN = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
_LAST_CHOICE_ROW = 5_000
_CREATED = datetime(2026, 1, 1)  # noqa: DTZ001 - the format knows no zones; the same sheet gives the same bytes


@dataclass(frozen=True, slots=True)
class Head:
    """A column of a sheet that is written.

    Attributes:
        width: in letters.
        choices: the words among which Excel lets people choose; none where any text may stand.
        days: whether the column holds days.
        text: whether numbers typed into it are kept as typed, with their + and leading zeros.
    """

    title: str
    width: int = 16
    choices: tuple[str, ...] = ()
    days: bool = False
    text: bool = False


@dataclass(frozen=True, slots=True)
class Leaf:
    """One sheet of a workbook: its name, its heads, its rows."""

    title: str
    heads: Sequence[Head]
    rows: Iterable[Cells]


def workbook(leaves: Sequence[Leaf]) -> bytes:
    """Return an XLSX file; a text is written as a text whatever it begins with."""
    import xlsxwriter  # type: ignore[import-untyped]  # noqa: PLC0415 - only what writes sheets needs it

    file = io.BytesIO()
    with xlsxwriter.Workbook(file, _PLAIN) as book:
        book.set_properties({"created": _CREATED})
        bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        day = book.add_format({"num_format": "dd.mm.yyyy"})
        text = book.add_format({"num_format": "@"})
        for leaf in leaves:
            sheet = book.add_worksheet(leaf.title)
            sheet.freeze_panes(1, 0)
            for place, head in enumerate(leaf.heads):
                _column(sheet, place, head, bold, day if head.days else text if head.text else None)
            for number, row in enumerate(leaf.rows, start=1):
                for place, value in enumerate(row):
                    _write(sheet, (number, place), value, day)
    return file.getvalue()


def _column(sheet: Any, place: int, head: Head, bold: Any, form: Any) -> None:
    sheet.set_column(place, place, head.width, form)
    sheet.write_string(0, place, head.title, bold)
    if head.choices:
        sheet.data_validation(1, place, _LAST_CHOICE_ROW, place, {"validate": "list", "source": list(head.choices)})


def _write(sheet: Any, at: tuple[int, int], value: Value | None, day: Any) -> None:
    """Write one cell by its type: nothing that is a text is ever looked at for what it might mean."""
    if isinstance(value, str):
        sheet.write_string(*at, value)
    elif isinstance(value, bool):
        sheet.write_boolean(*at, value)
    elif isinstance(value, date):
        sheet.write_datetime(*at, _moment(value), day)
    elif value is not None:
        sheet.write_number(*at, value)


def _moment(value: date) -> Any:
    return datetime.combine(value, datetime.min.time()) if not isinstance(value, datetime) else value
