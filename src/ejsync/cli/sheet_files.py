"""Sheets that operators hand in and get: read in bounds, written as XLSX or CSV by the name of the file."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ejsync.cli.files import content, put, put_parts
from ejsync.cli.legible import visible

if TYPE_CHECKING:
    from ejsync.domain.grid import Grid
    from ejsync.sheets.written import Leaf

STDOUT = "-"


def take_in(file: Path, sheet: str | None, preferred: str) -> "tuple[bytes, Grid]":
    """Read a file that may be a sheet, and its cells; what is wrong with them stands among the faults of the grid.

    Raises:
        BadInput: the file cannot be read.
    """
    from ejsync import sheets

    found = content(file, most=sheets.LARGEST_BYTES + 1)
    return found, sheets.read(found, sheet, preferred=preferred)


def hand_out(path: Path, leaf: "Leaf", *further: "Leaf", force: bool) -> None:
    """Write a sheet, an XLSX with its further sheets too; `-` writes CSV to stdout.

    Raises:
        BadInput: the file is there already, or cannot be written.
    """
    if path.suffix.casefold() == ".xlsx":
        from ejsync.sheets.written import workbook

        put_parts(path, [workbook([leaf, *further])], force=force)
        return
    from ejsync.sheets.delimited import text_lines

    lines = text_lines([[head.title for head in leaf.heads], *leaf.rows])
    if str(path) != STDOUT:
        put(path, lines, force=force, encoding="utf-8-sig")
        return
    shown = visible if sys.stdout.isatty() else str
    for text in lines:
        click.echo(shown(text))
