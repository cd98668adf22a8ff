"""What the store holds of one class for a period: read in one picture, looked up from there."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson

from ejsync.domain.grid import fold
from ejsync.domain.office_people import School
from ejsync.domain.period_sorts import PeriodSort, sort_of
from ejsync.domain.records import SCHOOL, Kind, owner_class, owner_pupil
from ejsync.domain.school_days import lies_in
from ejsync.errors import NotFound
from ejsync.pipeline.filing import school_of
from ejsync.pipeline.ports import Transaction, Wiring
from ejsync.reports.choosing import chosen_class, chosen_period, in_order
from ejsync.wording import N_, say

_OF_CLASS = (Kind.HOMEWORK, Kind.LESSON_CHANGE, Kind.CLASS_TEACHER, Kind.LESSON_STATISTICS, Kind.RECOMMENDATION)
_OF_PUPILS = (
    Kind.MARK, Kind.ABSENCE, Kind.FINAL_MARK, Kind.FINAL_STATE, Kind.FORECAST, Kind.CONTROL_WORK, Kind.HOMEWORK,
    Kind.RECOMMENDATION,
)  # fmt: skip
_RESULTS = (Kind.MARK, Kind.ABSENCE, Kind.FINAL_MARK, Kind.FINAL_STATE, Kind.FORECAST)


@dataclass(frozen=True, slots=True)
class Person:
    """A pupil as paper names him."""

    pupil: str
    last_name: str
    first_name: str
    middle_name: str | None

    @property
    def full(self) -> str:
        """The whole name, the last name first."""
        return " ".join(filter(None, (self.last_name, self.first_name, self.middle_name)))

    @property
    def short(self) -> str:
        """The last name and initials."""
        initials = (f"{name[0]}." for name in (self.first_name, self.middle_name) if name)
        return " ".join((self.last_name, *initials))


@dataclass(frozen=True, slots=True)
class ClassRecords:
    """What is known of one class and the period that is asked about.

    Attributes:
        school: its title.
        of_class: the payload of the class.
        period: the payload of the period.
        today: the school's date.
        people: the pupils, in the order of their names.
        rows: payloads of the period by kind; of homework, control works and lesson changes all that are known.
        studied: the subjects of each pupil in this school year, as his forecasts name them.
        concluding: the final marks of the year and of examinations, each with the title of its period, in the order of
            the periods; those of the period asked for are not among them.
    """

    school: str
    of_class: Any
    period: Any
    today: date
    people: tuple[Person, ...]
    rows: Mapping[Kind, list[Any]]
    studied: Mapping[str, frozenset[str]]
    concluding: tuple[tuple[str, Any], ...] = ()

    @property
    def name(self) -> str:
        """The name of the class."""
        return str(self.of_class["name"])

    def of(self, kind: Kind, pupil: str | None = None) -> list[Any]:
        """Return the payloads of a kind, of one pupil if he is named."""
        found = self.rows.get(kind, [])
        return found if pupil is None else [row for row in found if row.get("pupil") == pupil]

    def ahead(self, kind: Kind) -> list[Any]:
        """Return what is dated today or later, in the order of days."""
        today = self.today.isoformat()
        return sorted((row for row in self.of(kind) if row["date"] >= today), key=_moment)

    def needs(self, *kinds: Kind) -> "ClassRecords":
        """Return itself if it holds anything of these kinds (by default: of its pupils' results).

        Raises:
            NotFound: nothing is known of the period.
        """
        if any(self.of(kind) for kind in kinds or _RESULTS):
            return self
        what = say(N_("record of class {name} for the period"), name=self.name)
        raise NotFound(what=what, name=self.period["title"], listing=say(N_("another --period, or first: ejsync sync")))


@dataclass(frozen=True, slots=True)
class Archive:
    """The records of one school, for reports; `title` is its name as people write it."""

    wiring: Wiring
    title: str

    def class_names(self) -> list[str]:
        """Return the classes that have pupils, from the first form to the last."""
        with self.wiring.store.read(self.wiring.school) as tx:
            return in_order(name for name, pupils in tx.records.roster().classes.items() if pupils)

    def class_of(self, pupil: str) -> str:
        """Return the class of a pupil.

        Raises:
            NotFound: the journal, as last read, has no such pupil.
        """
        with self.wiring.store.read(self.wiring.school) as tx:
            classes = tx.records.roster().class_of()
        if pupil not in classes:
            raise NotFound(what=say(N_("pupil")), name=pupil, listing="ejsync consent list")
        return classes[pupil]

    def read(self, written: str, period: str | None = None) -> ClassRecords:
        """Read one class.

        Args:
            written: the class as people spell it.
            period: the id or title of the period; the current one by default.

        Raises:
            NotFound: there is no such class or period.
        """
        with self.wiring.store.read(self.wiring.school) as tx:
            school = school_of(self.wiring, tx)
            return self._read(tx, school, chosen_class(school, written), period)

    def _read(self, tx: Transaction, school: School, name: str, period: str | None) -> ClassRecords:
        today = self.wiring.clock.now().astimezone(self.wiring.zone).date()
        periods = _payloads(tx, [owner_class(name)], [Kind.PERIOD])[Kind.PERIOD]
        wanted = chosen_period(school, name, periods, period, today)
        known = _payloads(tx, [SCHOOL], [Kind.PUPIL, Kind.SCHOOL_CLASS])
        people = sorted((_person(row) for row in known[Kind.PUPIL] if row["class"] == name), key=_by_name)
        rows = _payloads(tx, [owner_class(name)], _OF_CLASS)
        for kind, found in _payloads(tx, [owner_pupil(one.pupil) for one in people], _OF_PUPILS).items():
            rows[kind] = [*rows.get(kind, []), *found]
        return ClassRecords(
            self.title,
            next(row for row in known[Kind.SCHOOL_CLASS] if row["name"] == name),
            wanted,
            today,
            tuple(people),
            {kind: _within(kind, found, wanted) for kind, found in rows.items()},
            _studied(rows[Kind.FORECAST], wanted["school_year"]),
            tuple(_concluding(rows[Kind.FINAL_MARK], periods, wanted)),
        )


def _payloads(tx: Transaction, owners: list[str], kinds: Iterable[Kind]) -> dict[Kind, list[Any]]:
    found: dict[Kind, list[Any]] = {kind: [] for kind in kinds}
    for row in tx.records.held_of(owners, found):
        found[row.kind].append(orjson.loads(row.payload))
    return found


def _person(row: Any) -> Person:
    return Person(row["pupil"], row["last_name"], row["first_name"], row["middle_name"])


def _by_name(person: Person) -> tuple[str, str]:
    return fold(person.full), person.pupil


def _moment(row: Any) -> tuple[str, int, str]:
    return row["date"], row.get("number") or 0, row.get("subject") or ""


def _within(kind: Kind, rows: list[Any], period: Any) -> list[Any]:
    """Leave out what belongs to another period."""
    if kind in {Kind.MARK, Kind.ABSENCE, Kind.RECOMMENDATION}:
        return sorted((row for row in rows if lies_in(row, period)), key=_moment)
    if kind in {Kind.FINAL_MARK, Kind.FINAL_STATE, Kind.FORECAST, Kind.LESSON_STATISTICS}:
        wanted = period["school_year"], period["period"]
        return [row for row in rows if (row["school_year"], row["period"]) == wanted]
    return rows


def _concluding(finals: list[Any], periods: list[Any], wanted: Any) -> Iterator[tuple[str, Any]]:
    beside = [one for one in periods if one["school_year"] == wanted["school_year"] and one is not wanted]
    for period in sorted(beside, key=lambda one: (list(PeriodSort).index(sort_of(one)), one["period"])):
        if sort_of(period) is not PeriodSort.PART:
            yield from ((period["title"], row) for row in _within(Kind.FINAL_MARK, finals, period))


def _studied(forecasts: list[Any], year: int) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for row in forecasts:
        if row["school_year"] == year:
            found.setdefault(row["pupil"], set()).add(row["subject"])
    return {pupil: frozenset(subjects) for pupil, subjects in found.items()}
