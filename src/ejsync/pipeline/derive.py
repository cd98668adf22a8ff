"""derive: what follows from a reading beside what it shows: the changes of lessons (`domain/lesson_changes.py`).

It costs nothing while no lesson changes. What it finds takes the way of everything else, in the same transaction; what
follows from lessons that are held is held with them.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import date
from functools import cache, partial
from typing import Any

import orjson

from ejsync.domain.changes import Change, Difference, Fingerprinted, Known, Op, difference
from ejsync.domain.fingerprints import canonical
from ejsync.domain.guard import Mass
from ejsync.domain.lesson_changes import Edit, Found, Reach, announcements
from ejsync.domain.payloads import Lesson, LessonChange
from ejsync.domain.records import Feed, Kind, Record, owner_class
from ejsync.domain.renamings import changes_beside_renamings
from ejsync.domain.windows import Coverage, Days, Window
from ejsync.pipeline.ports import KindKey, Transaction, Wiring

NOTHING = Difference((), (), 0)


def derive(wiring: Wiring, tx: Transaction, window: Window, found: Difference) -> Difference:
    """Return how the changes of lessons change with what a window of the timetable shows; not yet saved."""
    lessons = [change for change in found.all() if change.kind is Kind.LESSON and change.pupil is None]
    if window.feed is not Feed.TIMETABLE or not lessons:
        return NOTHING
    lessons = _comparable(tx, lessons)
    known = tx.records.known_in([Coverage(frozenset({Kind.LESSON_CHANGE}), _owners(lessons))])
    standing: dict[str, LessonChange] = _payloads(tx, (key for key, row in known.items() if not row.gone))
    edits = _edits(tx, lessons)
    moving = standing or any(edit.before for edit in edits.values())
    settled = _settled(tx, lessons) if moving else frozenset[tuple[str, str]]()
    reach = Reach(window.days, settled, cache(partial(_rest, tx, _owners(lessons), edits)))
    return _difference(wiring, known, changes_beside_renamings(edits, standing, reach))


def completed(
    wiring: Wiring, tx: Transaction, coverages: Iterable[Coverage], entries: Sequence[Fingerprinted]
) -> tuple[Fingerprinted, ...]:
    """Complete what `getreplaces` says of single lessons into every change of the days it spoke about."""
    said = {entry.record.key: orjson.loads(entry.payload) for entry in entries}
    keys = {key for (_, key), row in tx.records.known_in(coverages).items() if not row.gone} | said.keys()
    standing: dict[str, LessonChange] = _payloads(tx, ((Kind.LESSON_CHANGE, key) for key in keys))
    lessons: dict[str, Lesson] = _payloads(tx, ((Kind.LESSON, key) for key in keys))
    return tuple(_entry(wiring, key, change) for key, change in announcements(said, standing, lessons).items())


def _comparable(tx: Transaction, lessons: Sequence[Change]) -> list[Change]:
    """Leave out lessons whose content was lost: nobody knows how they differ."""
    known = tx.records.known_keys((change.kind, change.key) for change in lessons if not change.created)
    return [one for one in lessons if one.created or not known[one.kind, one.key].is_shut]


def held_along(masses: Iterable[Mass], derived: Difference) -> set[KindKey]:
    """Return the keys of what follows from lessons that are held: those of their classes."""
    forms = {form for form, _, kind in masses if kind is Kind.LESSON}
    return {(change.kind, change.key) for change in derived.all() if change.owner in forms}


def _owners(changes: Iterable[Change]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(change.owner for change in changes))


def _payloads(tx: Transaction, keys: Iterable[KindKey]) -> dict[str, Any]:
    return {key: orjson.loads(payload) for (_, key), payload in tx.records.payloads(keys).items()}


def _edits(tx: Transaction, lessons: Sequence[Change]) -> dict[str, Edit]:
    """Put each changed lesson beside what was known of it; only these are loaded."""
    before: dict[str, Lesson] = _payloads(tx, ((c.kind, c.key) for c in lessons if not c.created))
    return {c.key: Edit(before.get(c.key), orjson.loads(c.payload) if c.payload else None) for c in lessons}


def _settled(tx: Transaction, lessons: Iterable[Change]) -> frozenset[tuple[str, str]]:
    """Return owner and day of what had lessons before, as far as lessons came new there."""
    fresh = [(change.owner, change.day) for change in lessons if change.op is Op.UPSERT and change.day]
    if not fresh:
        return frozenset()
    days = Days(min(day for _, day in fresh), max(day for _, day in fresh))
    owners = tuple(dict.fromkeys(owner for owner, _ in fresh))
    known = tx.records.known_in([Coverage(frozenset({Kind.LESSON}), owners, days)])
    return frozenset((row.owner, row.day.isoformat()) for row in known.values() if row.day)


def _rest(tx: Transaction, owners: tuple[str, ...], edits: Container[str]) -> dict[str, Lesson]:
    """Return the lessons of classes as they are known and not edited, of all days."""
    known = tx.records.known_in([Coverage(frozenset({Kind.LESSON}), owners)])
    return _payloads(tx, (key for key, row in known.items() if not row.gone and key[1] not in edits))


def _difference(wiring: Wiring, known: Mapping[KindKey, Known], found: Found) -> Difference:
    entries = [_entry(wiring, key, change) for key, change in found.items() if change is not None]
    ended = [known[Kind.LESSON_CHANGE, key] for key, change in found.items() if change is None]
    return difference(entries, known, ended)


def _entry(wiring: Wiring, key: str, change: LessonChange) -> Fingerprinted:
    day, payload = date.fromisoformat(change["date"]), canonical(change)
    record = Record(Kind.LESSON_CHANGE, key, owner_class(change["class"]), None, day, change)
    return Fingerprinted(record, payload, wiring.keyring.fingerprint(payload))
