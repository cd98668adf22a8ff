"""Kinds, feeds and the record: one canonical fact under a stable key.

How keys are made (ids and school words only, never a person's name; in subjects and groups `ё` is written `е`):

=================  =========================================  =======================
kind               key                                        owner
=================  =========================================  =======================
school_class       class                                      school
teacher            ElJur user id                              school
pupil              ElJur user id                              school
contact            pupil/whose/way                            pupil
period             class/school_year/period                   class
calendar_day       class/date                                 class
lesson             class/date/number/group                    class
                   or pupil:id/date/number/group              pupil (his alone)
                   or pupil:id/date/-/group/start             pupil (after school)
lesson_change      that of its lesson                         class
class_teacher      class/subject/group                        class
control_work       pupil/date/number/lesson_id                pupil
homework           class/date/subject/group/index             class
                   or pupil:id/date/subject/group/index       pupil (individual)
mark               pupil/lesson_id/date/column                pupil
absence            pupil/lesson_id/date/column                pupil
final_mark         pupil/school_year/subject/period           pupil
final_state        pupil/school_year/subject/period           pupil
recommendation     mark/key of its mark                       pupil
                   or lesson/class/lesson_id/date/number      class (on a lesson)
                   or office/its key in the office's sheet    pupil or class
forecast           pupil/school_year/subject/period           pupil
lesson_statistics  class/school_year/subject/period           class
=================  =========================================  =======================

What happens to a key when the school changes what it is made of stands in `docs/identity.md`.
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
    CONTACT = "contact"
    CALENDAR_DAY = "calendar_day"
    LESSON = "lesson"
    LESSON_CHANGE = "lesson_change"
    CLASS_TEACHER = "class_teacher"
    CONTROL_WORK = "control_work"
    HOMEWORK = "homework"
    MARK = "mark"
    ABSENCE = "absence"
    FINAL_MARK = "final_mark"
    FINAL_STATE = "final_state"
    RECOMMENDATION = "recommendation"
    FORECAST = "forecast"
    LESSON_STATISTICS = "lesson_statistics"


FINAL_RESULTS = frozenset({Kind.FINAL_MARK, Kind.FINAL_STATE})
"""Kinds that families are owed within 24 hours."""

RANK = {kind: position for position, kind in enumerate(Kind)}
"""Parents go first: the order of `Kind` itself; retractions go in reverse."""


class Feed(StrEnum):
    """One thing that is polled on its own schedule, in the order a first cycle needs them."""

    ROSTER = "roster"
    PERIODS = "periods"
    TIMETABLE = "timetable"
    SUBSTITUTIONS = "substitutions"
    DIARY = "diary"
    HOMEWORK = "homework"
    MARKS = "marks"
    FINALS = "finals"
    DERIVED = "derived"


ASKED = tuple(feed for feed in Feed if feed is not Feed.DERIVED)
"""Feeds that ask the journal; what is derived follows from what is known already."""

UNDATED = frozenset({Feed.ROSTER, Feed.PERIODS, Feed.FINALS, Feed.DERIVED})
"""Feeds that are read whole: nothing in them is asked for by days."""

FEED_OF = {
    Kind.SCHOOL_CLASS: Feed.ROSTER,
    Kind.TEACHER: Feed.ROSTER,
    Kind.PUPIL: Feed.ROSTER,
    Kind.PERIOD: Feed.PERIODS,
    Kind.CALENDAR_DAY: Feed.TIMETABLE,
    Kind.LESSON: Feed.TIMETABLE,
    Kind.LESSON_CHANGE: Feed.SUBSTITUTIONS,
    Kind.CONTROL_WORK: Feed.DIARY,
    Kind.HOMEWORK: Feed.HOMEWORK,
    Kind.MARK: Feed.MARKS,
    Kind.ABSENCE: Feed.MARKS,
    Kind.FINAL_MARK: Feed.FINALS,
} | dict.fromkeys(
    (
        Kind.CONTACT,
        Kind.CLASS_TEACHER,
        Kind.FINAL_STATE,
        Kind.RECOMMENDATION,
        Kind.FORECAST,
        Kind.LESSON_STATISTICS,
    ),
    Feed.DERIVED,
)
"""The feed whose promise a kind is under, where several bring it (lessons: the diary too; changes: the timetable)."""

SCHOOL = "school"


def unaccented(name: str) -> str:
    """Return a name as keys write it: `ё` is written `е` at will, so a key cannot tell them apart."""
    return name.replace("ё", "е").replace("Ё", "Е")


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
        pupil: whose consent it needs, by ElJur id (a contact: with the scope behind it, `domain/consent.py`); None when
            it is nobody's personal result.
        day: the school day it belongs to; None when it has none.
        data: the payload, shaped by the contract of its kind.
    """

    kind: Kind
    key: str
    owner: str
    pupil: str | None
    day: date | None
    data: Mapping[str, Any]
