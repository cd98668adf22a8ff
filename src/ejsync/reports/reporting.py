"""A report: one set of facts in the forms that people want it in: a terminal's tables, sheets, pages, JSON."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from ejsync.domain.period_sorts import sort_of
from ejsync.reports.class_records import ClassRecords
from ejsync.reports.phrases import language, page_of, span
from ejsync.sheets.written import Leaf


@dataclass(frozen=True, slots=True)
class Screen:
    """A table for a terminal of 80 columns: texts translated, `folding` the column that gives way."""

    heads: Sequence[str]
    rows: Sequence[Sequence[object]]
    folding: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """What was found.

    Attributes:
        title: what it is, of which class and period.
        notes: what must be known before reading on, one sentence each.
        screens: for a terminal.
        keys: what explains the screens, below them.
        leaves: for XLSX; the first one, which holds everything, also for CSV.
        page: what its template sets.
        data: for JSON.
        day: the school's date on which it was made.
    """

    title: str
    notes: tuple[str, ...]
    screens: tuple[Screen, ...]
    keys: tuple[str, ...]
    leaves: tuple[Leaf, ...]
    page: dict[str, Any]
    data: dict[str, Any]
    day: date


Maker = Callable[[ClassRecords], Report]


def head(records: ClassRecords, title: str) -> dict[str, Any]:
    """Return what every page begins with."""
    return {
        "language": language(),
        "page_of": page_of(),
        "title": title,
        "school": records.school,
        "class": records.name,
        "period": records.period["title"],
        "span": span(records.period),
        "issued": records.today.strftime("%d.%m.%Y"),
    }


def identity(records: ClassRecords) -> dict[str, Any]:
    """Return what every JSON document begins with."""
    names = ("period", "title", "start", "end")
    period = {name: records.period[name] for name in names}
    return {
        "class": records.name,
        "school_year": records.period["school_year"],
        "period": {**period, "sort": sort_of(records.period).value},
        "as_of": records.today.isoformat(),
    }


def entitled(records: ClassRecords, title: str) -> str:
    """Return the line above a table: what, class, period, its days."""
    return " · ".join(filter(None, (title, records.name, records.period["title"], span(records.period))))


def abbreviated(names: Iterable[str], letters: int = 3) -> dict[str, str]:
    """Return a short word for each name, different ones for different names."""
    found: dict[str, str] = {}
    for name in names:
        plain = "".join(filter(str.isalnum, name)) or name
        tries = (plain[:letters], *(plain[: letters - 1] + sign for sign in (*plain[letters:], *"23456789")))
        found[name] = next((one for one in tries if one not in found.values()), plain)
    return found
