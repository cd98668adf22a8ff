"""`report summary`: the summary sheet («сводная ведомость») of a class, complete or with what is missing. Pure."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from ejsync.domain.final_states import FinalState, Standing, Term
from ejsync.domain.period_sorts import PeriodSort, sort_of
from ejsync.domain.records import Kind
from ejsync.domain.results import is_exempt
from ejsync.domain.summary import Summary, summary
from ejsync.reports.class_records import ClassRecords
from ejsync.reports.phrases import clipped, legend, percent, state, state_sign
from ejsync.reports.reporting import Report, Screen, abbreviated, entitled, head, identity
from ejsync.sheets.written import Head, Leaf
from ejsync.wording import N_, say, say_count

_TITLES = {
    PeriodSort.PART: N_("Summary sheet of final marks"),
    PeriodSort.YEAR: N_("Summary sheet of the year's final marks"),
    PeriodSort.EXAMINATION: N_("Summary sheet of examination marks"),
}
_ACROSS = 11
"""So many subjects of three letters stand beside a name in 80 columns."""


def summary_report(records: ClassRecords) -> Report:
    """Make the sheet.

    Raises:
        NotFound: nothing is known of the period.
    """
    found, title = sheet_of(records), say(_TITLES[sort_of(records.period)])
    short = abbreviated(found.subjects)
    keys = (
        legend({cell.state for cell in found.cells.values()}),
        "; ".join(f"{word} = {name}" for name, word in short.items()),
        _total(found),
    )
    return Report(
        entitled(records, title),
        tuple(notes(found, records)),
        tuple(_screens(records, found, short)),
        tuple(filter(None, keys)),
        (_leaf(records, found),),
        {**head(records, title), **_page(records, found)},
        {**identity(records), **_data(records, found)},
        records.today,
    )


def sheet_of(records: ClassRecords) -> Summary:
    """Put the sheet together of final marks, of what is said where there is none, and of what each pupil studies.

    Once the period is over a mark that is not set is missing at once: who makes the sheet must see it, though families
    are told some days later only.

    Raises:
        NotFound: neither a result of the period nor what the pupils study is known.
    """
    if not records.studied:
        records.needs(Kind.FINAL_MARK, Kind.FINAL_STATE)
    ours = {person.pupil for person in records.people}
    waits = Term(records.of_class, records.period, records.today).waits()
    cells = {
        (pupil, subject): Standing(FinalState.NOT_DUE if waits else FinalState.MISSING)
        for pupil, subjects in records.studied.items()
        for subject in subjects
    }
    for row in records.of(Kind.FINAL_STATE):
        cells[row["pupil"], row["subject"]] = Standing(FinalState(row["state"]), until=row["until"])
    for row in records.of(Kind.FINAL_MARK):
        found = FinalState.EXEMPT if is_exempt(row) else FinalState.ASSIGNED
        cells[row["pupil"], row["subject"]] = Standing(found, row)
    return summary({place: cell for place, cell in cells.items() if place[0] in ours})


def notes(found: Summary, records: ClassRecords) -> Iterator[str]:
    """Say whether the sheet is complete, else how much is open and who is missing what."""
    if found.complete:
        yield say(N_("The sheet is complete."))
        return
    waiting = sum(cell.state in {FinalState.NOT_DUE, FinalState.DEFERRED} for cell in found.cells.values())
    lacking = sum(map(len, found.missing.values()))
    parts = [
        say_count("{count} final mark is missing", "{count} final marks are missing", lacking) if lacking else "",
        say_count("{count} is put off or not due yet", "{count} are put off or not due yet", waiting)
        if waiting
        else "",
    ]
    yield say(N_("The sheet is not complete: {what}."), what=", ".join(filter(None, parts)))
    for person in records.people:
        if person.pupil in found.missing:
            subjects = _named(found, person.pupil)
            yield say(N_("Missing of {name}: {subjects}."), name=person.short, subjects=subjects)


def _named(found: Summary, pupil: str) -> str:
    """Name the subjects of a pupil whose final marks are missing, all of them in a word."""
    lacking = found.missing[pupil]
    studied = sum(place[0] == pupil for place in found.cells)
    return say(N_("all subjects")) if 1 < len(lacking) == studied else ", ".join(lacking)


def _shown(cell: Standing | None) -> str:
    """Write one cell: the mark as it was set, the sign of a state, nothing where a subject is not studied."""
    if cell is None:
        return ""
    return cell.final["raw"] if cell.final else state_sign(cell.state)


def _screens(records: ClassRecords, found: Summary, short: dict[str, str]) -> Iterator[Screen]:
    for first in range(0, len(found.subjects), _ACROSS):
        some = found.subjects[first : first + _ACROSS]
        rows = [
            [clipped(person.short), *(_shown(found.cells.get((person.pupil, name))) for name in some)]
            for person in records.people
        ]
        yield Screen([say(N_("Pupil")), *(short[name] for name in some)], rows)


def _total(found: Summary) -> str:
    total = found.total
    words = N_("Pupils with all results: {finished} of {pupils}; quality {quality}, progress {progress}.")
    shares = {"quality": percent(total.quality), "progress": percent(total.progress)}
    return say(words, finished=total.finished, pupils=total.pupils, **shares)


def _leaf(records: ClassRecords, found: Summary) -> Leaf:
    heads = [
        Head(say(N_("No.")), 10, text=True),
        Head(say(N_("Pupil")), 32),
        *(Head(one, 12) for one in found.subjects),
    ]
    rows = [
        (person.pupil, person.full, *(_told(found.cells.get((person.pupil, name))) for name in found.subjects))
        for person in records.people
    ]
    shares = [
        (None, say(label), *(_percent(found, name, share) for name in found.subjects))
        for label, share in ((N_("Quality, %"), "quality"), (N_("Progress, %"), "progress"))
    ]
    return Leaf(say(N_("Summary sheet")), heads, [*rows, *shares])


def _told(cell: Standing | None) -> Any:
    """Return a grade as a number, everything else in words."""
    if cell is None:
        return None
    if cell.final is None:
        return state(cell.state, cell.until)
    raw = cell.final["raw"]
    return int(raw) if raw.isdecimal() else raw


def _percent(found: Summary, subject: str, share: str) -> float | None:
    told: str | None = found.by_subject[subject][share]  # type: ignore[literal-required]
    return None if told is None else round(float(told) * 100, 2)


def _page(records: ClassRecords, found: Summary) -> dict[str, Any]:
    return {
        "notes": list(notes(found, records)),
        "subjects": list(found.subjects),
        "rows": [
            {"name": person.short, "cells": [_set(found.cells.get((person.pupil, name))) for name in found.subjects]}
            for person in records.people
        ],
        "shares": [
            {"name": say(label), "cells": [percent(found.by_subject[name][share]) for name in found.subjects]}  # type: ignore[literal-required]
            for label, share in ((N_("Quality"), "quality"), (N_("Progress"), "progress"))
        ],
        "legend": legend({cell.state for cell in found.cells.values()}),
        "total": _total(found),
        "labels": {
            "pupil": say(N_("Pupil")), "class_teacher": say(N_("Class teacher")), "head": say(N_("Deputy head")),
            "signature": say(N_("signature")), "name": say(N_("name in full")), "date": say(N_("date")),
        },
    }  # fmt: skip


def _set(cell: Standing | None) -> dict[str, Any]:
    return {"text": _shown(cell), "state": "" if cell is None else cell.state.value}


def _data(records: ClassRecords, found: Summary) -> dict[str, Any]:
    def cells(pupil: str) -> list[dict[str, Any]]:
        mine = [(name, found.cells.get((pupil, name))) for name in found.subjects]
        return [
            {"subject": name, "state": one.state.value, "mark": one.final and one.final["raw"], "until": one.until}
            for name, one in mine
            if one
        ]

    return {
        "complete": found.complete,
        "missing": {pupil: list(subjects) for pupil, subjects in found.missing.items()},
        "total": asdict(found.total),
        "subjects": {name: dict(spread) for name, spread in found.by_subject.items()},
        "pupils": [{"pupil": one.pupil, "name": one.full, "finals": cells(one.pupil)} for one in records.people],
    }
