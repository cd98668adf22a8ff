"""How often each feed is read, and which school days one read covers."""

from datetime import date, timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainValidator
from pydantic_core import PydanticCustomError

from ejsync.domain.records import Feed
from ejsync.domain.windows import Days, school_year_start

SCHOOL_YEAR: Literal["school_year"] = "school_year"
_LONGEST_DAYS = 400


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


class FeedRule(Section):
    """When a feed without days is read."""

    enabled: bool = Field(default=True, description="Whether the feed is read at all.")
    every_minutes: float = Field(gt=0, le=10_080, description="Minutes between two reads.")

    def days(self, today: date) -> Days:
        """Return the school days of one read: for a feed without days of its own, the school year so far."""
        return Days(school_year_start(today), today)


class DatedRule(FeedRule):
    """When a feed is read, and which days."""

    days_back: DaysBack = Field(
        description="Days before today that each read covers, or school_year for all since 1 Sep."
    )
    days_ahead: int = Field(ge=0, le=_LONGEST_DAYS, description="Days after today that each read covers.")

    def days(self, today: date) -> Days:
        """Return the school days of one read; `today` is a date in the school's own zone."""
        back = self.days_back
        first = school_year_start(today) if back == SCHOOL_YEAR else today - timedelta(days=back)
        return Days(first, today + timedelta(days=self.days_ahead))


class RosterRule(FeedRule):
    """Classes, pupils and teachers."""

    every_minutes: float = Field(default=720, gt=0, le=10_080, description="Minutes between two reads.")


class PeriodsRule(FeedRule):
    """Terms and holidays."""

    every_minutes: float = Field(default=720, gt=0, le=10_080, description="Minutes between two reads.")


class TimetableRule(DatedRule):
    """Lessons and school days."""

    every_minutes: float = Field(default=30, gt=0, le=10_080, description="Minutes between two reads.")
    days_back: DaysBack = Field(default=14, description="Days before today that each read covers, or school_year.")
    days_ahead: int = Field(default=14, ge=0, le=_LONGEST_DAYS, description="Days after today that each read covers.")


class HomeworkRule(DatedRule):
    """Homework."""

    every_minutes: float = Field(default=15, gt=0, le=10_080, description="Minutes between two reads.")
    days_back: DaysBack = Field(default=14, description="Days before today that each read covers, or school_year.")
    days_ahead: int = Field(default=14, ge=0, le=_LONGEST_DAYS, description="Days after today that each read covers.")


class MarksRule(DatedRule):
    """Marks and absences: teachers mend old ones, so the whole school year is read."""

    every_minutes: float = Field(default=10, gt=0, le=10_080, description="Minutes between two reads.")
    days_back: DaysBack = Field(
        default=SCHOOL_YEAR, description="Days before today, or school_year for all since 1 Sep."
    )
    days_ahead: int = Field(default=0, ge=0, le=_LONGEST_DAYS, description="Days after today that each read covers.")


class FinalsRule(FeedRule):
    """Final marks of the terms and the year."""

    every_minutes: float = Field(default=60, gt=0, le=10_080, description="Minutes between two reads.")


class Feeds(Section):
    """All feeds; each is polled on its own schedule."""

    roster: RosterRule = Field(default=RosterRule(), description="Classes, pupils and teachers.")
    periods: PeriodsRule = Field(default=PeriodsRule(), description="Terms and holidays.")
    timetable: TimetableRule = Field(default=TimetableRule(), description="Lessons and school days.")
    homework: HomeworkRule = Field(default=HomeworkRule(), description="Homework.")
    marks: MarksRule = Field(default=MarksRule(), description="Marks and absences.")
    finals: FinalsRule = Field(default=FinalsRule(), description="Final marks of the terms and the year.")

    def of(self, feed: Feed) -> FeedRule:
        """Return the rule of a feed."""
        rule: FeedRule = getattr(self, feed.value)
        return rule
