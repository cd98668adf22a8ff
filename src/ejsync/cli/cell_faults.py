"""The sentence that names a bad cell of a sheet: where it is, what is wrong, what would be right."""

from typing import TYPE_CHECKING

from ejsync.wording import N_, say, say_count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ejsync.domain.grid import CellFault

MOST_TOLD = 200
_SENTENCES = {
    (True, True): N_("{address}, row {row}, column “{column}”: {problem}; expected: {expected}"),
    (True, False): N_("row {row}, column “{column}”: {problem}; expected: {expected}"),
    (False, True): N_("{address}: {problem}; expected: {expected}"),
    (False, False): N_("row {row}: {problem}; expected: {expected}"),
}
"""By whether the head of the column is known, and whether it is a single cell."""


def told_faults(faults: "Sequence[CellFault]") -> tuple[str, ...]:
    """Name bad cells, two hundred at most: a sheet of another kind has thousands."""
    told = [told_fault(fault) for fault in faults[:MOST_TOLD]]
    more = len(faults) - MOST_TOLD
    return (*told, say_count("and {count} more", "and {count} more", more)) if more > 0 else tuple(told)


def told_fault(fault: "CellFault") -> str:
    """Name one bad cell; what stands in it is not repeated."""
    values = {"problem": say(fault.problem, **fault.values), "expected": say(fault.expected, **fault.values)}
    if not fault.row:
        return say(N_("{problem}; expected: {expected}"), **values)
    places = {"row": fault.row, "column": fault.column, "address": fault.address()}
    return say(_SENTENCES[bool(fault.column), bool(fault.place)], **places, **values)
