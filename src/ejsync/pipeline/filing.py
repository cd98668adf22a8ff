"""filing: what the school's office holds enters the store, sheet by sheet, and can be taken back whole."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any

import orjson

from ejsync.domain.office import Entry, OfficeImport, OfficeKind, OfficeRow, Standing, by_key, standing
from ejsync.domain.office_people import Person, School, Term
from ejsync.domain.records import SCHOOL, Kind, owner_class, owner_pupil
from ejsync.errors import BadInput
from ejsync.pipeline.kept_out import door
from ejsync.pipeline.ports import Transaction, Wiring
from ejsync.wording import N_, say

_GRADED = frozenset({Kind.MARK, Kind.FINAL_MARK})


def school_of(wiring: Wiring, tx: Transaction) -> School:
    """Return what the journal knows of the school; periods and subjects are looked up while `tx` is open."""
    roster = tx.records.roster()
    pupils = _payloads(tx, SCHOOL, frozenset({Kind.PUPIL}))

    @cache
    def terms(name: str) -> tuple[Term, ...]:
        told = _payloads(tx, owner_class(name), frozenset({Kind.PERIOD}))
        return tuple(Term(one["school_year"], one["period"], one["title"]) for one in told if not one["disabled"])

    @cache
    def taught(name: str) -> frozenset[str]:
        return _subjects(tx, (owner_class(name),), frozenset({Kind.LESSON}))

    @cache
    def marked(name: str) -> frozenset[str]:
        return _subjects(tx, map(owner_pupil, roster.classes.get(name, ())), _GRADED | {Kind.LESSON})

    def subjects(name: str) -> Iterator[str]:
        yield from sorted(taught(name))
        yield from sorted(marked(name) - taught(name))

    people, hide = [_person(one) for one in pupils], wiring.keyring.pseudonym
    return School(people, roster.classes, years=roster.years, terms=terms, subjects=subjects, pseudonym=hide)


def _payloads(tx: Transaction, owner: str, kinds: frozenset[Kind]) -> list[dict[str, Any]]:
    keys = [(known.kind, known.key) for known in tx.records.known_of(owner) if known.kind in kinds]
    return [orjson.loads(payload) for _, payload in sorted(tx.records.payloads(keys).items())]


def _subjects(tx: Transaction, owners: Iterable[str], kinds: frozenset[Kind]) -> frozenset[str]:
    told = (one["subject"] for owner in owners for one in _payloads(tx, owner, kinds))
    return frozenset(filter(None, told))


def _person(pupil: dict[str, Any]) -> Person:
    names = (pupil["last_name"], pupil["first_name"], pupil["middle_name"])
    return Person(pupil["pupil"], pupil["class"], tuple(filter(None, names)))


def file_in(wiring: Wiring, kind: OfficeKind, entries: Iterable[Entry], *, origin: str) -> OfficeImport | None:
    """Import the entries of a sheet, all or nothing; return the import, or None if nothing in it is new or changed.

    Args:
        origin: where they came from, e.g. the digest of the imported file; never a person's name.

    Raises:
        StoreError: the database cannot be used.
    """
    at = wiring.clock.now()
    with wiring.store.begin(wiring.school) as tx:
        rows = _let_in(wiring, tx, list(entries))
        live = by_key(tx.office.live(kind))
        stands = [standing(entry, live) for entry in rows]
        counts = Counter(stands)
        if counts[Standing.SAME] == len(rows):
            return None
        told = {one.value: counts[one] for one in Standing}
        made = OfficeImport(0, kind, at, origin, told["new"], told["changed"], told["same"])
        number = tx.office.add(made, rows)
        moved = [entry for entry, stand in zip(rows, stands, strict=True) if stand is not Standing.SAME]
        details = {"import": number, "kind": kind.value, "origin": origin, "counts": told}
        tx.audit.append("office.imported", {**details, **_whose(wiring, moved)}, at)
        return tx.office.get(number)


def _let_in(wiring: Wiring, tx: Transaction, entries: Sequence[Entry]) -> list[Entry]:
    """Leave out rows of pupils who were erased."""
    found = door(wiring, tx, {entry.pupil for entry in entries})
    return [entry for entry in entries if found.lets_in(entry.pupil)]


def taken_back(tx: Transaction, number: int) -> tuple[list[OfficeRow], list[OfficeRow]]:
    """Return what undoing an import would end, and what would be live again in its place.

    Raises:
        NotFound: there is no such import.
        BadInput: it was undone already.
    """
    found = tx.office.get(number)
    if found.undone_at is not None:
        what = say(N_("import No. {number}"), number=number)
        raise BadInput(what=what, faults=(say(N_("it was undone already")),))
    before = {row.key: row for row in tx.office.live(found.kind, without=number)}
    mine = [row for row in tx.office.live(found.kind) if row.number == number]
    return [row for row in mine if row.key not in before], [before[row.key] for row in mine if row.key in before]


def undo(wiring: Wiring, number: int) -> OfficeImport:
    """Undo an import: what was live before it is live again, save what a later import holds.

    Raises:
        NotFound: there is no such import.
        BadInput: it was undone already.
    """
    at = wiring.clock.now()
    with wiring.store.begin(wiring.school) as tx:
        gone, back = taken_back(tx, number)
        undone = tx.office.undo(number, at)
        details = {"import": number, "kind": undone.kind.value, "origin": undone.origin}
        counts = {"gone": len(gone), "back": len(back)}
        tx.audit.append("office.undone", {**details, "counts": counts, **_whose(wiring, [*gone, *back])}, at)
    return undone


def _whose(wiring: Wiring, rows: Iterable[Entry | OfficeRow]) -> dict[str, list[str]]:
    """Say whom rows are about: pupils under their pseudonyms, classes by name."""
    told = list(rows)
    pupils = {row.pupil for row in told if row.pupil is not None}
    classes = {row.school_class for row in told if row.school_class is not None}
    return {"pupils": sorted(map(wiring.keyring.pseudonym, pupils)), "classes": sorted(classes)}
