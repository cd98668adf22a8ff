"""The comparator: the ED's content against what the journal says and the consents allow, record by record.

It shares nothing with the flow it judges: it is handed two dumps and a set of pupil ids, and imports nothing of
ejsync but the expectation's modules.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ejsync.sandbox.expectation import everyone, expected, lesson
from ejsync.sandbox.expected_days import CHANGE, lesson_changes
from ejsync.sandbox.reckoning import reckoned

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from ejsync.sandbox.expectation import Covered, Json, Name, Records


_NUMBERED = {"mark", "absence"}
_PLACES = {
    "mark": ("pupil", "lesson", "date"),
    "absence": ("pupil", "lesson", "date"),
    "homework": ("class", "pupil", "date", "subject", "group", "index"),
    "final_mark": ("pupil", "school_year", "subject", "period"),
    "recommendation": ("source", "pupil", "class", "subject", "date"),
}
"""What tells records of a kind apart whose keys may be older than their content."""
_TWIN = re.compile(r"~[0-9]+$")
_CONTACTS = "/contacts"


@dataclass(frozen=True, slots=True)
class Difference:
    """A record that the ED holds otherwise than the journal says: the fields, never their values."""

    kind: str
    key: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the ED lacks, holds otherwise, or should not hold.

    Attributes:
        journal_records: how many records the journal has for the days covered, whatever the consents.
        withheld: how many of them may not leave.
        delivered: how many the ED holds exactly as the journal says.
        repeated: keys that the ED's dump lists more than once, by how often more.
        doubled: effects that the ED applied more than once, by its own count.
    """

    journal_records: int
    withheld: int
    delivered: int
    missing: tuple[Name, ...]
    differing: tuple[Difference, ...]
    unexpected: tuple[Name, ...]
    repeated: int
    doubled: int

    @property
    def lost(self) -> int:
        """How many records the ED must hold but does not, or holds otherwise."""
        return len(self.missing) + len(self.differing)

    @property
    def duplicated(self) -> int:
        """How many effects were doubled, by the ED's own count and by its dump."""
        return self.doubled + self.repeated

    @property
    def equal(self) -> bool:
        """Whether the ED holds exactly what it must."""
        return not (self.lost or self.duplicated or self.unexpected)

    def by_kind(self) -> dict[str, dict[str, int]]:
        """Count what is wrong by kind; an empty document where nothing is."""
        found = {
            "missing": Counter(kind for kind, _ in self.missing),
            "differing": Counter(item.kind for item in self.differing),
            "unexpected": Counter(kind for kind, _ in self.unexpected),
        }
        return {name: dict(counts) for name, counts in found.items() if counts}


def compare(
    journal: Mapping[str, Any],
    diary: Mapping[str, Any],
    *,
    permitted: Collection[str],
    covered: Covered,
    judged_from: str = "",
) -> Comparison:
    """Compare the ED's dump with the journal's.

    Args:
        journal: `GET /_control/state` of the simulated ElJur; under `office` what the school's office has handed in.
        diary: `GET /_control/state` of the simulated ED.
        permitted: subjects of the consents that families have given: a pupil's id for his results, with `/contacts`
            behind it for the family's contacts.
        covered: the days that were read.
        judged_from: the day (`YYYY-MM-DD`) before which the journal tells no more what was: of earlier days the ED may
            hold anything, but of pupils who are there and may leave only.
    """
    held = held_records(diary)
    whole = everything(journal, held, covered)
    wanted = allowed(whole, permitted)
    pairs = _pairs(wanted, held)
    differing = _differing(wanted, held, pairs)
    missing = tuple(sorted(wanted.keys() - pairs.keys()))
    present = everyone(journal) & {*permitted}
    extra = held.keys() - set(pairs.values())
    return Comparison(
        journal_records=len(whole),
        withheld=len(whole) - len(wanted),
        delivered=len(wanted) - len(missing) - len(differing),
        missing=missing,
        differing=differing,
        unexpected=tuple(sorted(name for name in extra if not _is_past(held[name], judged_from, present))),
        repeated=len(diary["records"]) - len(held),
        doubled=int(diary["doubled"]),
    )


def everything(journal: Mapping[str, Any], held: Records, covered: Covered) -> Records:
    """Return what the ED would have to hold if all families consented: of the journal, its office, and what follows.

    Args:
        held: what the ED was told, by kind and key; what lessons were planned to be is taken from it.
    """
    told = expected(journal, permitted=everyone(journal), covered=covered)
    told |= changed_lessons(journal, held, covered)
    return told | (reckoned(told, journal.get("office", {}), covered.concluded) if covered.concluded else {})


def allowed(whole: Records, permitted: Collection[str]) -> Records:
    """Return what of it may leave, by the subjects of the consents that families have given."""
    subjects = {None, *permitted}
    return {name: data for name, data in whole.items() if _needs(name, data) in subjects}


def between(before: Records, after: Records) -> tuple[set[Name], set[Name]]:
    """Return the names of the records that came or changed from one expectation to another, and of those that went."""
    changed = {name for name, data in after.items() if name not in before or _fields(data, before[name], name[0])}
    return changed, before.keys() - after.keys()


