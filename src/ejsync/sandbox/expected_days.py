"""What the ED must hold of single pupils' days and of changed lessons, worked out from the journal's raw facts alone.

| kind          | key                                   | from the dump's            | days      |
|---------------|---------------------------------------|----------------------------|-----------|
| control_work  | pupil/date/number/lesson_id           | `control_works`, `pupils`  | diary     |
| lesson        | pupil:id/date/-/group/start           | `extday`                   | diary     |
| lesson_change | that of the lesson: class/date/number/group | `lessons`, and what the ED was told | timetable |

A dump has no memory: what a lesson was planned to be is taken from what the ED was told; all else is judged. Nothing
may be told of a lesson that is gone while all who had it are taught its subject there in groups, or with the class.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from ejsync.sandbox.spelling import line, lines

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping

Json: TypeAlias = "dict[str, Any]"
Name: TypeAlias = tuple[str, str]

CHANGE = "lesson_change"
_CANCELLED = "Cancel"
_COMPARED = ("subject", "teacher", "teacher_id", "room")
_PLACE = ("class", "date", "number", "group")


def control_works(journal: Mapping[str, Any]) -> Iterator[tuple[str, str, Json]]:
    """Yield the control works that each pupil sees: those of his class, and of his subgroup where it has any."""
    for fact in journal["control_works"]:
        form, group = line(fact["class"]), line(fact["grp"])
        for pupil in journal["pupils"]:
            if line(pupil["class"]) == form and (group is None or group in map(line, pupil["groups"].values())):
                data = {
                    "pupil": str(pupil["id"]),
                    "class": form,
                    "date": fact["date"],
                    "number": int(fact["num"]),
                    "group": group,
                    "subject": line(fact["subject"]),
                    "lesson": fact["lesson_id"] or None,
                    "topic": lines(fact["topic"]),
                }
                journal_id = fact["lesson_id"] or data["subject"]
                yield "control_work", f"{data['pupil']}/{fact['date']}/{fact['num']}/{journal_id}", data


def clubs(journal: Mapping[str, Any]) -> Iterator[tuple[str, str, Json]]:
    """Yield what follows the lessons: it has no number, and is a single pupil's."""
    forms = {str(pupil["id"]): line(pupil["class"]) for pupil in journal["pupils"]}
    for fact in journal["extday"]:
        data = {
            "class": forms[fact["pupil"]],
            "pupil": fact["pupil"],
            "date": fact["date"],
            "number": None,
            "group": line(fact["grp"]),
            "subject": line(fact["name"]),
            "teacher": line(fact["teacher"]),
            "teacher_id": None,
            "room": None,
            "starts_at": fact["starttime"][:5],
            "ends_at": fact["endtime"][:5],
            "cancelled": False,
        }
        yield "lesson", f"pupil:{fact['pupil']}/{fact['date']}/-/{data['group']}/{data['starts_at']}", data


def lesson_changes(lessons: Mapping[str, Json], told: Mapping[str, Json], replaced: Container[str]) -> dict[Name, Json]:
    """Return the changes that the ED must hold, given what it was told of the plan.

    Args:
        lessons: the lessons of classes as the ED must hold them, by key.
        told: the changes that the ED holds, by key.
        replaced: keys of lessons that the journal calls replacements.
    """
    wanted: dict[Name, Json] = {}
    for key in lessons.keys() | told.keys():
        lesson, held = lessons.get(key), told.get(key)
        if lesson and not lesson["cancelled"]:
            change = _shown(lesson, held, announced=key in replaced)
        else:
            change = _away(lesson, held, lessons)
        if change:
            wanted[CHANGE, key] = change
    return wanted


def _shown(lesson: Json, held: Json | None, *, announced: bool) -> Json | None:
    if held is None:  # nobody can know that a plan was another, unless the journal says so
        return None
    differs = held["before"] and any(held["before"][name] != lesson[name] for name in _COMPARED)
    return _change(lesson, "replaced", held["before"], lesson) if differs or announced else None


def _away(lesson: Json | None, held: Json | None, lessons: Mapping[str, Json]) -> Json | None:
    """Say what must be told of a lesson that is not held in its place."""
    if held is None or held["before"] is None:
        return _change(lesson, "cancelled", None, None) if lesson else None
    goal = held["after"] if held["change"] == "moved" else None
    number = "-" if goal is None or goal["number"] is None else goal["number"]
    there = lessons.get(f"{held['class']}/{goal['date']}/{number}/{held['group'] or '-'}") if goal else None
    if there and there["subject"] == held["before"]["subject"]:
        return _change(held, "moved", held["before"], there)
    if lesson is None and _is_taught_in_others(held, lessons):
        return None
    return _change(held, "cancelled", held["before"], None)


def _is_taught_in_others(held: Json, lessons: Mapping[str, Json]) -> bool:
    """Tell whether all who had a lesson have it in groups now, or with the whole class."""
    place = f"{held['class']}/{held['date']}/{'-' if held['number'] is None else held['number']}/"
    here = {key.removeprefix(place): one["subject"] for key, one in lessons.items() if key.startswith(place)}
    groups = [group for group, subject in here.items() if subject == held["before"]["subject"]]
    return "-" in groups or (held["group"] is None and len(groups) > 1)


def _change(place: Json, how: str, before: Json | None, after: Json | None) -> Json:
    held = {name: after[name] for name in (*_COMPARED, "number", "date")} if after else None
    return {**{name: place[name] for name in _PLACE}, "change": how, "before": before, "after": held}
