"""Spreadsheets: the cells of XLSX, XLS, ODS and CSV files are read and written here and nowhere else."""

from ejsync.domain.grid import Grid
from ejsync.sheets.apart import read_apart
from ejsync.sheets.delimited import read_text
from ejsync.sheets.refusals import NOT_WHOLE, TOO_LARGE, hopeless
from ejsync.wording import N_

LARGEST_BYTES = 20_000_000
_PACKED, _OLD, _MARKUP = b"PK", b"\xd0\xcf\x11\xe0", b"<"


def read(content: bytes, sheet: str | None = None, *, preferred: str = "") -> Grid:
    """Read the cells of a file; whatever is wrong with it stands in `faults`, and nothing is raised.

    Args:
        content: the whole file; of one that is too large the first `LARGEST_BYTES + 1` bytes will do.
        sheet: the name of the sheet that is wanted; without it the only visible one that holds anything.
        preferred: the name of the sheet that is taken if several hold something.
    """
    if len(content) > LARGEST_BYTES:
        return hopeless(TOO_LARGE, N_("at most {megabytes} MB"), megabytes=LARGEST_BYTES // 1_000_000)
    if content.startswith((_PACKED, _OLD)):
        return read_apart(content, sheet, preferred)
    if content.lstrip().startswith(_MARKUP):
        return hopeless(NOT_WHOLE, N_("a file that was saved as XLSX or CSV; this one is a web page"))
    return read_text(content)
