"""Windows, pages and readings: what was asked, what came back, and what may be concluded from it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from ejsync.domain.records import Feed, Kind, Record


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


@dataclass(frozen=True, slots=True)
class Window:
    """One read of a source: a feed, for some classes or pupils, over some days.

    Attributes:
        scope: a stable label without personal data, e.g. `10А` or `10А#1` for its first group of pupils.
        days: None for reads that have no days.
        method: the source's own name of the read.
    """

    feed: Feed
    scope: str
    method: str
    account: str = ""
    days: Days | None = None
    classes: tuple[str, ...] = ()
    pupils: tuple[str, ...] = ()

    def label(self) -> str:
        """Name the window for audit and logs."""
        return f"{self.feed}/{self.method}/{self.scope}" + (f"/{self.days}" if self.days else "")


@dataclass(frozen=True, slots=True)
class Page:
    """One answer of a source, not yet understood."""

    window: Window
    payload: Any
    size_bytes: int = 0


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
    """What a page says: candidate records, what it covered, and what was passed over (counts by reason)."""

    records: tuple[Record, ...]
    coverages: tuple[Coverage, ...]
    passed_over: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Roster:
    """Who is in which class, as last read: class name to pupil ids."""

    classes: Mapping[str, tuple[str, ...]]

    def class_of(self) -> dict[str, str]:
        """Return the class of each pupil id."""
        return {pupil: name for name, pupils in self.classes.items() for pupil in pupils}


@dataclass(frozen=True, slots=True)
class Plan:
    """The windows of one feed in one cycle, and what no account may read (counts by method)."""

    windows: tuple[Window, ...]
    uncovered: Mapping[str, int] = field(default_factory=dict)
