"""What the school's office holds and ElJur does not: four kinds, imported from sheets, and how an import compares.

Keys are made of ElJur's ids and school words, never of a name or an address:

==============  ================================================================
kind            key
==============  ================================================================
contact         pupil/whose/way
curriculum      class/school_year/subject/group/period
deferral        pupil/school_year/subject/period
recommendation  pupil/date/subject/teacher/index, or class:NAME/date/…
==============  ================================================================

`-` stands for a whole class in the place of a group, and for every subject in the place of one. A teacher is the keyed
pseudonym of the name in the sheet, so that the sheets of two teachers do not take one another's place.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypedDict

import orjson

WHOLE_YEAR = "year"
"""The period of what is planned or put off for a whole school year, where the class has no period called so."""


class OfficeKind(StrEnum):
    """What an office's sheet is about."""

    CONTACT = "contact"
    CURRICULUM = "curriculum"
    DEFERRAL = "deferral"
    RECOMMENDATION = "recommendation"


class Contact(TypedDict):
    """Where a family wants its extracts: `whose` mother, father, guardian or pupil; `way` email, sms or post."""

    pupil: str
    whose: str
    way: str
    address: str
    form: str
    valid_from: str
    valid_until: str | None


Curriculum = TypedDict(
    "Curriculum",
    {
        "class": str,
        "school_year": int,
        "subject": str,
        "group": str | None,
        "period": str,
        "hours": int,
        "control_works": int | None,
    },
)
"""Lessons planned for a class (or a group of it), a subject and a period; `control_works` of them, None if unsaid."""


class Deferral(TypedDict):
    """A pupil's results are put off until a day, or he is exempt; why is health data and is never taken in.

    `subject` None means every subject; `state` is deferred or exempt; `until` is set for what is deferred.
    """

    pupil: str
    school_year: int
    subject: str | None
    period: str
    state: str
    until: str | None
    document: str


Recommendation = TypedDict(
    "Recommendation",
    {
        "pupil": str | None,
        "class": str | None,
        "subject": str | None,
        "date": str,
        "teacher": str,
        "text": str,
    },
)
"""What a teacher recommends to a pupil, or to a class: one of the two is None."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of a sheet, understood: `payload` is the canonical form of its kind's fields, `row` where it stood."""

    kind: OfficeKind
    key: str
    pupil: str | None
    school_class: str | None
    payload: bytes
    row: int


@dataclass(frozen=True, slots=True)
class OfficeRow:
    """One row as the store holds it: `number` is that of its import, `at` the UTC instant of that.

    Attributes:
        school_class: the class whose it is; None for what is a pupil's.
    """

    kind: OfficeKind
    key: str
    pupil: str | None
    school_class: str | None
    payload: bytes
    at: datetime
    number: int


@dataclass(frozen=True, slots=True)
class OfficeImport:
    """One imported sheet: where it came from (a digest), how its rows compared then, when it was undone."""

    number: int
    kind: OfficeKind
    at: datetime
    origin: str
    new: int
    changed: int
    same: int
    undone_at: datetime | None = None

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return self.new + self.changed + self.same


class Standing(StrEnum):
    """How a row of a sheet compares with what is live."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"


def standing(entry: Entry, live: Mapping[str, bytes]) -> Standing:
    """Compare a row with the live payloads of its kind, by key."""
    before = live.get(entry.key)
    if before is None:
        return Standing.NEW
    return Standing.SAME if before == entry.payload else Standing.CHANGED


def differing(before: bytes, after: bytes) -> tuple[str, ...]:
    """Name the fields in which two payloads of one kind differ."""
    old, new = orjson.loads(before), orjson.loads(after)
    return tuple(name for name in new if old.get(name) != new[name])


def by_key(rows: Iterable[OfficeRow]) -> dict[str, bytes]:
    """Return payloads by key."""
    return {row.key: row.payload for row in rows}
