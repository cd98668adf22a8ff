"""Quirks of rows: what stands twice, what is left out because it is empty, and what nobody knows."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from ejsync.sandbox.quirks_ground import ABSENT

if TYPE_CHECKING:
    from ejsync.sandbox.quirks_ground import Json, Told

_ROWS = ("items", "items_extday", "replace")
_PEOPLE = ("users", "subgroups")
_HEAD = frozenset({"name", "title"})
_NEWS: tuple[Any, ...] = (None, True, 7, 2.5, "новость", "", [], {}, [1, 2], {"name": "x", "items": [{"value": "5"}]})
_SHARE = 0.15


def duplicate_rows(told: Told) -> None:
    """Show rows of a list twice: those of subgroups as often as not, others seldom."""
    for thing in told.things():
        for key in _ROWS:
            if isinstance(thing.get(key), list):
                thing[key] = _with_doubles(told, thing[key])


def same_person_twice(told: Told) -> None:
    """Show people and rows of classes twice in the receivers' list."""
    for thing in told.things():
        for key in _PEOPLE if told.method == "getmessagereceivers" else ():
            if isinstance(thing.get(key), list):
                thing[key] = _with_doubles(told, thing[key])


def _with_doubles(told: Told, rows: list[Json]) -> list[Json]:
    doubles = [row for row in rows if told.rng.random() < _SHARE or ("grp" in row and told.often())]
    shown = [*rows]
    for row in doubles:
        shown.insert(told.rng.randint(rows.index(row), len(shown)), deepcopy(row))
    return shown


def empty_answers(told: Told) -> None:
    """Leave out pupils who have nothing, or show them as nothing; list days without homework beside those with some."""
    for thing in told.things():
        students = thing.get("students")
        if isinstance(students, dict):
            _leave_out(told, students)
        if told.method == "gethomework" and isinstance(thing.get("days"), dict):
            _list_empty_days(told, thing["days"])
    # Of `replace` nobody says that it may be missing.
    if told.tree and not any(told.tree.values()) and "replace" not in told.tree:
        told.tree = told.rng.choice([told.tree, [], {}, None, {"students": None, "days": []}])


def _leave_out(told: Told, students: Json) -> None:
    for pupil, shown in list(students.items()):
        if not any(value for key, value in shown.items() if key not in _HEAD):
            told.spell(students, pupil, shown, ABSENT, [], None)


def _list_empty_days(told: Told, days: Json) -> None:
    listed = {date.fromisoformat(day) for day in days}
    for offset in range((max(listed) - min(listed)).days if listed else 0):
        day = min(listed) + timedelta(days=offset)
        if day not in listed and told.often():
            compact = f"{day:%Y%m%d}"
            days[compact] = {"name": compact, "title": "", "items": told.rng.choice([[], {}, None])}


def unknown_keys(told: Told) -> None:
    """Put keys that nobody knows before and behind the known ones."""
    for thing in told.things():
        if told.often():
            before, known = {"aNewField": _news(told)}, dict(thing)
            thing.clear()
            thing.update({**before, **known} if told.often() else {**known, **before, "zz_new": _news(told)})


def _news(told: Told) -> Any:
    return deepcopy(told.rng.choice(_NEWS))
