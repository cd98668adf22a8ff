"""How often each feed is read, and which school days are read how often.

Three heats: *hot*, a few days around today, in every cycle; *warm*, the current period, some times a day; *cold*, the
school year, once after each night's beginning. Days missed while nothing could be read come before all of them.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, PlainValidator
from pydantic_core import PydanticCustomError

from ejsync.domain.quiet import QuietHours
from ejsync.domain.reads import Demand, Sweep
from ejsync.domain.records import Feed
from ejsync.domain.windows import Days, Heat, school_year_start

SCHOOL_YEAR: Literal["school_year"] = "school_year"
_LONGEST_DAYS = 400
_PERIOD = timedelta(days=63)
"""The length of a usual study period, for the time in which none is known."""


class Section(BaseModel):
    """A part of the settings: frozen, and a key it does not know is a fault."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _days_back(value: object) -> int | Literal["school_year"]:
    if value == SCHOOL_YEAR:
        return SCHOOL_YEAR
    text = "" if isinstance(value, bool) else str(value)
    if not (text.isascii() and text.isdigit() and int(text) <= _LONGEST_DAYS):
        raise PydanticCustomError("days_back", "neither days nor a school year")
    return int(text)


DaysBack = Annotated[int | Literal["school_year"], PlainValidator(_days_back)]


def _clock_time(value: object) -> time:
    try:
        return value if isinstance(value, time) else time.fromisoformat(str(value))
    except ValueError:
        raise PydanticCustomError("clock_time", "no time of day") from None


ClockTime = Annotated[time, PlainValidator(_clock_time), PlainSerializer(str)]


def _quiet(value: object) -> QuietHours:
    try:
        return value if isinstance(value, QuietHours) else QuietHours.parse(str(value))
    except ValueError:
        raise PydanticCustomError("quiet_hours", "no hours") from None


Quiet = Annotated[QuietHours, PlainValidator(_quiet), PlainSerializer(str)]


@dataclass(frozen=True, slots=True)
class Moment:
    """When a cycle begins, as a school sees it.

    Attributes:
        period_first: first day of the study period that today lies in; None where no period is known.
        patience: how long a read stays good enough for a demand of every cycle; none for who asks by hand.
    """

    now: datetime
    zone: ZoneInfo
    period_first: date | None = None
    patience: timedelta = timedelta(0)

    @property
    def today(self) -> date:
        """Return the school's date."""
        return self.now.astimezone(self.zone).date()

    def last(self, at: time) -> datetime:
        """Return the last instant at which the school's clock showed a time."""
        local = datetime.combine(self.today, at, self.zone)
        return local if local <= self.now else datetime.combine(self.today - timedelta(days=1), at, self.zone)


class FeedRule(Section):
    """When a feed without days is read."""

    enabled: bool = Field(default=True, description="Whether the feed is read at all.")
    every_minutes: float = Field(gt=0, le=10_080, description="Minutes between two reads.")

    def demands(self, sweep: Sweep, moment: Moment, night: time) -> tuple[Demand, ...]:
        """Return what a cycle asks for: without days there is but one heat."""
        del night
        hot = (Demand(Heat.HOT, None, moment.now - moment.patience),)
        return hot if sweep is not Sweep.LATER else ()


class DatedRule(FeedRule):
    """When a feed is read, and which days."""

    days_back: DaysBack = Field(
        description="Days before today that each read covers, or school_year for all since 1 Sep."
    )
    days_ahead: int = Field(ge=0, le=_LONGEST_DAYS, description="Days after today that each read covers.")
    period_every_hours: float = Field(
        default=6, gt=0, le=168, description="Hours between two reads of the current study period."
    )

    def days(self, today: date) -> Days:
        """Return the hot days; `today` is a date in the school's own zone."""
        back = self.days_back
        first = school_year_start(today) if back == SCHOOL_YEAR else today - timedelta(days=back)
        return Days(first, today + timedelta(days=self.days_ahead))

    def demands(self, sweep: Sweep, moment: Moment, night: time) -> tuple[Demand, ...]:
        """Return what a cycle asks for, the most urgent first; days already asked for are not asked for twice."""
        hot, year = self.days(moment.today), school_year_start(moment.today)
        now = (
            Demand(Heat.MISSED, Days(year, hot.first - timedelta(days=1)), None),
            Demand(Heat.HOT, hot, moment.now - moment.patience),
        )
        period = max(moment.period_first or moment.today - _PERIOD, year)
        later = (
            Demand(Heat.WARM, Days(period, hot.last), moment.now - timedelta(hours=self.period_every_hours)),
            Demand(Heat.COLD, Days(year, hot.last), moment.last(night)),
        )
        return {Sweep.NOW: now, Sweep.LATER: later, Sweep.ALL: now + later}[sweep]


