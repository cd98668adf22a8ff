"""Lesson changes: how a class's lessons differ from the timetable as it was first seen.

The first sight of a lesson is the plan and no change. What differs from it later is kept with what was planned
(`before`) and what is now (`after`), until the lesson is again what it was:

* `replaced`: another subject, teacher or room stands in its place;
* `cancelled`: it is gone from a day that is listed, or ElJur calls it `Cancel`;
* `moved`: it is gone or cancelled, and one lesson of the same subject and group (and, among several, of the same
  teacher) came new to a day that had lessons already. It is told where the lesson was planned; where it went, nothing
  is told and nothing planned.

A lesson that is gone while its subject is taught in its place in two groups or more, or in the whole class again, lives
on in them: nothing is told of it any more, and they are planned as they came.

`getreplaces` says of a lesson that it is a replacement. What it replaces is what was known of it, else nobody knows.
Spelling of a name with the same id, and bells, are no change; nor is a subject's new name (`domain/renamings.py`).
"""

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ejsync.domain.payloads import Held, Lesson, LessonChange
from ejsync.domain.records import owner_class
from ejsync.domain.windows import Days

Changes = Mapping[str, LessonChange]
Found = dict[str, LessonChange | None]


class How(StrEnum):
    """What became of a lesson."""

    REPLACED = "replaced"
    MOVED = "moved"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Edit:
    """A lesson that a reading shows otherwise than it was known: None for where it was not, or is no more."""

    before: Lesson | None
    now: Lesson | None


@dataclass(frozen=True, slots=True)
class Reach:
    """What a reading spoke about, and what is known around its edits.

    Attributes:
        days: the days that were read; None for all.
        settled: owner and day of what had lessons before this reading: lessons may have moved to such days only.
        rest: looks up the lessons of the classes read that are not edited, of any day, by key; called only where a
            lesson may have been renamed or regrouped.
    """

    days: Days | None
    settled: Container[tuple[str, str]]
    rest: Callable[[], Mapping[str, Lesson]]

    def reads(self, day: str) -> bool:
        """Tell whether a day was read."""
        return self.days is None or self.days.first.isoformat() <= day <= self.days.last.isoformat()


def slot(whose: str, day: str, number: int | None, group: str | None) -> str:
    """Return the key of a lesson: whose it is, the day, its place in it and the group."""
    return f"{whose}/{day}/{'-' if number is None else number}/{group or '-'}"


def announced(lesson: Mapping[str, Any]) -> LessonChange:
    """Return what `getreplaces` says of a lesson, by which alone nobody knows what it was."""
    if lesson["cancelled"]:
        return _change(lesson, How.CANCELLED, None, None)
    return _change(lesson, How.REPLACED, None, _held(lesson))


def lesson_changes(edits: Mapping[str, Edit], standing: Changes, reach: Reach) -> Found:
    """Return the changes that come, change or end (None) with what a reading of the timetable shows.

    Args:
        edits: the lessons it shows otherwise than they were known, by key.
        standing: every change that stands of the classes read, by key.
    """
    plans = _plans(edits, standing)
    missing = _missing(edits, standing, plans)
    kept = {key: held for key in missing if (held := _where_it_is(standing.get(key), edits))}
    fresh = {key: edit.now for key, edit in edits.items() if edit.now and _is_fresh(key, edit, reach)}
    lost = {key: gone for key, gone in missing.items() if key not in kept and reach.reads(gone["date"])}
    living_on, heirs = _regrouped(lost, edits, reach)
    lost = {key: gone for key, gone in lost.items() if key not in living_on}
    free = {key: lesson for key, lesson in fresh.items() if key not in standing and key not in heirs}
    went = kept | _moves(lost, free)
    found = {key: _in_place(edit, plans[key], standing.get(key)) for key, edit in edits.items() if key not in missing}
    found |= {key: _change(gone, How.MOVED, gone["before"], went[key]) for key, gone in missing.items() if key in went}
    found |= {key: None if key in living_on else gone for key, gone in missing.items() if key not in went}
    return {key: change for key, change in found.items() if change != standing.get(key)}


