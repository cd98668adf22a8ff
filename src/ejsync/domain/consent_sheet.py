"""Reading a school's sheet of consents, in Russian or English; every bad cell is named."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from ejsync.domain.cell_values import day, line, text
from ejsync.domain.columns import Column, Row, all_faults, readable, worded
from ejsync.domain.consent import Consent, Decision, Scope
from ejsync.domain.grid import CellFault, Grid, Value
from ejsync.wording import N_

COLUMNS = (
    Column("pupil", ("ученик", "pupil", "номер ученика", "№ ученика", "ID ученика")),
    Column("scope", ("область", "scope", "область согласия")),
    Column("decision", ("решение", "decision")),
    Column("given_by", ("кем дано", "given_by", "кто дал")),
    Column("document", ("документ", "document", "номер документа")),
    Column("valid_from", ("действует с", "valid_from")),
    Column("valid_until", ("действует до", "valid_until"), optional=True),
)
SHEET = "Согласия"
SCOPES = {"результаты": Scope.RESULTS, "контакты": Scope.CONTACTS}
DECISIONS = {"согласие": Decision.GRANTED, "отказ": Decision.REFUSED}
GIVERS = {"родитель": "parent", "ученик": "pupil", "опекун": "guardian"}
"""The Russian words of each column; the English ones are read too."""
_SCOPE = worded({**SCOPES, **{scope.value: scope for scope in Scope}})
_DECISION = worded({**DECISIONS, **{decision.value: decision for decision in Decision}})
_GIVER = worded({**GIVERS, **{word: word for word in GIVERS.values()}})
_PUPIL = re.compile(r"[0-9]{1,64}")
_LONGEST_DOCUMENT = 200

REPEATED = N_("this pupil and scope stand in a row above already")
BACKWARDS = N_("it ends before it begins")


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a file says: decisions in their order, and every fault; with a fault nothing of it may be used."""

    consents: tuple[Consent, ...] = ()
    faults: tuple[CellFault, ...] = ()


def parse(grid: Grid, registered_at: datetime) -> Sheet:
    """Read a sheet, whole; columns of other names are passed over.

    Args:
        grid: the cells of the file.
        registered_at: the UTC instant under which the decisions will stand.
    """
    found = readable(grid, COLUMNS)
    consents = _decisions(found.rows, registered_at, grid.epoch)
    faults = (*found.faults, *all_faults(found.rows))
    return Sheet(faults=faults) if faults else Sheet(consents)


def _decisions(rows: Sequence[Row], registered_at: datetime, epoch: date) -> tuple[Consent, ...]:
    consents: list[Consent] = []
    seen: set[tuple[str, Scope]] = set()
    for row in rows:
        consent = _consent(row, registered_at, epoch)
        if (consent.pupil, consent.scope) in seen and not row.faults:
            row.fault("pupil", REPEATED, N_("one decision for each pupil and scope"))
        seen.add((consent.pupil, consent.scope))
        consents.append(consent)
    return tuple(consents)


def _consent(row: Row, registered_at: datetime, epoch: date) -> Consent:
    """Read one row; where a cell is bad the fault is noted and the result is not to be used."""
    a_day = N_("a date: 01.09.2026 or 2026-09-01")
    consent = Consent(
        number=0,
        pupil=row.take("pupil", _pupil, N_("the pupil's ElJur id: digits, no name")),
        scope=row.take("scope", _SCOPE, N_("результаты or контакты (results or contacts)")),
        decision=row.take("decision", _DECISION, N_("согласие or отказ (granted or refused)")),
        given_by=row.take("given_by", _GIVER, N_("родитель, ученик or опекун (parent, pupil or guardian)")),
        document=row.take(
            "document", line(_LONGEST_DOCUMENT), N_("number or file name of the document, up to 200 characters")
        ),
        valid_from=row.take("valid_from", day(epoch), a_day),
        valid_until=row.take("valid_until", day(epoch), a_day),
        withdrawn_at=None,
        registered_at=registered_at,
    )
    if consent.valid_from and consent.valid_until and consent.valid_until < consent.valid_from:
        row.fault("valid_until", BACKWARDS, N_("a day not before the first"))
    return consent


def _pupil(value: Value) -> str | None:
    number = text(value)
    return number if number is not None and _PUPIL.fullmatch(number) else None
