"""What a reader gathers from one page: records, what was passed over, and what the page spoke about."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from ejsync.domain.fingerprints import canonical
from ejsync.domain.records import Kind, Record, owner_pupil
from ejsync.domain.windows import Coverage, Page, Reading, Roster
from ejsync.sources.eljur.mapping.tidy import Json, as_object, keyed, school_day


class Findings:
    """Gathers while a page is read; `reading` draws the sum.

    What is passed over is counted by reason: `foreign_pupil` (not asked for), `silent_pupil` (asked for, not
    answered), `outside_window` (a day not asked for), `duplicate` (the same row again), `collision` (another row
    under the same key, told apart), `phantom` (a mark without a value), and what single readers add to these.

    Args:
        page: what is read; its window says what was asked for.
        roster: who is in which class, as last read.
    """

    def __init__(self, page: Page, roster: Roster) -> None:
        self.window = page.window
        self.roster = roster
        self.result = as_object(page.payload)
        self.passed_over: Counter[str] = Counter()
        self._records: list[Record] = []
        self._kinds: dict[str, frozenset[Kind]] = {}
        self._believable: dict[str, bool] = {}
        days = page.window.days
        self._first, self._last = (days.first, days.last) if days else (date.min, date.max)

    @property
    def school_class(self) -> str:
        """Return the class the window is about."""
        return self.window.classes[0] if self.window.classes else ""

    def add(self, record: Record) -> None:
        """Note a record."""
        self._records.append(record)

    def cover(self, owner: str, kinds: frozenset[Kind], *, believable: bool) -> None:
        """Note that the page speaks completely about these kinds of an owner."""
        self._kinds[owner] = kinds
        self._believable[owner] = believable

    def within(self, day: date | None) -> bool:
        """Tell whether a day was asked for, and count it if not; a day nobody can read goes on to the contract."""
        if day is None or self._first <= day <= self._last:
            return True
        self.passed_over["outside_window"] += 1
        return False

    def pupils(self) -> Iterator[tuple[str, Json]]:
        """Yield the pupils who were asked for; others, whom ElJur sends for an unknown id, are dropped and counted."""
        asked, seen = set(self.window.pupils), 0
        for pupil, student in keyed(self.result.get("students")):
            seen += 1
            if pupil in asked:
                asked.discard(pupil)
                yield pupil, student
            else:
                self.passed_over["foreign_pupil"] += 1
        if seen and asked:
            self.passed_over["silent_pupil"] += len(asked)

    def doubt_silence(self, owners: tuple[str, ...], kinds: frozenset[Kind]) -> None:
        """Cover owners without belief if the answer holds no pupil at all (fact sheet, section 5, item 5)."""
        if not as_object(self.result.get("students")):
            for owner in owners:
                self.cover(owner, kinds, believable=False)

    def asked_owners(self) -> tuple[str, ...]:
        """Return the owners of the pupils asked for."""
        return tuple(map(owner_pupil, self.window.pupils))

    def days(self, holder: Json) -> Iterator[tuple[date | None, str, Json]]:
        """Yield the days of the window that an answer lists: the day, its spelling, what it holds."""
        for key, held in keyed(holder.get("days")):
            day, spelled = school_day(key)
            if self.within(day):
                yield day, spelled or "", held

    def reading(self) -> Reading:
        """Draw the sum: identical rows collapse, different rows under one key are told apart."""
        return Reading(tuple(self._told_apart()), tuple(self._coverages()), dict(+self.passed_over))

    def _told_apart(self) -> list[Record]:
        if len({(record.kind, record.key) for record in self._records}) == len(self._records):
            return self._records
        rows: defaultdict[tuple[Kind, str], list[Record]] = defaultdict(list)
        for record in self._records:
            rows[record.kind, record.key].append(record)
        return [record for same in rows.values() for record in (same if len(same) == 1 else self._numbered(same))]

    def _numbered(self, same: list[Record]) -> list[Record]:
        distinct = {canonical(record.data): record for record in same}
        ordered = sorted(distinct.items(), key=lambda pair: (_order(pair[1].data), pair[0]))
        self.passed_over["duplicate"] += len(same) - len(ordered)
        self.passed_over["collision"] += len(ordered) - 1
        return [_with_suffix(record, place) for place, (_, record) in enumerate(ordered, 1)]

    def _coverages(self) -> Iterator[Coverage]:
        alike: defaultdict[tuple[frozenset[Kind], bool], list[str]] = defaultdict(list)
        for owner, kinds in self._kinds.items():
            alike[kinds, self._believable[owner]].append(owner)
        for (kinds, believable), owners in alike.items():
            yield Coverage(kinds, tuple(owners), self.window.days, believable)


def _order(data: Mapping[str, Any]) -> tuple[str, str]:
    return str(data.get("subject") or ""), str(data.get("teacher") or "")


def _with_suffix(record: Record, place: int) -> Record:
    if place == 1:
        return record
    return Record(record.kind, f"{record.key}~{place}", record.owner, record.pupil, record.day, record.data)
