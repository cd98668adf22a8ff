"""Windows, pages and readings: what was asked, what came back, and what may be concluded from it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from hashlib import blake2b
from itertools import pairwise
from typing import Any

from ejsync.domain.records import Feed, Kind, Record, owner_class, owner_pupil


@dataclass(frozen=True, slots=True)
class Days:
    """School days from `first` to `last`, both included."""

    first: date
    last: date

    def spans(self, longest_days: int) -> tuple["Days", ...]:
        """Cut into consecutive spans of at most `longest_days` days, as even as may be: no window is a mere stub."""
        whole = (self.last - self.first).days + 1
        if whole <= 0:
            return ()
        parts = -(-whole // longest_days)
        starts = [self.first + timedelta(days=whole * part // parts) for part in range(parts + 1)]
        return tuple(Days(start, end - timedelta(days=1)) for start, end in pairwise(starts))

    def __str__(self) -> str:
        return f"{self.first.isoformat()}..{self.last.isoformat()}"


def school_year_start(day: date) -> date:
    """Return the 1 September that opens the school year of `day` (ElJur fact sheet, section 5, item 7)."""
    return date(day.year if day.month >= 9 else day.year - 1, 9, 1)  # noqa: PLR2004 - September


def school_year_days(year: int) -> Days:
    """Return the days of the school year that opens on 1 September of `year`: its summer belongs to it."""
    return Days(date(year, 9, 1), date(year + 1, 8, 31))


class Heat(StrEnum):
    """How urgent it is to read some days: the order in which windows of one cycle are read."""

    MISSED = "missed"
    HOT = "hot"
    ORDERED = "ordered"
    WARM = "warm"
    COLD = "cold"


@dataclass(frozen=True, slots=True)
class Due:
    """Days of one owner that are to be read (None for what has no days), and why."""

    heat: Heat
    days: Days | None


@dataclass(frozen=True, slots=True)
class Window:
    """One read of a source: a feed, for some classes or pupils, over some days.

    Attributes:
        scope: a stable label without personal data, e.g. `10А` or `10А#1` for its first group of pupils.
        days: None for reads that have no days.
        method: the source's own name of the read.
        heat: why it is read now.
        owners: whose days are read once this window is; empty where the source keeps no such account.
        whole: a pupil's regular lessons are wanted too, because nobody may read those of the class.
        part: cut out of a group that got no answer.
    """

    feed: Feed
    scope: str
    method: str
    account: str = ""
    days: Days | None = None
    classes: tuple[str, ...] = ()
    pupils: tuple[str, ...] = ()
    heat: Heat = Heat.HOT
    owners: tuple[str, ...] = ()
    whole: bool = False
    part: bool = False

    def halves(self) -> tuple["Window", ...]:
        """Cut a read of several pupils in two, for an answer too large or too slow; nothing to cut gives nothing."""
        middle = len(self.pupils) // 2
        return tuple(self._cut()) if middle and self.owners == tuple(map(owner_pupil, self.pupils)) else ()

    def _cut(self) -> Iterator["Window"]:
        middle = len(self.pupils) // 2
        for part, pupils in (("a", self.pupils[:middle]), ("b", self.pupils[middle:])):
            owners = tuple(map(owner_pupil, pupils))
            yield replace(self, scope=f"{self.scope}{part}", pupils=pupils, owners=owners, part=True)

    def key(self) -> str:
        """Name the very question that is asked: equal for equal questions, whoever asks and why."""
        whose = (",".join(self.classes), ",".join(self.pupils), "whole" if self.whole else "")
        asked = "|".join((self.feed, self.method, *whose, str(self.days)))
        return blake2b(asked.encode(), digest_size=16).hexdigest()

    def label(self) -> str:
        """Name the window for audit and logs."""
        return f"{self.feed}/{self.method}/{self.scope}" + (f"/{self.days}" if self.days else "")


@dataclass(frozen=True, slots=True)
class Page:
    """One answer of a source, not yet understood.

    Attributes:
        digest: keyed hash of the answer's bytes, of the contract and of the mapping; empty where none is made.
        unchanged: the digest is the one that was known, so the answer was not opened and `payload` is None.
        day: the school's date when it was read; None where the source does not tell.
    """

    window: Window
    payload: Any
    size_bytes: int = 0
    digest: str = ""
    unchanged: bool = False
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a page spoke about completely: within it, what is missing is gone.

    Attributes:
        believable_when_empty: the page has the structure of a real answer even if it holds no record
            (a vacation, a pupil whose subjects are listed without marks).
    """

    kinds: frozenset[Kind]
    owners: tuple[str, ...]
    days: Days | None = None
    believable_when_empty: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """What a page says: candidate records, what it covered, and what was passed over (counts by reason).

    Attributes:
        drift: what the page holds that its source is not known to hold: counts by place and finding, never a value.
    """

    records: tuple[Record, ...]
    coverages: tuple[Coverage, ...]
    passed_over: Mapping[str, int] = field(default_factory=dict)
    drift: Mapping[tuple[str, str], int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Roster:
    """Who is in which class, as last read: class name to pupil ids.

    Attributes:
        years: the school year (the year of its 1 September) that the periods of a class told of when last read.
    """

    classes: Mapping[str, tuple[str, ...]]
    years: Mapping[str, int] = field(default_factory=dict)

    def class_of(self) -> dict[str, str]:
        """Return the class of each pupil id."""
        return {pupil: name for name, pupils in self.classes.items() for pupil in pupils}


@dataclass(frozen=True, slots=True)
class Uncovered:
    """What no account may read: a method for a class, or for some pupils of it."""

    method: str
    school_class: str
    owners: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """The windows of one feed in one cycle.

    Attributes:
        uncovered: what no account may read, due or not.
        readable: of how many classes and pupils somebody may read it, due or not.
    """

    windows: tuple[Window, ...]
    uncovered: tuple[Uncovered, ...] = ()
    readable: int = 0

    def uncovered_pupils(self, roster: "Roster") -> dict[str, int]:
        """Count by method the pupils whom nobody may read: where it is a class, those of the class."""
        found: dict[str, int] = {}
        for gap in self.uncovered:
            by_class = gap.owners == (owner_class(gap.school_class),)
            pupils = len(roster.classes.get(gap.school_class, ())) if by_class else len(gap.owners)
            found[gap.method] = found.get(gap.method, 0) + pupils
        return found
