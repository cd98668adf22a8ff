"""Renamings: a subject that the school calls otherwise from now on is no other subject, so nothing has changed.

ElJur does not say that a subject was renamed; it shows another name wherever the old one stood. It is taken for renamed
for a class where

* lessons of it show another subject under the same teacher, and all of them the same one;
* nothing of it is left on the days read, and the new name was neither held nor planned on them before;
* on other days, read earlier or later, one name follows the other: the old one never stands among the new;
* two lessons at least speak for it: those that turn, and on other days those the same teacher gives under the new name
  without being told of as changed. So a renaming that was found once is found again in every week that is read later.

What was planned under the old name is planned under the new one then, and what is told of it says so too.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from ejsync.domain.lesson_changes import (
    Changes,
    Edit,
    Found,
    How,
    Reach,
    alike,
    is_held,
    lesson_changes,
    place_now,
    same_teacher,
)
from ejsync.domain.payloads import Lesson, LessonChange

Named = tuple[str, str]
"""A class and a subject of it."""
_LEAST = 2


def changes_beside_renamings(edits: Mapping[str, Edit], standing: Changes, reach: Reach) -> Found:
    """Return the changes that come, change or end (None), as `lesson_changes` does, under subjects' new names."""
    names = renamings(edits, standing, reach)
    if not names:
        return lesson_changes(edits, standing, reach)
    renamed = {key: _renamed(change, names, edits) for key, change in standing.items()}
    lasting = {key: change for key, change in renamed.items() if not _is_over(change)}
    anew = {key: lasting.get(key) for key, change in renamed.items() if change != standing[key]}
    turned = {key: replace(edit, before=_turned(edit.before, names)) for key, edit in edits.items()}
    return anew | lesson_changes(turned, lasting, reach)


def renamings(edits: Mapping[str, Edit], standing: Changes, reach: Reach) -> dict[Named, str]:
    """Return the new names of subjects, by class and old name.

    Args:
        edits: the lessons that a reading shows otherwise than they were known, by key.
        standing: every change that stands of the classes read, by key.
    """
    turned: defaultdict[Named, list[Lesson]] = defaultdict(list)
    for edit in edits.values():
        if edit.before and edit.now and _turns(edit.before, edit.now):
            turned[edit.before["class"], edit.before["subject"] or ""].append(edit.now)
    taken = _held_names(edit.before for edit in edits.values()) | _planned_names(standing, reach)
    left = _held_names(edit.now for edit in edits.values())
    found = {}
    for (form, old), lessons in turned.items():
        new, *others = {lesson["subject"] or "" for lesson in lessons}
        clear = not others and (form, old) not in left and (form, new) not in taken
        if clear and _is_borne_out((form, old), lessons, standing, reach):
            found[form, old] = new
    return found


def _turns(before: Lesson, now: Lesson) -> bool:
    held = is_held(before) and is_held(now)
    return held and before["subject"] != now["subject"] and same_teacher(before, now)


def _held_names(lessons: Iterable[Lesson | None]) -> set[Named]:
    return {(lesson["class"], lesson["subject"] or "") for lesson in lessons if lesson and is_held(lesson)}


def _planned_names(standing: Changes, reach: Reach) -> set[Named]:
    inside = (change for change in standing.values() if reach.reads(change["date"]))
    return {(change["class"], change["before"]["subject"]) for change in inside if change["before"]}


def _is_borne_out(subject: Named, turned: Sequence[Lesson], standing: Changes, reach: Reach) -> bool:
    """Tell whether what is known of lessons that are not edited leaves no doubt that the subject was renamed."""
    (form, old), new = subject, turned[0]["subject"]
    rest = {key: lesson for key, lesson in reach.rest().items() if lesson["class"] == form and is_held(lesson)}
    under = {name: {key: lesson for key, lesson in rest.items() if lesson["subject"] == name} for name in (old, new)}
    if any(reach.reads(lesson["date"]) for lessons in under.values() for lesson in lessons.values()):
        return False
    days = sorted(lesson["date"] for lesson in under[new].values())
    if days and any(days[0] <= lesson["date"] <= days[-1] for lesson in under[old].values()):
        return False
    before = [
        lesson
        for key, lesson in under[new].items()
        if key not in standing and any(same_teacher(lesson, one) for one in turned)
    ]
    return len(turned) + len(before) >= _LEAST


def _renamed(change: LessonChange, names: Mapping[Named, str], edits: Mapping[str, Edit]) -> LessonChange:
    """Put what was planned under its new name, unless what it is now was not read anew and bears the old one."""
    before, after = change["before"], change["after"]
    new = names.get((change["class"], before["subject"])) if before else None
    if not before or not new or (after and after["subject"] == before["subject"] and place_now(change) not in edits):
        return change
    return {**change, "before": {**before, "subject": new}}


def _turned(lesson: Lesson | None, names: Mapping[Named, str]) -> Lesson | None:
    new = names.get((lesson["class"], lesson["subject"] or "")) if lesson else None
    return {**lesson, "subject": new} if lesson and new else lesson


def _is_over(change: LessonChange) -> bool:
    before, after = change["before"], change["after"]
    return change["change"] == How.REPLACED and before is not None and after is not None and alike(before, after)
