"""What verbs print: one JSON document, aligned tables, plain lines; escape codes on terminals only."""

import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO
from zoneinfo import ZoneInfo

import click

from ejsync.cli.legible import carries, fitting, visible, visible_json
from ejsync.wording import N_, say

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

PIPE_WIDTH = 200
_PLAIN_LINES = "    \n    \n -- \n" + "    \n" * 5  # rich's SIMPLE_HEAD with ASCII below the heads
GOOD, BAD, WARNING, QUIET, LOUD = "green", "red", "yellow", "dim", "bold"
_MINUTE_S, _HOUR_S, _DAY_S = 60, 3600, 86_400

Cell = object
"""A table's cell: anything with a text, or a pair of a text and its style."""


def styled(stream: TextIO) -> bool:
    """Tell whether escape codes may go to a stream."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def console(stream: TextIO | None = None) -> "Console":
    """Return a rich console over a stream (standard output by default); a pipe gets no codes and is never cut."""
    from rich.console import Console

    to = stream or sys.stdout
    terminal = to.isatty()
    return Console(
        file=to,
        force_terminal=terminal,
        color_system="auto" if styled(to) else None,
        width=None if terminal else PIPE_WIDTH,
        markup=False,
        highlight=False,
        emoji=False,
    )


def document(content: Any) -> None:
    """Print one JSON document; escaped where the encoding cannot carry every letter, so that it is always true."""
    plain = not (sys.stdout.encoding or "").lower().startswith("utf")
    click.echo(visible_json(json.dumps(content, ensure_ascii=plain, default=jsonable, indent=2)))


def jsonable(value: object) -> object:
    """Turn what JSON does not know into what it does.

    Raises:
        TypeError: nothing is known about such a value.
    """
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, set | frozenset | tuple):
        return sorted(value)
    raise TypeError(type(value).__name__)


def line(text: str = "", style: str = "") -> None:
    """Print one line to stdout."""
    text = visible(text)
    if style and styled(sys.stdout):
        from rich.text import Text

        console().print(Text(text, style=style), soft_wrap=True)
    else:
        click.echo(text)


def marked(sign: str, text: str, style: str) -> None:
    """Print a line behind a coloured sign; what does not fit goes on below, under the text."""
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 1))
    grid.add_column(no_wrap=True)
    grid.add_column()
    grid.add_row(Text(sign, style=style), Text(visible(text)))
    _print(grid)


def note(text: str) -> None:
    """Print one line to stderr."""
    click.echo(visible(text), err=True)


def table(heads: Sequence[str], rows: Iterable[Sequence[Cell]], *, folding: int | None = None) -> None:
    """Print an aligned table; columns of numbers stand to the right.

    Args:
        heads: already translated.
        rows: a cell may be a pair of text and style; None is empty.
        folding: the column that gives way on a narrow terminal (the last by default).
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    body = [[_cell(cell) for cell in row] for row in rows]
    lines = box.SIMPLE_HEAD if carries(sys.stdout, "─") else box.Box(_PLAIN_LINES, ascii=True)
    shown = Table(box=lines, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), header_style=LOUD)
    gives_way = len(heads) - 1 if folding is None else folding
    for number, head in enumerate(heads):
        numeric = _are_numbers([row[number][0] for row in body])
        shown.add_column(
            fitting(sys.stdout, head),
            justify="right" if numeric else "left",
            no_wrap=number != gives_way,
            overflow="fold",
        )
    for row in body:
        shown.add_row(*(Text(text, style=style) for text, style in row))
    _print(shown)


def _print(shown: "RenderableType") -> None:
    """Print something rich; a pipe gets no trailing spaces."""
    screen = console()
    if sys.stdout.isatty():
        screen.print(shown)
        return
    with screen.capture() as text:
        screen.print(shown)
    click.echo("\n".join(row.rstrip() for row in text.get().rstrip("\n").split("\n")))


def _cell(cell: Cell) -> tuple[str, str]:
    text, style = cell if isinstance(cell, tuple) else (cell, "")
    return fitting(sys.stdout, "" if text is None else visible(str(text))), str(style)


def _are_numbers(texts: list[str]) -> bool:
    return any(text.isdigit() for text in texts) and all(text.isdigit() or text in {"", "-"} for text in texts)


def facts(values: Mapping[str, object]) -> None:
    """Print names, translated, with their values beside them."""
    told = {fitting(sys.stdout, say(name)): value for name, value in values.items()}
    width = max(len(name) for name in told)
    for name, value in told.items():
        line(f"{name:{width}}  {value}")


def heading(text: str) -> None:
    """Print a heading with an empty line above."""
    line()
    line(text, LOUD)


def local(moment: datetime | None, zone: ZoneInfo) -> str:
    """Write an instant as the school's clock shows it; a dash for none."""
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M") if moment else "-"


def age(seconds: float | None) -> str:
    """Write how long ago something was, in its largest unit; a dash for never."""
    if seconds is None:
        return "-"
    if seconds < _MINUTE_S:
        return say(N_("{count} s"), count=int(seconds))
    if seconds < _HOUR_S:
        return say(N_("{count} min"), count=int(seconds // _MINUTE_S))
    if seconds < _DAY_S:
        return say(N_("{count} h"), count=int(seconds // _HOUR_S))
    return say(N_("{count} d"), count=int(seconds // _DAY_S))


def pairs(counts: Mapping[str, object]) -> str:
    """Write counts in one line: `getmarks 12, getdiary 3`."""
    return ", ".join(f"{name} {count}" for name, count in counts.items())
