"""The invented school's year: its vacations, holidays, periods and bells around a given today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, cached_property

AUTUMN, WINTER, SPRING = "autumn", "winter", "spring"
HALF_YEAR_FROM = 10
EXAM_LEVELS = (9, 11)

_HOLIDAYS = {
    (11, 4): "День народного единства",
    (2, 23): "День защитника Отечества",
    (3, 8): "Международный женский день",
    (5, 1): "Праздник Весны и Труда",
    (5, 9): "День Победы",
}
_SEPTEMBER = 9
_SATURDAY = 5
_FIRST_BELL_MIN = 8 * 60 + 30
_LESSON_MIN = 40
_BREAKS_MIN = (10, 15, 20, 15, 10, 10, 10)
_WEEKDAYS = ("Понедельник", "Вторник", "Среда", "Четверг", "Пятница", "Суббота", "Воскресенье")


@dataclass(frozen=True, slots=True)
class Period:
    """A marking period of one class; an exam period has no dates, as ambiguous ones may in ElJur."""

    name: str
    fullname: str
    disabled: bool
    ambigious: bool
    start: date | None
    end: date | None


@dataclass(frozen=True)
class Term:
    """One school year, 1 September to 31 May, and the day that counts as today."""

    today: date

    @cached_property
    def first(self) -> date:
        """1 September of the year that today belongs to; the summer belongs to the year before it."""
        year = self.today.year if self.today.month >= _SEPTEMBER else self.today.year - 1
        return date(year, _SEPTEMBER, 1)

    @cached_property
    def last(self) -> date:
        """31 May."""
        return date(self.first.year + 1, 5, 31)

    @property
    def label(self) -> str:
        """The school year as people write it, `2026/2027`."""
        return f"{self.first.year}/{self.last.year}"

    @cached_property
    def vacations(self) -> dict[str, tuple[date, date]]:
        """First and last day of each vacation."""
        year = self.first.year
        autumn, spring = _monday_of(date(year, 10, 28)), _monday_of(date(year + 1, 3, 27))
        return {
            AUTUMN: (autumn, autumn + timedelta(days=6)),
            WINTER: (date(year, 12, 29), date(year + 1, 1, 9)),
            SPRING: (spring, spring + timedelta(days=6)),
        }

    @cached_property
    def weekdays(self) -> list[date]:
        """Every Monday to Friday of the year, vacations and holidays included: the days ElJur lists."""
        span = (self.last - self.first).days + 1
        days = (self.first + timedelta(days=offset) for offset in range(span))
        return [day for day in days if day.weekday() < _SATURDAY]

    @cached_property
    def school_days(self) -> list[date]:
        """The weekdays on which school is held."""
        return [day for day in self.weekdays if self.vacation(day) is None and holiday_name(day) is None]

    @cached_property
    def school_day_set(self) -> frozenset[date]:
        """The same days, to ask whether one is among them."""
        return frozenset(self.school_days)

    @cached_property
    def held_days(self) -> list[date]:
        """The school days up to and including today."""
        return [day for day in self.school_days if day <= self.today]

    def vacation(self, day: date) -> str | None:
        """The vacation that the day falls in, if any."""
        spans = self.vacations.items()
        return next((name for name, (start, end) in spans if start <= day <= end), None)

    def alert(self, day: date) -> str | None:
        """What ElJur would set as the day's `alert`."""
        # A holiday inside a vacation shows as the holiday, because only that one has a name.
        if holiday_name(day):
            return "holiday"
        if self.vacation(day):
            return "vacation"
        return "today" if day == self.today else None

    def periods(self, level: int) -> list[Period]:
        """The periods of a class of this level (1 to 11), the whole year last but for a disabled exam."""
        breaks = self.vacations
        # Periods leave vacations out: a quarter ends on the eve of one and the next begins after it.
        eves = {name: start - timedelta(days=1) for name, (start, _) in breaks.items()}
        mornings = {name: end + timedelta(days=1) for name, (_, end) in breaks.items()}
        if level >= HALF_YEAR_FROM:
            kind, fullname = "polugodie", "полугодие"
            spans = [(self.first, eves[WINTER]), (mornings[WINTER], self.last)]
        else:
            kind, fullname = "chetvert", "четверть"
            starts = [self.first, mornings[AUTUMN], mornings[WINTER], mornings[SPRING]]
            spans = list(zip(starts, [eves[AUTUMN], eves[WINTER], eves[SPRING], self.last], strict=True))
        dated = [
            Period(f"{kind}_{n}", f"{n} {fullname}", disabled=False, ambigious=False, start=start, end=end)
            for n, (start, end) in enumerate(spans, 1)
        ]
        year = Period("year", "Год", disabled=False, ambigious=False, start=self.first, end=self.last)
        exam = Period("exam", "Экзамен", disabled=True, ambigious=True, start=None, end=None)
        return [*dated, year, *([exam] if level in EXAM_LEVELS else [])]


def holiday_name(day: date) -> str | None:
    """The name of the public holiday on this day, if it is one."""
    return _HOLIDAYS.get((day.month, day.day))


def weekday_title(day: date) -> str:
    """The weekday's Russian name."""
    return _WEEKDAYS[day.weekday()]


@cache
def bell(num: int) -> tuple[str, str]:
    """Start and end of the lesson with this number (from 1) as `HH:MM:SS`."""
    start = _FIRST_BELL_MIN + (num - 1) * _LESSON_MIN + sum(_BREAKS_MIN[: num - 1])
    return _clock(start), _clock(start + _LESSON_MIN)


def weeks(start: date, end: date) -> list[tuple[date, date]]:
    """The weeks of a span, Monday to Sunday, cut at its ends."""
    found = []
    while start <= end:
        sunday = min(end, start + timedelta(days=6 - start.weekday()))
        found.append((start, sunday))
        start = sunday + timedelta(days=1)
    return found


def compact(day: date) -> str:
    """The day as ElJur's `YYYYMMDD`."""
    return day.isoformat().replace("-", "")


def _monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}:00"
