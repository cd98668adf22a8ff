"""Final marks that are there or not, and the summary sheet of a class, for the second opinion.

A cell is the final mark; else exempt or deferred if the office says so (a deferral until its last day); else missing
once the period is over, save in the first year, which is taught without marks; else not due. The class's shares count
pupils: quality those with nothing below four, progress those with nothing below three, of all whose row is finished.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from ejsync.sandbox.reckoning_marks import UNMARKED_YEAR, result_of, share, spread_of_results
from ejsync.sandbox.reckoning_terms import WHOLE_YEAR, is_meant, is_over

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Json: TypeAlias = "dict[str, Any]"
Cell: TypeAlias = tuple[str, str]
"""Pupil and subject."""

_OPEN = {"missing", "deferred", "not_due"}
_EXEMPT = {"осв", "освобожден", "освобождена"}
_GOOD, _PASSED = 4, 3


def cells(
    form: Json, term: Json, day: str, studied: Mapping[str, set[str]], told: Mapping[str, Iterable[Json]]
) -> dict[Cell, Json]:
    """Return the state, the day until which it lasts, and the final mark of each pupil and subject of a class.

    Args:
        told: the `finals` of the class, and the `deferrals` of its office.
    """
    finals = {
        (row["pupil"], row["subject"]): row
        for row in told["finals"]
        if (row["period"], row["school_year"]) == (term["period"], term["school_year"]) and row["pupil"] in studied
    }
    rows = [row for row in told["deferrals"] if row["school_year"] == term["school_year"] and _holds(row, term)]
    wanted = {(pupil, subject) for pupil, subjects in studied.items() for subject in subjects} | finals.keys()
    due = form["parallel"] != UNMARKED_YEAR and is_over(term, day)
    return {cell: _cell(finals.get(cell), _about(cell, rows), day, due=due) for cell in wanted}


def _holds(row: Json, term: Json) -> bool:
    return is_meant(term, row["period"]) or (row["state"] == "exempt" and row["period"] == WHOLE_YEAR)


def _about(cell: Cell, rows: Iterable[Json]) -> list[Json]:
    pupil, subject = cell
    return [row for row in rows if row["pupil"] == pupil and row["subject"] in {None, subject}]


def _cell(final: Json | None, rows: list[Json], day: str, *, due: bool) -> Json:
    if final:
        said = final["raw"].lower().replace("ё", "е").strip(" .")
        return {"state": "exempt" if said in _EXEMPT else "assigned", "until": None, "final": final}
    if any(row["state"] == "exempt" for row in rows):
        return {"state": "exempt", "until": None, "final": None}
    lasting = [row["until"] for row in rows if row["until"] is None or row["until"] >= day]
    if lasting:
        until = None if None in lasting else max(lasting)
        return {"state": "deferred", "until": until, "final": None}
    return {"state": "missing" if due else "not_due", "until": None, "final": None}


def summary(sheet: Mapping[Cell, Json]) -> Json:
    """Return the figures of a summary sheet: by subject, for the class, and what is missing of whom."""
    pupils = sorted({pupil for pupil, _ in sheet})
    rows = {pupil: {cell[1]: found for cell, found in sheet.items() if cell[0] == pupil} for pupil in pupils}
    missing = {
        pupil: sorted(subject for subject, found in row.items() if found["state"] == "missing")
        for pupil, row in rows.items()
    }
    worst = [min(results) for results in map(_finished, rows.values()) if results]
    return {
        "pupils": len(pupils),
        "finished": len(worst),
        "quality": share(worst, _GOOD),
        "progress": share(worst, _PASSED),
        "missing": {pupil: subjects for pupil, subjects in missing.items() if subjects},
        "complete": not any(found["state"] in _OPEN for found in sheet.values()),
        "by_subject": {subject: _of_subject(sheet, subject) for subject in sorted({cell[1] for cell in sheet})},
    }


def _finished(row: Mapping[str, Json]) -> list[int]:
    if any(found["state"] in _OPEN for found in row.values()):
        return []
    results = (result_of(found["final"]) for found in row.values() if found["final"])
    return [result for result in results if result is not None]


def _of_subject(sheet: Mapping[Cell, Json], subject: str) -> Json:
    finals = {cell[0]: found["final"] for cell, found in sheet.items() if cell[1] == subject and found["final"]}
    return spread_of_results(finals, {})
