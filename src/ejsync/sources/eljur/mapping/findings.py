"""What a reader gathers from one page: records, what was passed over, and what the page spoke about."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from operator import itemgetter
from typing import Any

from ejsync.domain.fingerprints import canonical
from ejsync.domain.records import Kind, Record, owner_pupil
from ejsync.domain.windows import Coverage, Days, Page, Reading, Roster
from ejsync.sources.eljur.mapping.tidy import Json, as_object, folded, identity, keyed, school_day

_Spoken = tuple[frozenset[Kind], bool, tuple[Days | None, ...]]
"""What the page says of an owner: these kinds, believably or not, over these days."""


class Findings:
    """Gathers while a page is read; `reading` draws the sum.

    What is passed over is counted by reason: `foreign_pupil` (not asked for), `silent_pupil` (asked for, not
    answered), `outside_window` (a day not asked for), `empty_day` (listed without any structure), `duplicate` (the
    same row again), `collision` (another row under the same key, told apart), `phantom` (a mark without a value),
    `unplaced` (a row whose place nobody can read), and what single readers add to these.

    Silence concludes nothing: whoever was asked for and is absent is covered without belief, and where an answer
    lists days, only the listed ones are covered. An unplaced row may be any of its owner's: nothing is covered then.

    Args:
        page: what is read; its window says what was asked for.
        roster: who is in which class, as last read.
    """

    def __init__(self, page: Page, roster: Roster) -> None:
        self.window = page.window
        self.roster = roster
        self.day = page.day
        self.result = as_object(page.payload)
        self.passed_over: Counter[str] = Counter()
        self._records: list[Record] = []
        self._spoken: dict[str, _Spoken] = {}
        self._unplaced: set[str] = set()
        days = page.window.days
        self._first, self._last = (days.first, days.last) if days else (date.min, date.max)

    @property
    def school_class(self) -> str:
        """Return the class the window is about."""
        return self.window.classes[0] if self.window.classes else ""

    def add(self, record: Record, *, placed: bool = True) -> None:
        """Note a record, and whether its key could be read: else what seems to be missing of its owner may be it."""
        self._records.append(record)
        if not placed:
            self._unplaced.add(record.owner)
            self.passed_over["unplaced"] += 1

    def cover(self, owner: str, kinds: frozenset[Kind], *, believable: bool, days: Days | None = None) -> None:
        """Note that the page speaks completely about these kinds of an owner, over these days or the whole window."""
        self._spoken[owner] = (kinds, believable, (days or self.window.days,))

    def cover_listed(self, owner: str, kinds: frozenset[Kind], holder: Json) -> None:
        """Note that the page speaks about the days it lists; where it lists none, the owner is covered in doubt.

        What stands under days that nobody can read may be of any day: beside it not even doubt is fair.
        """
        found = {school_day(key)[0] for key, held in keyed(holder.get("days")) if held}
        spans = tuple(_spans(sorted(day for day in found if day and self._first <= day <= self._last)))
        doubt = () if None in found else (self.window.days,)
        self._spoken[owner] = (kinds, bool(spans), spans or doubt)

    def cover_told(self, owner: str, kinds: frozenset[Kind], holder: Json) -> None:
        """Cover the whole window, with belief if the answer lists any usable day of it."""
        told = any(held and self._inside(school_day(key)[0]) for key, held in keyed(holder.get("days")))
        self.cover(owner, kinds, believable=told)

    def _inside(self, day: date | None) -> bool:
        return day is not None and self._first <= day <= self._last

    def within(self, day: date | None) -> bool:
        """Tell whether a day was asked for, and count it if not; a day nobody can read goes on to the contract."""
        if day is None or self._first <= day <= self._last:
            return True
        self.passed_over["outside_window"] += 1
        return False

    def pupils(self) -> Iterator[tuple[str, Json]]:
        """Yield the pupils who were asked for; others, whom ElJur sends for an unknown id, are dropped and counted.

        So is whoever stands under one id and is named by another.
        """
        asked, seen = set(self.window.pupils), 0
        for pupil, student in keyed(self.result.get("students")):
            seen += 1
            if pupil in asked and identity(student.get("name")) in (None, pupil):
                asked.discard(pupil)
                yield pupil, student
            else:
                self.passed_over["foreign_pupil"] += 1
        if seen and asked:
            self.passed_over["silent_pupil"] += len(asked)

    def doubt_silence(self, owners: tuple[str, ...], kinds: frozenset[Kind]) -> None:
        """Cover owners without belief, until the answer speaks about them (fact sheet, section 5, item 5)."""
        for owner in owners:
            self.cover(owner, kinds, believable=False)

    def asked_owners(self) -> tuple[str, ...]:
        """Return the owners of the pupils asked for."""
        return tuple(map(owner_pupil, self.window.pupils))

    def days(self, holder: Json) -> Iterator[tuple[date | None, str, Json]]:
        """Yield the days of the window that an answer lists: the day, its spelling, what it holds."""
        for key, held in keyed(holder.get("days")):
            day, spelled = school_day(key)
            if not held:
                self.passed_over["empty_day"] += 1
            elif self.within(day):
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
        written = sorted(((canonical(record.data), record) for record in same), key=itemgetter(0))
        # Rows that differ in `ё` alone are one: the last, which has it, stays.
        distinct = {folded(text.decode()): (text, record) for text, record in written}
        ordered = sorted(distinct.values(), key=lambda pair: (_order(pair[1].data), pair[0]))
        self.passed_over["duplicate"] += len(same) - len(ordered)
        self.passed_over["collision"] += len(ordered) - 1
        return [_with_suffix(record, place) for place, (_, record) in enumerate(ordered, 1)]

    def _coverages(self) -> Iterator[Coverage]:
        alike: defaultdict[_Spoken, list[str]] = defaultdict(list)
        for owner, spoken in self._spoken.items():
            if owner in self._unplaced:
                continue
            alike[spoken].append(owner)
        for (kinds, believable, spans), owners in alike.items():
            for days in spans:
                yield Coverage(kinds, tuple(owners), days, believable)


def _spans(days: Iterable[date]) -> Iterator[Days]:
    """Join adjacent days, given in order."""
    open_span: Days | None = None
    for day in days:
        if open_span and day == open_span.last + timedelta(days=1):
            open_span = Days(open_span.first, day)
            continue
        if open_span:
            yield open_span
        open_span = Days(day, day)
    if open_span:
        yield open_span


def _order(data: Mapping[str, Any]) -> tuple[str, str]:
    subject, teacher = (folded(str(data.get(name) or "")) or "" for name in ("subject", "teacher"))
    return subject, teacher


def _with_suffix(record: Record, place: int) -> Record:
    if place == 1:
        return record
    return Record(record.kind, f"{record.key}~{place}", record.owner, record.pupil, record.day, record.data)