def announcements(said: Changes, standing: Changes, lessons: Mapping[str, Lesson]) -> dict[str, LessonChange]:
    """Return every change of the days that `getreplaces` spoke about.

    Args:
        said: what it says, as `announced` puts it.
        standing: the changes that stand of those days.
        lessons: what the timetable shows under the keys of both.
    """
    told = {key: _told(change, standing.get(key), lessons.get(key)) for key, change in said.items()}
    rest = {key: change for key, change in standing.items() if key not in said}
    return told | {key: change for key, change in rest.items() if _lasts(change, lessons.get(key))}


def _change(
    place: Mapping[str, Any], how: How, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> LessonChange:
    head = {name: place[name] for name in ("class", "date", "number", "group")}
    return {**head, "change": how.value, "before": before, "after": after}  # type: ignore[typeddict-item]


def _held(lesson: Mapping[str, Any]) -> Held:
    names = ("subject", "teacher", "teacher_id", "room", "number", "date")
    return {name: lesson[name] for name in names}  # type: ignore[return-value]


def is_held(lesson: Mapping[str, Any] | None) -> bool:
    """Tell whether there is a lesson, and it is not cancelled."""
    return lesson is not None and not lesson["cancelled"]


def alike(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Tell whether what, who and where are the same."""
    return all(one[name] == other[name] for name in ("subject", "room")) and same_teacher(one, other)


def same_teacher(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Tell whether who teaches is the same; he is told by his id where both sides know it."""
    who = "teacher_id" if one["teacher_id"] and other["teacher_id"] else "teacher"
    return bool(one[who] == other[who])


def place_now(change: LessonChange) -> str:
    """Return the key of the lesson that a changed one has become: its own, unless it was moved."""
    after = change["after"] or change
    return slot(change["class"], after["date"], after["number"], change["group"])


def _plans(edits: Mapping[str, Edit], standing: Changes) -> dict[str, Held | None]:
    """Say what was planned where something is edited: what was first seen there, unless it was moved there."""
    targets = {place_now(change) for change in standing.values() if change["change"] == How.MOVED}
    plans: dict[str, Held | None] = {}
    for key, edit in edits.items():
        stands = standing.get(key)
        first_seen = edit.before if edit.before and is_held(edit.before) and key not in targets else None
        plans[key] = (stands and stands["before"]) or (_held(first_seen) if first_seen else None)
    return plans


def _missing(edits: Mapping[str, Edit], standing: Changes, plans: Mapping[str, Held | None]) -> dict[str, LessonChange]:
    """Return what was planned and is not held in its place, as if all of it were cancelled."""
    missing = {
        key: _change(change, How.CANCELLED, change["before"], None)
        for key, change in standing.items()
        if key not in edits and change["before"] and change["change"] != How.REPLACED
    }
    for key, edit in edits.items():
        if plans[key] and not is_held(edit.now):
            missing[key] = _change(edit.before or edit.now or standing[key], How.CANCELLED, plans[key], None)
    return missing


def _in_place(edit: Edit, planned: Held | None, stands: LessonChange | None) -> LessonChange | None:
    """Say how what stands in a place differs from the plan."""
    if edit.now is None:
        return None
    if edit.now["cancelled"]:
        return announced(edit.now)
    only_announced = stands is not None and stands["change"] == How.REPLACED and not stands["before"]
    if planned and not alike(planned, edit.now):
        return _change(edit.now, How.REPLACED, planned, _held(edit.now))
    return announced(edit.now) if only_announced else None


def _where_it_is(moved: LessonChange | None, edits: Mapping[str, Edit]) -> Held | None:
    """Return what has become of a lesson that was moved, if it still is where it went."""
    if moved is None or moved["change"] != How.MOVED or not moved["before"]:
        return None
    edit = edits.get(place_now(moved))
    if edit is None:
        return moved["after"]
    same = edit.now and not edit.now["cancelled"] and edit.now["subject"] == moved["before"]["subject"]
    return _held(edit.now) if edit.now and same else None


def _is_fresh(key: str, edit: Edit, reach: Reach) -> bool:
    """Tell whether a lesson came new to a day that had lessons; one told apart from another under its key did not."""
    now = edit.now
    if now is None or now["cancelled"] or edit.before is not None:
        return False
    settled = (owner_class(now["class"]), now["date"]) in reach.settled
    return settled and key == slot(now["class"], now["date"], now["number"], now["group"])


def _regrouped(lost: Changes, edits: Mapping[str, Edit], reach: Reach) -> tuple[set[str], set[str]]:
    """Return what is gone and lives on in other groups of its place, and the keys of those that came instead of it."""
    came = {key: edit.now for key, edit in edits.items() if edit.now and is_held(edit.now) and not is_held(edit.before)}
    heirs: defaultdict[tuple[Any, ...], set[str]] = defaultdict(set)
    for key, lesson in came.items():
        heirs[_course(lesson, lesson["subject"])].add(key)
    found = {key: course for key, gone in lost.items() if (course := _course(gone, _planned(gone))) in heirs}
    shown = dict(reach.rest()) | {key: edit.now for key, edit in edits.items() if edit.now} if found else {}
    groups: defaultdict[tuple[Any, ...], set[str | None]] = defaultdict(set)
    for lesson in shown.values():
        if is_held(lesson):
            groups[_course(lesson, lesson["subject"])].add(lesson["group"])
    living_on = {
        key for key, course in found.items() if key not in shown and _is_heard(lost[key]["group"], groups[course])
    }
    return living_on, {heir for key in living_on for heir in heirs[found[key]]}


def _course(place: Mapping[str, Any], subject: str | None) -> tuple[Any, ...]:
    return place["class"], place["date"], place["number"], subject


def _planned(change: LessonChange) -> str | None:
    return change["before"]["subject"] if change["before"] else None


def _is_heard(group: str | None, groups: set[str | None]) -> bool:
    """Tell whether all of a group, or of the class, are taught in others: one group alone is not the class."""
    return None in groups or (group is None and len(groups) > 1)


def _moves(lost: Changes, free: Mapping[str, Lesson]) -> dict[str, Held]:
    """Pair lessons that are gone with lessons that are new where nothing else fits, first by teacher, then without."""
    pairs: dict[str, str] = {}
    for most in (4, 3):
        gone = _by_label(((key, change, change["before"] or {}) for key, change in lost.items()), pairs, most)
        new = _by_label(((key, lesson, lesson) for key, lesson in free.items()), pairs.values(), most)
        pairs |= {gone[label][0]: new[label][0] for label in gone if len(gone[label]) == len(new[label]) == 1}
    return {key: _held(free[target]) for key, target in pairs.items()}


def _by_label(
    lessons: Iterable[tuple[str, Mapping[str, Any], Mapping[str, Any]]], done: Iterable[str], most: int
) -> defaultdict[tuple[str | None, ...], list[str]]:
    """Gather keys by class, group, subject and, as the fourth, teacher."""
    found: defaultdict[tuple[str | None, ...], list[str]] = defaultdict(list)
    for key, place, held in lessons:
        if key not in done:
            label = (place["class"], place["group"], held["subject"], held["teacher_id"] or held["teacher"])
            found[label[:most]].append(key)
    return found


def _told(change: LessonChange, stands: LessonChange | None, lesson: Lesson | None) -> LessonChange:
    """Complete what is said of one lesson by what is known of it."""
    shown = _held(lesson) if lesson and is_held(lesson) else None
    before, after = stands and stands["before"], change["after"]
    if after is None:
        return _change(change, How.CANCELLED, before or shown, None)
    if stands and (stands["change"] == How.MOVED or (before and alike(before, after))):
        return stands
    if shown and alike(shown, after):
        return _change(change, How.REPLACED, before, shown)
    return _change(change, How.REPLACED, before or shown, after)


def _lasts(change: LessonChange, lesson: Lesson | None) -> bool:
    """Tell whether a change that nobody announces any more still shows in the timetable."""
    if lesson is None:
        return change["before"] is not None
    if lesson["cancelled"]:
        return True
    return change["before"] is not None and not alike(change["before"], lesson)
