"""Lessons counted, who gives them and who has them, for the second opinion: by the written rules, from the timetable.

* Held is what stands in the timetable up to today, to come what stands later; lost is what was planned as this subject
  and is neither held here nor elsewhere; together they are what the timetable has.
* Replaced are those held that somebody else gives than was planned, or in place of another subject.
* Who teaches is who gave more than half as many lessons as the busiest in the last two weeks that have any.
* All have what is taught to the whole class; of what groups have, those do not who are seen in a rival at that hour.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, TypeAlias

from ejsync.sandbox.reckoning_terms import is_meant, within

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Json: TypeAlias = "dict[str, Any]"
Place: TypeAlias = tuple[str, Any, Any]

_WEEKS_THAT_TELL = 2


@dataclass(frozen=True, slots=True)
class _Places:
    """Where a subject stands in a period, where it was lost, where others give it, where control works are written."""

    standing: list[Place]
    lost: set[Place]
    strange: set[Place]
    works: set[Place]


def accounts(
    subject: str, term: Json, day: str, book: Mapping[str, Sequence[Json]], plan: Iterable[Json]
) -> list[Json]:
    """Return the account of each group that has a subject, the whole class first.

    Args:
        book: the lessons of the class, its `changes` and its pupils' control `works`.
        plan: the office's hours for this class.
    """
    lessons, works = ([row for row in book[name] if _is_of(row, subject, term)] for name in ("lessons", "works"))
    places = _Places(
        [_place(row) for row in lessons if not row["cancelled"]],
        _lost(subject, term, book["changes"]),
        {_place(row) for row in book["changes"] if is_given_by_another(row)},
        set(map(_place, works)),
    )
    year = [row for row in plan if row["subject"] == subject and row["school_year"] == term["school_year"]]
    hours = {row["group"]: row for row in year if is_meant(term, row["period"])}
    seen = {place[2] for place in (*places.standing, *places.lost, *places.works)} | (hours.keys() - {None})
    groups = sorted(seen or {None}, key=lambda name: name or "")
    return [_account(group, places, day, hours.get(group) or hours.get(None)) for group in groups]


def _account(group: str | None, places: _Places, day: str, hours: Json | None) -> Json:
    mine = [place for place in places.standing if place[2] == group]
    held = [place for place in mine if place[0] <= day]
    gone = sum(place[2] == group for place in places.lost)
    return {
        "group": group,
        "planned_hours": hours["hours"] if hours else None,
        "in_timetable": len(mine) + gone,
        "held": len(held),
        "replaced": sum(place in places.strange for place in held),
        "cancelled": gone,
        "to_come": sum(place[0] > day for place in mine),
        "control_works": sum(place[2] == group for place in places.works),
        "planned_control_works": hours["control_works"] if hours else None,
    }


def _is_of(row: Json, subject: str, term: Json) -> bool:
    return bool(row["subject"] == subject and within(row, term))


def _place(row: Json) -> Place:
    return row["date"], row["number"], row["group"]


def _lost(subject: str, term: Json, changes: Iterable[Json]) -> set[Place]:
    """Return where the subject was planned and something else, or nothing, stands; what moved is held elsewhere."""
    return {
        _place(row)
        for row in changes
        if within(row, term)
        and (row["before"] or {}).get("subject") == subject
        and (row["after"] or {}).get("subject") != subject
    }


def is_given_by_another(change: Json) -> bool:
    """Tell whether a lesson is held, and by somebody else than planned, or in place of another subject or unknown."""
    before, after = change["before"], change["after"]
    if after is None:
        return False
    if before is None or before["subject"] != after["subject"]:
        return True
    who = "teacher_id" if before["teacher_id"] and after["teacher_id"] else "teacher"
    return bool(before[who] != after[who])


def teachers(lessons: Iterable[Json], changes: Iterable[Json]) -> dict[tuple[str, str | None], list[Json]]:
    """Return who teaches, by subject and group."""
    planned = {
        _place(row): row["before"] for row in changes if row["change"] == "replaced" and is_given_by_another(row)
    }
    given: defaultdict[tuple[str, str | None], list[Json]] = defaultdict(list)
    for lesson in lessons:
        meant = planned.get(_place(lesson), lesson)
        if not lesson["cancelled"] and meant and meant["teacher"]:
            given[meant["subject"], lesson["group"]].append(meant)
    return {course: _regulars(rows) for course, rows in given.items()}


def _regulars(rows: list[Json]) -> list[Json]:
    weeks = sorted({_week(row) for row in rows})[-_WEEKS_THAT_TELL:]
    last = sorted((row for row in rows if _week(row) in weeks), key=lambda row: str(row["date"]))
    who = [("id", row["teacher_id"]) if row["teacher_id"] else ("name", row["teacher"]) for row in last]
    counts = Counter(who)
    latest = dict(zip(who, last, strict=True))
    often = [one for one, count in counts.items() if 2 * count > max(counts.values())]
    often.sort(key=lambda one: (-counts[one], one))
    return [{"teacher": latest[one]["teacher"], "teacher_id": latest[one]["teacher_id"]} for one in often]


def _week(row: Json) -> tuple[int, int]:
    return date.fromisoformat(row["date"]).isocalendar()[:2]


def learnt(pupils: Iterable[str], lessons: Iterable[Json], seen: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """Return the subjects of each pupil.

    Args:
        seen: the subjects in which a pupil has anything.
    """
    held = [row for row in lessons if row["number"] is not None and not row["cancelled"]]
    common = {row["subject"] for row in held if row["group"] is None}
    at: defaultdict[tuple[str, int], set[str]] = defaultdict(set)
    for row in held:
        if row["subject"] not in common:
            at[row["date"], row["number"]].add(row["subject"])
    rivals: defaultdict[str, set[str]] = defaultdict(set)
    for subjects in at.values():
        for subject in subjects:
            rivals[subject] |= subjects - {subject}
    grouped = {subject for subjects in at.values() for subject in subjects}
    return {
        pupil: common | seen.get(pupil, set()) | {one for one in grouped if not rivals[one] & seen.get(pupil, set())}
        for pupil in pupils
    }
