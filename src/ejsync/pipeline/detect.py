"""detect: what a reading changes against what is known; only complete windows may say that something is gone."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import product

from ejsync.domain.changes import Difference, Fingerprinted, Known, difference
from ejsync.domain.guard import NOBODY, Circle, Forms
from ejsync.domain.kinship import recognise
from ejsync.domain.records import Kind, owner_class, owner_pupil
from ejsync.domain.standing import Normalised
from ejsync.domain.windows import Coverage, Days, Window
from ejsync.errors import SourceSuspiciouslyEmpty
from ejsync.pipeline.ports import KindKey, Transaction, Wiring

HOUSEHOLD = {Kind.PUPIL: owner_pupil, Kind.SCHOOL_CLASS: owner_class}


@dataclass(frozen=True, slots=True)
class Detected:
    """What a reading changes, and what is needed to judge it.

    Attributes:
        normal: the records as read, under the keys by which they are known.
        known_live: how many live records of each circle stood where it looked.
        forms: who was in which class before; empty where the reading says nothing of pupils.
        household: keys that go because their pupil or class is gone.
        returning: keys that were gone, or whose content was lost, and are shown again: their return is no rewriting.
        silent: owners that answered with nothing.
        unheard: those of them of whom something is known.
    """

    normal: Normalised
    difference: Difference
    known_live: Mapping[Circle, int]
    forms: Forms
    household: frozenset[KindKey]
    returning: frozenset[KindKey]
    silent: frozenset[str]
    unheard: frozenset[str]
    suspicious: SourceSuspiciouslyEmpty | None


def detect(
    wiring: Wiring, tx: Transaction, window: Window, coverages: Iterable[Coverage], normal: Normalised
) -> Detected:
    """Compare a reading with the store; what was read but broke its contract is not gone."""
    merged = _merged(coverages)
    known = tx.records.known_in(merged)
    normal = recognise(normal, known, wiring.keyring, tx.records.payloads)
    entries, set_aside = normal.entries, frozenset((item.kind, item.key) for item in normal.broken)
    seen = {(entry.record.kind, entry.record.key) for entry in entries} | set_aside
    known |= tx.records.known_keys(seen - known.keys())
    silent = _silent_owners(merged, known, entries, set_aside)
    # Which known record a broken row under an unknown key was, nobody can tell: so none of that kind is gone.
    strange = {(item.kind, item.owner) for item in normal.broken if (item.kind, item.key) not in known}
    shown = seen | {key for key, row in known.items() if (row.kind, row.owner) in strange}
    missing = [row for key, row in _inside(known, merged).items() if key not in shown]
    vanished = [row for row in missing if not row.gone]
    trusted = [row for row in vanished if row.owner not in silent]
    household = _household(tx, [row for row in missing if row.owner not in silent])
    forms = forms_of(tx) if any(Kind.PUPIL in item.kinds for item in merged) else NOBODY
    return Detected(
        normal=normal,
        difference=difference(entries, known, [*trusted, *household]),
        known_live=Counter((row.kind, forms.circle(row)) for row in known.values() if not row.gone),
        forms=forms,
        household=frozenset((row.kind, row.key) for row in household),
        returning=frozenset(key for key in seen if key in known and (known[key].gone or known[key].is_shut)),
        silent=frozenset(silent),
        unheard=frozenset(row.owner for row in vanished if row.owner in silent),
        suspicious=_suspicion(window, len(vanished) - len(trusted)),
    )


def forms_of(tx: Transaction) -> Forms:
    """Return who is in which class as last read."""
    return Forms({pupil: owner_class(name) for pupil, name in tx.records.roster().class_of().items()})


def _merged(coverages: Iterable[Coverage]) -> list[Coverage]:
    owners: dict[tuple[frozenset[Kind], object, bool], list[str]] = {}
    for item in coverages:
        owners.setdefault((item.kinds, item.days, item.believable_when_empty), []).extend(item.owners)
    return [Coverage(kinds, tuple(names), days, believed) for (kinds, days, believed), names in owners.items()]  # type: ignore[arg-type]


def _inside(known: Mapping[KindKey, Known], coverages: list[Coverage]) -> dict[KindKey, Known]:
    """Keep what the coverages spoke about: keys looked up one by one may lie outside."""
    spoken: dict[tuple[Kind, str], list[Days | None]] = {}
    for item in coverages:
        for place in product(item.kinds, item.owners):
            spoken.setdefault(place, []).append(item.days)

    def within(row: Known) -> bool:
        return any(_falls_in(row.day, days) for days in spoken.get((row.kind, row.owner), ()))

    return {key: row for key, row in known.items() if within(row)}


def _falls_in(day: date | None, days: Days | None) -> bool:
    return days is None or (day is not None and days.first <= day <= days.last)


def _silent_owners(
    coverages: list[Coverage],
    known: Mapping[KindKey, Known],
    entries: tuple[Fingerprinted, ...],
    set_aside: frozenset[KindKey],
) -> set[str]:
    """Return owners whose answer was empty without the structure of a real one."""
    speaking = {entry.record.owner for entry in entries} | {known[key].owner for key in set_aside if key in known}
    doubtful = (item.owners for item in coverages if not item.believable_when_empty)
    return {owner for owners in doubtful for owner in owners} - speaking


def _household(tx: Transaction, missing: list[Known]) -> list[Known]:
    """Return all that belongs to pupils and classes that are gone: it goes with them, also what came after them."""
    gone = {(row.kind, row.key) for row in missing}
    owners = [HOUSEHOLD[row.kind](row.key) for row in missing if row.kind in HOUSEHOLD]
    found = (row for owner in owners for row in tx.records.known_of(owner))
    return [row for row in found if (row.kind, row.key) not in gone]


def _suspicion(window: Window, known: int) -> SourceSuspiciouslyEmpty | None:
    return SourceSuspiciouslyEmpty(feed=window.feed, scope=window.label(), known=known) if known else None
