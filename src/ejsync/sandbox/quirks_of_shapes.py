"""Quirks of containers: PHP writes lists as objects, objects as lists, and nothing in four ways."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ejsync.sandbox.quirks_ground import ABSENT, TABLES

if TYPE_CHECKING:
    from ejsync.sandbox.quirks_ground import Json, Told

_EMPTY: tuple[Any, ...] = ([], {}, None)
# Section 5 does not have it among what may be absent, and without it an answer says nothing.
_ALWAYS_THERE = "replace"
# Containers that an answer may show empty as well as leave out, by a field of those that have them.
_UNSAID = {"homework": "files", "items": "items_extday"}


def students_list(told: Told) -> None:
    """Write `students` as a list where it is keyed by id, and keyed by id where it is a list."""
    for thing in told.things():
        students = thing.get("students")
        if isinstance(students, dict) and all(students.values()):
            thing["students"] = list(students.values())
        elif isinstance(students, list) and students:
            thing["students"] = {str(student["name"]): student for student in students}


def lists_and_objects(told: Told) -> None:
    """Write lists as objects keyed by position, and tables whose rows say where they belong as lists."""
    told.tree = _swapped(told, told.tree, name="")


def _swapped(told: Told, node: Any, *, name: str) -> Any:
    if isinstance(node, list):
        rows = [_swapped(told, row, name="") for row in node]
        if name == "files" and rows and told.often():
            return {"file": rows}
        return {str(place): row for place, row in enumerate(rows)} if rows and told.often() else rows
    if not isinstance(node, dict):
        return node
    table = name in TABLES
    held = {key: _swapped(told, child, name="" if table else key) for key, child in node.items()}
    if name == "files" and "file" in held and told.often():
        return held["file"]
    named = table and all(isinstance(row, dict) and ("name" in row or "id" in row) for row in held.values())
    return list(held.values()) if named and told.often() else held


def php_empty(told: Told) -> None:
    """Write empty containers in the four ways of PHP, among them those that were not there at all."""
    for thing in told.things():
        for holder, unsaid in _UNSAID.items():
            if holder in thing and told.often():
                thing.setdefault(unsaid, [])
    told.tree = _emptied(told, told.tree) or told.rng.choice(_EMPTY)


def _emptied(told: Told, node: Any) -> Any:
    if isinstance(node, list):
        return [_emptied(told, row) for row in node]
    if not isinstance(node, dict):
        return node
    shown: Json = {}
    for key, child in node.items():
        if child in ([], {}):
            told.spell(shown, key, *_EMPTY, *(() if key == _ALWAYS_THERE else (ABSENT,)))
        else:
            shown[key] = _emptied(told, child)
    return shown
