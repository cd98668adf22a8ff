"""The account of lessons: what of a subject was held, replaced, cancelled and is to come, against the curriculum.

Every lesson that the timetable of a class holds, or held before it was lost, is counted once, by group:

* lost (`cancelled`): it is cancelled, or another subject stands in its place (`lesson_change`);
* `held`: it stands in the timetable on a day up to and with `as_of`; `to_come`: it stands on a later day;
* `in_timetable` = held + cancelled + to_come;
* `replaced`: so many of those held were given by another teacher than planned, or in place of another subject.

A moved lesson is counted on the day it went to. A lesson of a single pupil belongs to nobody else's account. The
curriculum's hours are lessons; a row without a group is meant for each group.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from ejsync.domain.derived_payloads import LessonAccount
from ejsync.domain.lesson_changes import How
from ejsync.domain.office import Curriculum
from ejsync.domain.payloads import ControlWork, Held, Lesson, LessonChange, Period, SchoolClass
from ejsync.domain.school_days import is_called, lies_in

Place = tuple[str, int | None, str | None]
"""Day, number in it, group."""


@dataclass(frozen=True, slots=True)
class Taught:
    """A subject of a class in a period, looked at on a school day."""

    subject: str
    school_class: SchoolClass
    period: Period
    as_of: date

    def of(self, rows: Iterable[Any]) -> list[Any]:
        """Return the payloads of this subject that lie in the period."""
        return [row for row in rows if row["subject"] == self.subject and lies_in(row, self.period)]


@dataclass(frozen=True, slots=True)
class Lessons:
    """What is known of the lessons of one class; other subjects, other days and single pupils' lessons are left out."""

    lessons: Sequence[Lesson] = ()
    changes: Sequence[LessonChange] = ()
    control_works: Sequence[ControlWork] = ()
    curriculum: Sequence[Curriculum] = ()


def place_of(row: Any) -> Place:
    """Return where a lesson, a lesson change or a control work stands in the timetable of its class."""
    return row["date"], row["number"], row["group"]


def is_substitution(before: Held | None, after: Held) -> bool:
    """Tell whether somebody else teaches or something else is taught; a plan that was never seen was another one."""
    if before is None or before["subject"] != after["subject"]:
        return True
    if before["teacher_id"] and after["teacher_id"]:
        return before["teacher_id"] != after["teacher_id"]
    return before["teacher"] != after["teacher"]


@dataclass(frozen=True, slots=True)
class _Places:
    """Where the lessons of a subject stand; those of two rows under one place are two lessons."""

    standing: list[Place]
    lost: set[Place]
    substituted: set[Place]
    works: set[Place]
    plans: Mapping[str | None, Curriculum]

    def groups(self) -> list[str | None]:
        """Return the groups that have lessons or a plan, the whole class first; the class itself if nothing has."""
        seen = {place[2] for place in (*self.standing, *self.lost, *self.works)} | (self.plans.keys() - {None})
        return sorted(seen or {None}, key=lambda name: name or "")


def lesson_accounts(taught: Taught, known: Lessons) -> list[LessonAccount]:
    """Return the account of each group of a class that has the subject, the whole class first."""
    rows = [row for row in taught.of(known.lessons) if row["pupil"] is None]
    places = _Places(
        [place_of(row) for row in rows if not row["cancelled"]],
        _lost(taught, [row for row in rows if row["cancelled"]], known.changes),
        {place_of(row) for row in known.changes if row["after"] and is_substitution(row["before"], row["after"])},
        {place_of(row) for row in taught.of(known.control_works)},
        _plans(taught, known.curriculum),
    )
    return [_account(group, places, taught.as_of.isoformat()) for group in places.groups()]


def _account(group: str | None, places: _Places, today: str) -> LessonAccount:
    standing = [place for place in places.standing if place[2] == group]
    held = [place for place in standing if place[0] <= today]
    lost = sum(place[2] == group for place in places.lost)
    plan = places.plans.get(group, places.plans.get(None))
    return {
        "group": group,
        "planned_hours": plan and plan["hours"],
        "in_timetable": len(standing) + lost,
        "held": len(held),
        "replaced": sum(place in places.substituted for place in held),
        "cancelled": lost,
        "to_come": len(standing) - len(held),
        "control_works": sum(place[2] == group for place in places.works),
        "planned_control_works": plan and plan["control_works"],
    }


def _lost(taught: Taught, cancelled: Iterable[Lesson], changes: Iterable[LessonChange]) -> set[Place]:
    """Return the places of what was planned and is not held; a moved lesson stands elsewhere and is not lost."""
    within = [row for row in changes if lies_in(row, taught.period)]
    moved = {place_of(row) for row in within if row["change"] == How.MOVED}
    lost = {place_of(row) for row in within if _subject(row["before"]) == taught.subject != _subject(row["after"])}
    return lost | ({place_of(row) for row in cancelled} - moved)


def _subject(held: Held | None) -> str | None:
    return held and held["subject"]


def _plans(taught: Taught, curriculum: Iterable[Curriculum]) -> dict[str | None, Curriculum]:
    """Return what is planned, by group."""
    wanted = taught.school_class["name"], taught.subject, taught.period["school_year"]
    return {
        row["group"]: row
        for row in curriculum
        if (row["class"], row["subject"], row["school_year"]) == wanted and is_called(taught.period, row["period"])
    }
