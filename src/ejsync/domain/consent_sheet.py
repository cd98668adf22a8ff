"""Reading a school's sheet of consents: CSV as Excel writes it, in Russian or English; every bad cell is named."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from ejsync.domain.consent import Consent, Decision, Scope
from ejsync.wording import N_

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "pupil": ("ученик", "pupil"),
    "scope": ("область", "scope"),
    "decision": ("решение", "decision"),
    "given_by": ("кем дано", "given_by"),
    "document": ("документ", "document"),
    "valid_from": ("действует с", "valid_from"),
    "valid_until": ("действует до", "valid_until"),
}
"""Each column's Russian and English head; `valid_until` may be left out."""
OPTIONAL = frozenset({"valid_until"})
_SCOPES = {
    "результаты": Scope.RESULTS,
    "results": Scope.RESULTS,
    "контакты": Scope.CONTACTS,
    "contacts": Scope.CONTACTS,
}
_DECISIONS = {
    "согласие": Decision.GRANTED,
    "granted": Decision.GRANTED,
    "отказ": Decision.REFUSED,
    "refused": Decision.REFUSED,
}
_GIVERS = {"родитель": "parent", "ученик": "pupil", "опекун": "guardian"}
_GIVERS |= {word: word for word in _GIVERS.values()}
_PUPIL = re.compile(r"[0-9]{1,64}")
_RUSSIAN_DATE = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_LONGEST_DOCUMENT = 200
_ENCODINGS = ("utf-8-sig", "cp1251")

NOT_TEXT = N_("the file is no text in UTF-8 or Windows-1251")
NOT_TABLE = N_("the file is no table: a quote in it is opened and never closed")
EMPTY = N_("the file holds no rows")
MISSING = N_("the column is missing")
TWICE = N_("the column stands twice")
REPEATED = N_("this pupil and scope stand in a row above already")
UNREADABLE = N_("this value cannot be read")
ABSENT = N_("the cell is empty")
BACKWARDS = N_("it ends before it begins")


@dataclass(frozen=True, slots=True)
class CellFault:
    """One bad cell; what stood in it is never repeated, because it may be a person's name.

    Attributes:
        row: the row's number as Excel shows it; 1 is the heads, 0 the file as a whole.
        problem: a marked sentence, not yet translated.
        expected: what would be right, likewise.
    """

    row: int
    column: str
    problem: str
    expected: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a file says: decisions in their order, and every fault; with a fault nothing of it may be used."""

    consents: tuple[Consent, ...] = ()
    faults: tuple[CellFault, ...] = ()


@dataclass(slots=True)
class _Row:
    """One row while it is read; `heads` are the file's own."""

    number: int
    cells: Mapping[str, str]
    heads: Mapping[str, str]
    faults: list[CellFault] = field(default_factory=list)

    def take(self, name: str, read: Callable[[str], Any], expected: str) -> Any:
        """Read a cell, or note its fault and return None."""
        text = self.cells.get(name, "").strip()
        found = read(text) if text else None
        if found is None and (text or name not in OPTIONAL):
            self.fault(name, UNREADABLE if text else ABSENT, expected)
        return found

    def fault(self, name: str, problem: str, expected: str) -> None:
        """Note a fault."""
        self.faults.append(CellFault(self.number, self.heads.get(name, COLUMNS[name][0]), problem, expected))


def parse(content: bytes, registered_at: datetime) -> Sheet:
    """Read a sheet, whole.

    Args:
        content: the file.
        registered_at: the UTC instant under which the decisions will stand.
    """
    text = _decoded(content)
    if text is None:
        return _hopeless(NOT_TEXT, N_("a CSV file saved as UTF-8"))
    try:
        rows = [(number, cells) for number, cells in _rows(text) if any(map(str.strip, cells))]
    except csv.Error:  # one cell without end
        return _hopeless(NOT_TABLE, N_("a CSV file in which every opened quote is closed"))
    if len(rows) < 2:  # noqa: PLR2004 - heads and one decision
        return _hopeless(EMPTY, N_("a row of heads and one row for each decision"))
    places, heads, faults = _heads(rows[0][1])
    if faults:
        return Sheet(faults=tuple(faults))
    return _decisions([_Row(number, _named(cells, places), heads) for number, cells in rows[1:]], registered_at)


