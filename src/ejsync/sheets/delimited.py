"""CSV, as Excel and people write it, and as we do.

A text that begins with = + - @ (also in full width, or behind white space) would be taken for a formula: ours stands
behind an apostrophe, which reading takes off.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator

from ejsync.domain.grid import Grid, Value
from ejsync.sheets.refusals import NOT_TABLE, NOT_TEXT, grid, hopeless
from ejsync.wording import N_

_ENCODINGS = ("utf-8-sig", "cp1251")
_WIDE = (b"\xff\xfe", b"\xfe\xff")
_END = "\r\n"
"""Only what stands in this is quoted: without it a text of two lines would become two rows, the second unguarded."""
_FORMULA = re.compile(r"'*(?:\s*[=+\-@＝＋－＠]|[\t\r\n])")


def read_text(content: bytes) -> Grid:
    """Read a CSV file in UTF-8, UTF-16 with its mark, or Windows-1251, separated by what its heads use most."""
    text = _decoded(content)
    if text is None:
        return hopeless(NOT_TEXT, N_("a CSV file saved as UTF-8"))
    delimiter = max(";,\t", key=text.partition("\n")[0].count)
    rows = enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), start=1)
    try:
        return grid((number, tuple(map(_bare, cells))) for number, cells in rows)
    except csv.Error:  # one cell without end
        return hopeless(NOT_TABLE, N_("a CSV file in which every opened quote is closed"))


def _decoded(content: bytes) -> str | None:
    for encoding in ("utf-16",) if content.startswith(_WIDE) else _ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if "\0" in text else text
    return None


def _bare(cell: str) -> str | None:
    text = cell.replace("\xa0", " ").strip()
    return (text[1:].strip() if text.startswith("'") and _FORMULA.match(text) else text) or None


def text_lines(rows: Iterable[Iterable[Value | None]]) -> Iterator[str]:
    """Write rows as the lines of a CSV file with semicolons, without the ends of lines; days as Russian schools do."""
    for row in rows:
        line = io.StringIO()
        csv.writer(line, delimiter=";", lineterminator=_END).writerow([_safe(value) for value in row])
        yield line.getvalue().removesuffix(_END)


def _safe(value: Value | None) -> str:
    if isinstance(value, str):
        return f"'{value}" if _FORMULA.match(value) else value
    return "" if value is None else shown(value)


def shown(value: Value) -> str:
    """Write a value that is no text: a day as 01.09.2026, a fraction with a comma."""
    if hasattr(value, "strftime"):
        return value.strftime("%d.%m.%Y")
    return str(value).replace(".", ",")
