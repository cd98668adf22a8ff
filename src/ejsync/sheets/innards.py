"""What stands in an XLSX file and its reader does not tell: formulas without a value, errors, the day counted from."""

import io
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import IO, Any
from xml.etree import ElementTree as ET
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile

from ejsync.domain.grid import EPOCH, EPOCH_1904, CellFault
from ejsync.wording import N_

VALUELESS = N_("a formula whose value was not saved")
BROKEN = N_("a formula that ends in an error")
UPSET = (
    BadZipFile,
    ET.ParseError,
    expat.ExpatError,
    zlib.error,
    LookupError,
    ValueError,
    OSError,
    EOFError,
    RuntimeError,
)
"""What a damaged file raises."""
_LARGEST_PARTS_BYTES = 200_000_000
_LAST_ROW, _LAST_COLUMN = 200_000, 1_000
_CELL = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_YES = {"1", "true"}


class TooFar(Exception):
    """A file that would need more memory than any school's sheet."""


@dataclass(frozen=True, slots=True)
class Innards:
    """An opened file.

    Attributes:
        epoch: the day its day numbers count from.
        parts: the part of each sheet by the sheet's name; empty where it is no XLSX.
    """

    file: ZipFile | None = None
    epoch: date = EPOCH
    parts: Mapping[str, str] = field(default_factory=dict)

    def faults(self, sheet: str) -> tuple[CellFault, ...]:
        """Return the cells of a sheet of which no value can be had.

        Raises:
            TooFar: a cell stands so far out that reading the sheet would fill the memory.
        """
        if self.file is None or sheet not in self.parts:
            return ()
        with self.file.open(self.parts[sheet]) as part:
            return tuple(_faults(part))


def innards(content: bytes) -> Innards:
    """Look into a file; one that is no package of parts (an XLS) has no innards.

    Raises:
        TooFar: unpacked it would be too large.
    """
    if not content.startswith(b"PK"):
        return Innards()
    file = ZipFile(io.BytesIO(content))
    if sum(part.file_size for part in file.infolist()) > _LARGEST_PARTS_BYTES:
        raise TooFar
    if "content.xml" in file.namelist():
        _require_whole(file, "content.xml")
    if "xl/workbook.xml" not in file.namelist():
        return Innards(file)
    book = _elements(file, "xl/workbook.xml")
    links = {link.get("Id"): link.get("Target", "") for link in _elements(file, "xl/_rels/workbook.xml.rels")}
    old_mac = any(_tag(found) == "workbookPr" and found.get("date1904") in _YES for found in book)
    parts = {found.get("name", ""): _path(links.get(_link(found), "")) for found in book if _tag(found) == "sheet"}
    return Innards(file, EPOCH_1904 if old_mac else EPOCH, parts)


def _elements(file: ZipFile, part: str) -> list[Any]:
    return list(ET.fromstring(file.read(part)).iter())  # noqa: S314 - parts are bounded, and expat bounds what entities grow to


def _require_whole(file: ZipFile, part: str) -> None:
    """Raise what a damaged part raises: the reader of ODS looks for ever for the end of a table that has none."""
    with file.open(part) as content:
        expat.ParserCreate().ParseFile(content)


def _tag(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _link(sheet: Any) -> str | None:
    return next((value for name, value in sheet.items() if name.endswith("}id")), None)


def _path(target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _faults(part: IO[bytes]) -> Iterator[CellFault]:
    for _, element in ET.iterparse(part):  # noqa: S314 - parts are bounded, and expat bounds what entities grow to
        tag = _tag(element)
        if tag == "c" and len(element):
            yield from _of_cell(element)
        elif tag == "row":
            element.clear()


def _of_cell(cell: Any) -> Iterator[CellFault]:
    match = _CELL.fullmatch(cell.get("r", ""))
    if match is None:
        return
    row, place = int(match[2]), _number(match[1])
    if row > _LAST_ROW or place > _LAST_COLUMN:
        raise TooFar
    inside = {_tag(child): child.text for child in cell}
    if cell.get("t") == "e":
        yield CellFault(row, "", BROKEN, N_("a value, or a formula that has one"), place)
    elif "f" in inside and not inside.get("v") and cell.get("t") != "str":
        yield CellFault(row, "", VALUELESS, N_("a value; or open the file in Excel and save it once more"), place)


def _number(name: str) -> int:
    """Return a column's number: A is 1."""
    number = 0
    for letter in name:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
