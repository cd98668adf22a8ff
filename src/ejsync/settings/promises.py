"""What is promised to families: how long a change may take from the moment it was seen to the diary's answer."""

from datetime import timedelta

from pydantic import Field

from ejsync.domain.records import Feed
from ejsync.settings.polling import Section

_DAY_MINUTES = 1440.0
_WEEK_MINUTES = 10_080


class Promises(Section):
    """Minutes within which changes of a feed reach every diary; what waits for approval or consent is not counted."""

    roster_minutes: float = Field(
        default=_DAY_MINUTES, gt=0, le=_WEEK_MINUTES, description="Classes, pupils and teachers."
    )
    periods_minutes: float = Field(default=_DAY_MINUTES, gt=0, le=_WEEK_MINUTES, description="Terms and holidays.")
    timetable_minutes: float = Field(default=60, gt=0, le=_WEEK_MINUTES, description="Lessons and school days.")
    substitutions_minutes: float = Field(default=60, gt=0, le=_WEEK_MINUTES, description="Lesson changes.")
    diary_minutes: float = Field(default=_DAY_MINUTES, gt=0, le=_WEEK_MINUTES, description="Control works ahead.")
    homework_minutes: float = Field(default=60, gt=0, le=_WEEK_MINUTES, description="Homework.")
    marks_minutes: float = Field(default=60, gt=0, le=_WEEK_MINUTES, description="Marks and absences.")
    finals_minutes: float = Field(
        default=_DAY_MINUTES, gt=0, le=_DAY_MINUTES, description="Final marks: a day at most, by law."
    )
    derived_minutes: float = Field(
        default=_DAY_MINUTES, gt=0, le=_DAY_MINUTES, description="What follows from all that is read: a day at most."
    )

    def within(self) -> dict[Feed, timedelta]:
        """Return for every feed how long a change may take."""
        return {feed: timedelta(minutes=getattr(self, f"{feed.value}_minutes")) for feed in Feed}
