"""`report forecast`: what each pupil of a class may expect in each subject. Pure."""

from collections.abc import Iterator
from typing import Any

from ejsync.domain.records import Kind
from ejsync.reports.class_records import ClassRecords, Person
from ejsync.reports.phrases import DASH, clipped, number, reach
from ejsync.reports.reporting import Report, Screen, entitled, head, identity
from ejsync.sheets.written import Head, Leaf
from ejsync.wording import N_, say, translated

_STATES = {
    "expected": N_("expected"),
    "assigned": N_("final mark set"),
    "unmarked": N_("no marks that count"),
    "not_scaled": N_("credits or points"),
}


def forecast_report(records: ClassRecords) -> Report:
    """Make the report.

    Raises:
        NotFound: no forecasts of this period were worked out.
    """
    records.needs(Kind.FORECAST)
    title = say(N_("Forecast of results"))
    return Report(
        entitled(records, title),
        (),
        (Screen([say(one) for one in _HEADS], list(_rows(records)), folding=1),),
        (say(_KEY),),
        (_leaf(records),),
        {**head(records, title), **_page(records)},
        {
            **identity(records),
            "pupils": [{"pupil": one.pupil, "name": one.full, "subjects": _of(records, one)} for one in records.people],
        },
        records.today,
    )


_HEADS = (N_("Pupil"), N_("Subject"), N_("Mean"), N_("Exp."), N_("Range"), N_("Sure"), N_("Fives to"))
_KEY = N_("Fives to: so many more fives of weight 1 reach the result, where the rest of the period is long enough.")


def _of(records: ClassRecords, person: Person) -> list[Any]:
    return sorted(records.of(Kind.FORECAST, person.pupil), key=lambda row: str(row["subject"]))


def _rows(records: ClassRecords) -> Iterator[list[object]]:
    """Yield a line for each subject of each pupil; the name stands in the first one only."""
    for person in records.people:
        for place, row in enumerate(_of(records, person)):
            sure = say(N_("yes")) if row["settled"] else ""
            yield [
                "" if place else clipped(person.short), row["subject"], number(row["mean"]), _expected(row), reach(row),
                sure, _needed(row),
            ]  # fmt: skip


def _expected(row: Any) -> str:
    return DASH if row["expected"] is None else str(row["expected"])


def _needed(row: Any) -> str:
    """Write what reaches the higher results that can be reached: 4: 2, 5: 7."""
    return ", ".join(f"{one['result']}: {one['fives']}" for one in row["needed"] if one["fives"])


def _leaf(records: ClassRecords) -> Leaf:
    heads = [
        Head(say(N_("No.")), 10, text=True), Head(say(N_("Pupil")), 32), Head(say(N_("Subject")), 26),
        Head(say(N_("State")), 20), Head(say(N_("Mean")), 9), Head(say(N_("Expected")), 10), Head(say(N_("Lowest")), 9),
        Head(say(N_("Highest")), 9), Head(say(N_("Settled")), 10), Head(say(N_("Fives to a 3")), 10),
        Head(say(N_("Fives to a 4")), 10), Head(say(N_("Fives to a 5")), 10), Head(say(N_("Twos that lower it")), 10),
        Head(say(N_("Marks counted")), 10), Head(say(N_("Missed lessons")), 10),
    ]  # fmt: skip
    rows = [_cells(person, row) for person in records.people for row in _of(records, person)]
    return Leaf(say(N_("Forecast")), heads, rows)


def _cells(person: Person, row: Any) -> tuple[Any, ...]:
    fives = {one["result"]: one["fives"] for one in row["needed"]}
    return (
        person.pupil,
        person.full,
        row["subject"],
        translated(_STATES[row["state"]]),
        row["mean"] and float(row["mean"]),
        row["expected"],
        row["lowest"],
        row["highest"],
        say(N_("yes")) if row["settled"] else say(N_("no")),
        *(fives.get(result) for result in (3, 4, 5)),
        row["lowering_twos"],
        row["counted"],
        row["absences"],
    )


def _page(records: ClassRecords) -> dict[str, Any]:
    subjects = sorted({row["subject"] for row in records.of(Kind.FORECAST)})
    return {
        "subjects": subjects,
        "rows": [
            {"name": person.short, "cells": _in_columns(_of(records, person), subjects)} for person in records.people
        ],
        "labels": {
            "pupil": say(N_("Pupil")),
            "key": say(
                N_(
                    "In each cell: the result that is expected (framed: settled), below it the mean and the range;"
                    " +2×5: two more fives of weight 1 reach the next result."
                )
            ),
        },
    }


def _in_columns(rows: list[Any], subjects: list[str]) -> list[Any]:
    found = {row["subject"]: row for row in rows}
    return [_cell(found[name]) if name in found else None for name in subjects]


def _cell(row: Any) -> dict[str, Any]:
    next_one = next(iter(row["needed"]), None)
    return {
        "expected": _expected(row),
        "mean": number(row["mean"]) if row["mean"] else "",
        "reach": reach(row) if row["lowest"] != row["highest"] else "",
        "settled": row["settled"] and row["expected"] is not None,
        "next": f"+{next_one['fives']}×5" if next_one and next_one["fives"] else "",
    }
