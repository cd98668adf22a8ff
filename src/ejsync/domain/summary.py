"""The summary sheet of a class («сводная ведомость»): pupils by subjects for a period, complete or who is missing what.

Per subject the shares are those of `domain/results.py` over the final marks that are set. For the class, as usual in
Russian schools, pupils are counted: quality is the share of those with nothing below a four, progress of those with
nothing below a three and no н/а, both over the pupils whose row is finished (nothing missing, deferred or not due) and
has a result.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ejsync.domain.derived_payloads import ResultSpread
from ejsync.domain.final_states import FinalState, Standing
from ejsync.domain.results import result_of
from ejsync.domain.rounding import share
from ejsync.domain.statistics import result_spread

_OPEN = frozenset({FinalState.MISSING, FinalState.DEFERRED, FinalState.NOT_DUE})
_GOOD, _PASSED = 4, 3


@dataclass(frozen=True, slots=True)
class Total:
    """The class as a whole.

    Attributes:
        pupils: all rows; `finished`: those with a result and nothing open.
        quality, progress: shares of the finished rows; None where there are none.
    """

    pupils: int
    finished: int
    quality: str | None
    progress: str | None


@dataclass(frozen=True, slots=True)
class Summary:
    """The sheet.

    Attributes:
        pupils, subjects: ids and names, sorted: the rows and columns.
        cells: by pupil and subject; a pupil who does not study a subject has no cell.
        by_subject: the results of each subject.
        missing: the subjects whose final mark is missing, by pupil; empty when the sheet is complete.
    """

    pupils: tuple[str, ...]
    subjects: tuple[str, ...]
    cells: Mapping[tuple[str, str], Standing]
    by_subject: Mapping[str, ResultSpread]
    missing: Mapping[str, tuple[str, ...]]
    total: Total

    @property
    def complete(self) -> bool:
        """Tell whether no cell waits for a final mark, whatever the reason."""
        return not any(cell.state in _OPEN for cell in self.cells.values())


def summary(cells: Mapping[tuple[str, str], Standing]) -> Summary:
    """Make the sheet of what `final_states` says about a class and period."""
    pupils, subjects = (tuple(sorted({key[part] for key in cells})) for part in (0, 1))
    rows = {pupil: {key[1]: cell for key, cell in cells.items() if key[0] == pupil} for pupil in pupils}
    missing = {
        pupil: tuple(sorted(name for name, cell in row.items() if cell.state is FinalState.MISSING))
        for pupil, row in rows.items()
    }
    finals = {
        subject: [cell.final for key, cell in cells.items() if key[1] == subject and cell.final] for subject in subjects
    }
    return Summary(
        pupils,
        subjects,
        cells,
        {subject: result_spread(found, ()) for subject, found in finals.items()},
        {pupil: names for pupil, names in missing.items() if names},
        _total([list(row.values()) for row in rows.values()]),
    )


def _total(rows: list[list[Standing]]) -> Total:
    worst = [min(results) for row in rows if (results := _results(row))]
    finished = len(worst)
    shares = (share(sum(result >= least for result in worst), finished) for least in (_GOOD, _PASSED))
    return Total(len(rows), finished, *shares)


def _results(row: Iterable[Standing]) -> list[int]:
    """Return the results of a finished row; nothing while anything in it is open."""
    cells = list(row)
    if any(cell.state in _OPEN for cell in cells):
        return []
    return [result for cell in cells if cell.final and (result := result_of(cell.final)) is not None]