def _needs(name: Name, data: Json) -> str | None:
    """Return the subject of the consent that a record needs; None for what is nobody's in particular."""
    pupil: str | None = data.get("pupil")
    return f"{pupil}{_CONTACTS}" if name[0] == "contact" else pupil


def held_records(diary: Mapping[str, Any]) -> Records:
    """Return the payloads of an ED dump by kind and key."""
    records: Sequence[Json] = diary["records"]
    return {(record["kind"], record["key"]): record["data"] for record in records}


def _is_past(data: Json, judged_from: str, present: Collection[str]) -> bool:
    year = data.get("school_year")
    day = f"{year}-09-01" if year else data.get("date") or judged_from
    return day < judged_from and data.get("pupil") in {None, *present}


def _pairs(wanted: Records, held: Records) -> dict[Name, Name]:
    """Say which record of the ED stands for which of the journal: by kind and by what tells a family one from another.

    Of several that nothing tells apart (the marks of a cell) those that are equal belong together, first of all under
    the same key; then those that come first.
    """
    waiting: defaultdict[Name, list[Name]] = defaultdict(list)
    for name, data in sorted(held.items(), key=lambda pair: _in_cell(pair[0])):
        waiting[_place(name, data)].append(name)
    pairs: dict[Name, Name] = {}
    for same_key, equal in (True, True), (False, True), (False, False):
        for name in sorted(wanted.keys() - pairs.keys(), key=_in_cell):
            others = waiting[_place(name, wanted[name])]
            alike = (other for other in others if not same_key or other == name)
            found = (other for other in alike if not equal or not _fields(wanted[name], held[other], name[0]))
            if (other := next(found, None)) is not None:
                pairs[name] = other
                others.remove(other)
    return pairs


def _in_cell(name: Name) -> tuple[str, str, int, str]:
    kind, key = name
    cell, _, number = key.rpartition("/")
    return kind, cell, int(number) if number.isdecimal() else -1, number


def _place(name: Name, data: Json) -> Name:
    """Name a record by its content where parts of its key may be older than that: a number, a subject's name."""
    kind, key = name
    fields = _PLACES.get(kind)
    return (kind, "/".join(str(data.get(field)) for field in fields)) if fields else (kind, key)


def changed_lessons(journal: Mapping[str, Any], held: Records, covered: Covered) -> Records:
    """Return the lesson changes that the ED must hold, given what it was told of the plan."""
    read = [fact for fact in journal["lessons"] if fact["date"] in covered.timetable]
    lessons = {key: data for _, key, data in map(lesson, read)}
    replaced = {lesson(fact)[1] for fact in read if fact["replaced"]}
    told = {key: data for (kind, key), data in held.items() if kind == CHANGE}
    return lesson_changes(lessons, told, replaced)


def _differing(wanted: Records, held: Records, pairs: Mapping[Name, Name]) -> tuple[Difference, ...]:
    found = (
        (theirs, (*_fields(wanted[name], held[theirs], name[0]), *_key_faults(name, theirs, held[theirs])))
        for name, theirs in sorted(pairs.items())
    )
    return tuple(Difference(*theirs, fields) for theirs, fields in found if fields)


def _fields(wanted: Json, held: Json, kind: str) -> tuple[str, ...]:
    absent = object()
    names = sorted((wanted.keys() | held.keys()) - ({"column"} if kind in _NUMBERED else set()))
    fields = (name for name in names if not _same(wanted.get(name, absent), held.get(name, absent)))
    # A figure may be what it is since an earlier day.
    return tuple(name for name in fields if name != "as_of" or not str(held.get(name, "~")) < wanted[name])


def _key_faults(name: Name, theirs: Name, data: Json) -> tuple[str, ...]:
    """Say what of a key the ED holds otherwise: all but a mark's number, which its content repeats, and a subject."""
    (kind, mine), key = name, _TWIN.sub("", theirs[1])
    if kind in _NUMBERED:
        cell, _, number = key.rpartition("/")
        return (
            *(["key"] if cell != mine.rpartition("/")[0] else []),
            *(["column"] if number != str(data.get("column")) else []),
        )
    if kind == "recommendation":
        return () if _judged_part(mine) == _judged_part(key) else ("key",)
    if kind in _PLACES:
        subject = str(data["subject"])
        before, _, after = mine.partition(f"/{subject}/")
        # Keys know no `ё`: it comes and goes as people write.
        return () if key.startswith(f"{before}/") and key.endswith(f"/{after.replace('ё', 'е')}") else ("key",)
    return ()


def _judged_part(key: str) -> str:
    """Return what must be equal of a recommendation's key: a mark may have another number, the office has secrets."""
    source, _, rest = key.partition("/")
    return {"mark": rest.rpartition("/")[0], "office": "/".join(rest.split("/")[:2])}.get(source, rest)


def _same(wanted: object, held: object) -> bool:
    # JSON has one kind of number but keeps true apart from 1; Python does neither.
    return wanted == held and isinstance(wanted, bool) == isinstance(held, bool)
