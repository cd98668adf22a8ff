"""Reading a workbook in a process of its own: what a hostile file fills or stops is that process.

A few hundred bytes may claim a sheet of any size, in five formats, and a library that finds no memory ends its process.
"""

import os
import pickle
import resource
import subprocess
import sys
from typing import Any

from ejsync.domain.grid import Grid
from ejsync.sheets.refusals import TOO_LARGE, hopeless
from ejsync.wording import N_

MOST_BYTES = 1_000_000_000
"""Address space of that process: several times what a school's largest sheet takes."""
_MOST_CPU_S = 60
_PROGRAM = "from ejsync.sheets.apart import answer; answer()"


def read_apart(content: bytes, sheet: str | None = None, preferred: str = "") -> Grid:
    """Read one sheet as `workbooks.read_workbook` does; a file that takes too much is one fault."""
    asked = pickle.dumps((content, sheet, preferred))
    command = [sys.executable, "-I", "-c", _PROGRAM]
    done = subprocess.run(command, input=asked, capture_output=True, check=False)  # noqa: S603 - our own program
    if done.returncode < 0:
        return hopeless(TOO_LARGE, N_("a sheet of a school's size"))
    done.check_returncode()
    found: Grid = pickle.loads(done.stdout)  # noqa: S301 - written by our own program
    return found


def answer() -> None:
    """Read the file that stands on stdin, within bounds, and write its grid to stdout."""
    from ejsync.sheets.workbooks import read_workbook  # noqa: PLC0415 - only that process needs it

    bound()
    try:
        asked: tuple[Any, ...] = pickle.load(sys.stdin.buffer)  # noqa: S301 - written by `read_apart`
        sys.stdout.buffer.write(pickle.dumps(read_workbook(*asked)))
    except MemoryError:
        os.abort()


def bound() -> None:
    """Give this process a bounded memory and time, and let it leave no picture of its memory when it ends."""
    for kind, most in (
        (resource.RLIMIT_AS, MOST_BYTES),
        (resource.RLIMIT_CPU, _MOST_CPU_S),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))
