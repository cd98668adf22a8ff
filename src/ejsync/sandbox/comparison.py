"""The comparator: the ED's content against what the journal says and the consents allow, record by record.

It shares nothing with the flow it judges: it is handed two dumps and a set of pupil ids, and imports nothing of
ejsync but `sandbox.expectation`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ejsync.sandbox.expectation import everyone, expected

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from ejsync.sandbox.expectation import Covered, Json, Name, Records


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
    journal: Mapping[str, Any], diary: Mapping[str, Any], *, permitted: Collection[str], covered: Covered
) -> Comparison:
    """Compare the ED's dump with the journal's.

    Args:
        journal: `GET /_control/state` of the simulated ElJur.
        diary: `GET /_control/state` of the simulated ED.
        permitted: ids of the pupils whose families have consented.
        covered: the days that were read.
    """
    wanted = expected(journal, permitted=permitted, covered=covered)
    whole = expected(journal, permitted=everyone(journal), covered=covered)
    held = held_records(diary)
    differing = _differing(wanted, held)
    missing = tuple(sorted(wanted.keys() - held.keys()))
    return Comparison(
        journal_records=len(whole),
        withheld=len(whole) - len(wanted),
        delivered=len(wanted) - len(missing) - len(differing),
        missing=missing,
        differing=differing,
        unexpected=tuple(sorted(held.keys() - wanted.keys())),
        repeated=len(diary["records"]) - len(held),
        doubled=int(diary["doubled"]),
    )


def held_records(diary: Mapping[str, Any]) -> Records:
    """Return the payloads of an ED dump by kind and key."""
    records: Sequence[Json] = diary["records"]
    return {(record["kind"], record["key"]): record["data"] for record in records}


def _differing(wanted: Records, held: Records) -> tuple[Difference, ...]:
    found = ((name, _fields(data, held[name])) for name, data in sorted(wanted.items()) if name in held)
    return tuple(Difference(*name, fields) for name, fields in found if fields)


def _fields(wanted: Json, held: Json) -> tuple[str, ...]:
    absent = object()
    names = sorted(wanted.keys() | held.keys())
    return tuple(name for name in names if not _same(wanted.get(name, absent), held.get(name, absent)))


def _same(wanted: object, held: object) -> bool:
    # JSON has one kind of number but keeps true apart from 1; Python does neither.
    return wanted == held and isinstance(wanted, bool) == isinstance(held, bool)
