"""kept_out: reading must not bring back who was erased, until a new consent lets him in; and no version goes back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ejsync.domain.changes import Change
from ejsync.domain.consent import pupil_of
from ejsync.domain.erasure import KeptOut
from ejsync.domain.records import Kind, owner_pupil
from ejsync.domain.standing import Normalised
from ejsync.pipeline.ports import Transaction, Wiring

_OWNER = owner_pupil("")


def whose(kind: Kind, key: str, owner: str, pupil: str | None) -> str | None:
    """Return whose a record is, by ElJur id; None for what is no single pupil's."""
    if pupil is not None:
        return pupil_of(pupil)
    if kind is Kind.PUPIL:
        return key
    if owner.startswith(_OWNER):
        return owner.removeprefix(_OWNER)
    return key.removeprefix(_OWNER).partition("/")[0] if key.startswith(_OWNER) else None


@dataclass(frozen=True, slots=True)
class Door:
    """Who is kept out of one reading."""

    closed: frozenset[str]

    def lets_in(self, pupil: str | None) -> bool:
        """Tell whether something of this pupil may be taken in."""
        return pupil is None or pupil not in self.closed


def door(wiring: Wiring, tx: Transaction, pupils: Iterable[str | None]) -> Door:
    """Return who of these pupils is kept out: erased, and not let in again.

    A store put back from an older copy knows nothing of an erasure, or not of the last one; the file of keys does.
    """
    erased = tx.erasures.kept_out()

    def closed(pupil: str) -> bool:
        known = erased.get(wiring.keyring.pseudonym(pupil), KeptOut())
        return known.closed or tx.keys.destroyed(pupil) > known.nth

    return Door(frozenset(pupil for pupil in {*pupils} - {None} if pupil is not None and closed(pupil)))


def kept_out_of(wiring: Wiring, tx: Transaction, keys: Iterable[str]) -> set[str]:
    """Return who of the pupils that keys begin with is kept out: a diary put back to an older state shows him again."""
    named = {key.removeprefix(_OWNER).partition("/")[0] for key in keys}
    return set(door(wiring, tx, named).closed)


def owners_let_in(wiring: Wiring, tx: Transaction, owners: Iterable[str]) -> list[str]:
    """Leave out of the owners of a reading who was erased since it was asked for: not even that is remembered."""
    asked = list(owners)
    pupils = {owner: owner.removeprefix(_OWNER) for owner in asked if owner.startswith(_OWNER)}
    found = door(wiring, tx, pupils.values())
    return [owner for owner in asked if found.lets_in(pupils.get(owner))]


def let_in(wiring: Wiring, tx: Transaction, normal: Normalised) -> tuple[Normalised, int]:
    """Leave out of a reading what is of pupils who were erased; returns the rest, and how many records that were."""
    entries = [
        (entry, whose(entry.record.kind, entry.record.key, entry.record.owner, entry.record.pupil))
        for entry in normal.entries
    ]
    broken = [(item, whose(item.kind, item.key, item.owner, item.pupil)) for item in normal.broken]
    found = door(wiring, tx, {pupil for _, pupil in entries} | {pupil for _, pupil in broken})
    if not found.closed:
        return normal, 0
    kept = tuple(entry for entry, pupil in entries if found.lets_in(pupil))
    aside = tuple(item for item, pupil in broken if found.lets_in(pupil))
    left_out = len(entries) - len(kept) + len(broken) - len(aside)
    return replace(normal, entries=kept, broken=aside), left_out


def above_floors(wiring: Wiring, tx: Transaction, changes: Sequence[Change]) -> Sequence[Change]:
    """Begin the keys of pupils who came back above every version that a diary may have of them."""
    floors = tx.erasures.floors()
    if not floors:
        return changes

    def lifted(change: Change) -> Change:
        pupil = whose(change.kind, change.key, change.owner, change.pupil)
        floor = floors.get(wiring.keyring.pseudonym(pupil), 0) if pupil is not None else 0
        return replace(change, version=max(change.version, floor + 1)) if change.created else change

    return tuple(map(lifted, changes))