class RosterRule(FeedRule):
    """Classes, pupils and teachers."""

    every_minutes: float = Field(default=720, gt=0, le=10_080, description="Minutes between two reads.")


class PeriodsRule(FeedRule):
    """Terms and holidays."""

    every_minutes: float = Field(default=720, gt=0, le=10_080, description="Minutes between two reads.")


class TimetableRule(DatedRule):
    """Lessons and school days."""

    every_minutes: float = Field(default=30, gt=0, le=10_080, description="Minutes between two reads.")
    days_back: DaysBack = Field(default=1, description="Days before today that each read covers, or school_year.")
    days_ahead: int = Field(default=12, ge=0, le=_LONGEST_DAYS, description="Days after today that each read covers.")


class SubstitutionsRule(FeedRule):
    """Lessons that stand in for others: one request for each class and day."""

    every_minutes: float = Field(default=60, gt=0, le=10_080, description="Minutes between two reads.")
    days_ahead: int = Field(default=1, ge=0, le=14, description="Days after today that each read covers.")

    def demands(self, sweep: Sweep, moment: Moment, night: time) -> tuple[Demand, ...]:
        """Return what a cycle asks for: today and what is ahead, nothing of the past."""
        del night
        days = Days(moment.today, moment.today + timedelta(days=self.days_ahead))
        return (Demand(Heat.HOT, days, moment.now - moment.patience),) if sweep is not Sweep.LATER else ()


class DiaryRule(DatedRule):
    """What the diary adds: control works ahead and lessons of a pupil alone."""

    every_minutes: float = Field(default=60, gt=0, le=10_080, description="Minutes between two reads.")
    days_back: DaysBack = Field(default=1, description="Days before today that each read covers, or school_year.")
    days_ahead: int = Field(default=12, ge=0, le=_LONGEST_DAYS, description="Days after today that each read covers.")
    period_every_hours: float = Field(
        default=24, gt=0, le=168, description="Hours between two reads of the current study period."
    )


class HomeworkRule(DatedRule):
    """Homework."""

    every_minutes: float = Field(default=15, gt=0, le=10_080, description="Minutes between two reads.")
    days_back: DaysBack = Field(default=3, description="Days before today that each read covers, or school_year.")
    days_ahead: int = Field(default=10, ge=0, le=_LONGEST_DAYS, description="Days after today that each read covers.")


class MarksRule(DatedRule):
    """Marks and absences."""

    every_minutes: float = Field(default=10, gt=0, le=10_080, description="Minutes between two reads.")
    days_back: DaysBack = Field(
        default=14, description="Days before today that each read covers, or school_year for all since 1 Sep."
    )
    days_ahead: int = Field(default=0, ge=0, le=_LONGEST_DAYS, description="Days after today that each read covers.")
    period_every_hours: float = Field(
        default=2, gt=0, le=168, description="Hours between two reads of the current study period."
    )


class FinalsRule(FeedRule):
    """Final marks of the terms and the year."""

    every_minutes: float = Field(default=60, gt=0, le=10_080, description="Minutes between two reads.")


class DerivedRule(FeedRule):
    """What follows from all that is read: forecasts, statistics, states of final marks, recommendations."""

    every_minutes: float = Field(default=15, gt=0, le=10_080, description="Minutes between two looks.")


class Feeds(Section):
    """All feeds; each is polled on its own schedule."""

    night_begins: ClockTime = Field(
        default=time(1, 0), description="School time after which the whole school year is read once more."
    )
    quiet_hours: Quiet = Field(
        default=QuietHours(), description="School hours in which nothing is read, e.g. 22:30-05:30; empty for none."
    )
    roster: RosterRule = Field(default=RosterRule(), description="Classes, pupils and teachers.")
    periods: PeriodsRule = Field(default=PeriodsRule(), description="Terms and holidays.")
    timetable: TimetableRule = Field(default=TimetableRule(), description="Lessons and school days.")
    substitutions: SubstitutionsRule = Field(default=SubstitutionsRule(), description="Replaced lessons.")
    diary: DiaryRule = Field(default=DiaryRule(), description="Control works ahead, lessons of a pupil alone.")
    homework: HomeworkRule = Field(default=HomeworkRule(), description="Homework.")
    marks: MarksRule = Field(default=MarksRule(), description="Marks and absences.")
    finals: FinalsRule = Field(default=FinalsRule(), description="Final marks of the terms and the year.")
    derived: DerivedRule = Field(default=DerivedRule(), description="What follows from all that is read.")

    def of(self, feed: Feed) -> FeedRule:
        """Return the rule of a feed."""
        rule: FeedRule = getattr(self, feed.value)
        return rule