def _hopeless(problem: str, expected: str) -> Sheet:
    return Sheet(faults=(CellFault(0, "", problem, expected),))


def _decoded(content: bytes) -> str | None:
    for encoding in _ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if "\0" in text else text
    return None


def _rows(text: str) -> list[tuple[int, list[str]]]:
    """Split into numbered rows; the separator is the one that the heads use most."""
    first = text.partition("\n")[0]
    delimiter = max(";,\t", key=first.count)
    return list(enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), start=1))


def _heads(cells: Sequence[str]) -> tuple[dict[str, int], dict[str, str], list[CellFault]]:
    """Find each column; columns of other names are passed over."""
    known = {word: name for name, words in COLUMNS.items() for word in words}
    places: dict[str, int] = {}
    heads: dict[str, str] = {}
    faults = []
    for place, cell in enumerate(cells):
        name = known.get(" ".join(cell.split()).casefold())
        if name is not None and name in places:
            faults.append(CellFault(1, cell.strip(), TWICE, N_("each column once")))
        elif name is not None:
            places[name], heads[name] = place, cell.strip()
    missing = [words for name, words in COLUMNS.items() if name not in places and name not in OPTIONAL]
    faults += [CellFault(1, words[0], MISSING, " / ".join(words)) for words in missing]
    return places, heads, faults


def _named(cells: Sequence[str], places: Mapping[str, int]) -> dict[str, str]:
    return {name: cells[place] for name, place in places.items() if place < len(cells)}


def _decisions(rows: Sequence[_Row], registered_at: datetime) -> Sheet:
    consents: list[Consent] = []
    seen: set[tuple[str, Scope]] = set()
    for row in rows:
        consent = _consent(row, registered_at)
        if (consent.pupil, consent.scope) in seen and not row.faults:
            row.fault("pupil", REPEATED, N_("one decision for each pupil and scope"))
        seen.add((consent.pupil, consent.scope))
        consents.append(consent)
    faults = tuple(_all_faults(rows))
    return Sheet(faults=faults) if faults else Sheet(tuple(consents))


def _all_faults(rows: Sequence[_Row]) -> Iterator[CellFault]:
    for row in rows:
        yield from row.faults


def _consent(row: _Row, registered_at: datetime) -> Consent:
    """Read one row; where a cell is bad the fault is noted and the result is not to be used."""
    day = N_("a date: 01.09.2026 or 2026-09-01")
    consent = Consent(
        number=0,
        pupil=row.take("pupil", _pupil, N_("the pupil's ElJur id: digits, no name")),
        scope=row.take("scope", _word(_SCOPES), N_("результаты or контакты (results or contacts)")),
        decision=row.take("decision", _word(_DECISIONS), N_("согласие or отказ (granted or refused)")),
        given_by=row.take("given_by", _word(_GIVERS), N_("родитель, ученик or опекун (parent, pupil or guardian)")),
        document=row.take("document", _document, N_("number or file name of the document, up to 200 characters")),
        valid_from=row.take("valid_from", _day, day),
        valid_until=row.take("valid_until", _day, day),
        withdrawn_at=None,
        registered_at=registered_at,
    )
    if consent.valid_from and consent.valid_until and consent.valid_until < consent.valid_from:
        row.fault("valid_until", BACKWARDS, N_("a day not before the first"))
    return consent


def _pupil(text: str) -> str | None:
    return text if _PUPIL.fullmatch(text) else None


def _document(text: str) -> str | None:
    return text if len(text) <= _LONGEST_DOCUMENT and text.isprintable() else None


def _word(words: Mapping[str, Any]) -> Callable[[str], Any]:
    return lambda text: words.get(text.casefold())


def _day(text: str) -> date | None:
    try:
        if match := _RUSSIAN_DATE.fullmatch(text):
            return date(int(match[3]), int(match[2]), int(match[1]))
        return date.fromisoformat(text) if len(text) == len("2026-09-01") else None
    except ValueError:
        return None
