"""Kinds, feeds and the record: one canonical fact under a stable key.

How keys are made (ids and school words only, never a person's name):

============  ==========================================  =======================
kind          key                                         owner
============  ==========================================  =======================
school_class  class                                       school
teacher       ElJur user id                               school
pupil         ElJur user id                               school
period        class/period                                class
calendar_day  class/date                                  class
lesson        class/date/number/group                     class
homework      class/date/subject/group/index              class
              or pupil:id/date/subject/group/index        pupil (individual)
mark          pupil/lesson_id/date/column                 pupil
absence       pupil/lesson_id/date/column                 pupil
final_mark    pupil/subject/period                        pupil
============  ==========================================  =======================
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What a record is about; each has its contract in `contracts/ed/v1`."""

    PERIOD = "period"
    SCHOOL_CLASS = "school_class"
    TEACHER = "teacher"
    PUPIL = "pupil"
    CALENDAR_DAY = "calendar_day"
    LESSON = "lesson"
    HOMEWORK = "homework"
    MARK = "mark"
    ABSENCE = "absence"
    FINAL_MARK = "final_mark"


RANK = {kind: position for position, kind in enumerate(Kind)}
"""Parents go first: the order of `Kind` itself; retractions go in reverse."""


class Feed(StrEnum):
    """One thing that is polled on its own schedule, in the order a first cycle needs them."""

    ROSTER = "roster"
    PERIODS = "periods"
    TIMETABLE = "timetable"
    HOMEWORK = "homework"
    MARKS = "marks"
    FINALS = "finals"


SCHOOL = "school"


def owner_class(name: str) -> str:
    """Return the owner of what belongs to a class."""
    return f"class:{name}"


def owner_pupil(pupil: str) -> str:
    """Return the owner of what belongs to a pupil."""
    return f"pupil:{pupil}"


@dataclass(frozen=True, slots=True)
class Record:
    """One fact as a source told it.

    Attributes:
        kind: what it is about.
        key: stable within school and kind.
        owner: `school`, `class:NAME` or `pupil:ID`; windows are read and compared by owner.
        pupil: the ElJur id of the pupil whose consent it needs; None when it is nobody's personal result.
        day: the school day it belongs to; None when it has none.
        data: the payload, shaped by the contract of its kind.
    """

    kind: Kind
    key: str
    owner: str
    pupil: str | None
    day: date | None
    data: Mapping[str, Any]
