"""Quirks of plain values: drifting scalars, stray spaces, spellings of days, ids and missing things."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

from ejsync.sandbox.quirks_ground import ABSENT

if TYPE_CHECKING:
    from collections.abc import Callable

    from ejsync.sandbox.quirks_ground import Json, Told

_NUMBERS = ("id", "parallel", "sort", "weight", "weight_float", "countas", "total", "toid")
_IDS = ("name", "id", "lesson_id", "teacher_id", "toid")
_NAMES = frozenset({
    "name", "title", "teacher", "room", "grp", "grp_short", "lastname", "firstname", "middlename", "fullname",
    "holiday_name", "type", "short", "control_type", "control_type_short", "topic", "comment", "lesson_comment",
})  # fmt: skip
_BOUNDS = ("date", "start", "end")
_LINKS = frozenset({"link", "filename"})
_GAPS = ("  ", "\t", " \t ", "&nbsp;", " &#32;")
_EDGES = ("", " ", "\t", "&nbsp;")


def yo(told: Told) -> None:
    """Write `е` for `ё`, here and there."""
    for thing in told.things():
        for key, value in thing.items():
            if isinstance(value, str) and key not in _LINKS and told.often():
                thing[key] = value.replace("ё", "е").replace("Ё", "Е")


def stray_spaces(told: Told) -> None:
    """Scatter double spaces, tabs and entities over names and comments; a period's `name` is an id."""
    for thing in told.things():
        for key, value in thing.items():
            human = key in _NAMES and not (key == "name" and "fullname" in thing)
            if human and isinstance(value, str) and not value.isdigit() and value.strip() and told.often():
                thing[key] = _strayed(told, value)


def _strayed(told: Told, value: str) -> str:
    spaced = re.sub(" +", lambda _: told.rng.choice(_GAPS), value)
    place = told.rng.randrange(len(value))
    # An entity inside an entity would be another text.
    if "&" not in spaced and spaced == value and value[place].isalpha():
        spaced = f"{value[:place]}&#{ord(value[place])};{value[place + 1 :]}"
    return told.rng.choice(_EDGES) + spaced + told.rng.choice(_EDGES)


def scalar_drift(told: Told) -> None:
    """Write numbers as text and numeric text as numbers; the envelope's `state` too."""
    told.state = told.rng.choice((200, "200"))
    for thing in told.things():
        for key in _NUMBERS:
            if (number := _number(thing.get(key))) is not None and told.often():
                exact = (f"{number:.2f}", float(number)) if key.startswith("weight") else ()
                told.spell(thing, key, number, str(number), *exact)


def _number(value: Any) -> int | None:
    if isinstance(value, str) and re.fullmatch(r"\d+(\.0+)?", value):
        return int(float(value))
    whole = isinstance(value, int | float) and not isinstance(value, bool) and value == int(value)
    return int(value) if whole else None


def ambigious(told: Told) -> None:
    """Write the flag of periods as a bool, a text or null."""
    for thing in told.things():
        if "ambigious" in thing:
            told.spell(thing, "ambigious", *((True, "1", "true") if thing["ambigious"] else (False, "", "0", None)))


def mtype(told: Told) -> None:
    """Write the kind of work of what has none as null, nothing or a list."""
    for thing in told.things():
        if told.method == "getmarks" and "nm" in thing and not thing.get("mtype"):
            told.spell(thing, "mtype", None, ABSENT, [])


def no_patronymic(told: Told) -> None:
    """Write a missing patronymic in all the ways of having none."""
    for thing in told.things():
        if "lastname" in thing and not thing.get("middlename"):
            told.spell(thing, "middlename", ABSENT, "", " ", None, [])


def ambiguous_periods(told: Told) -> None:
    """Write the bounds and weeks that a period lacks in all the ways of lacking them."""
    for thing in told.things():
        if "ambigious" in thing and not thing.get("start"):
            for key in ("start", "end"):
                told.spell(thing, key, ABSENT, "", None, [])
            told.spell(thing, "weeks", ABSENT, None, [], {})


def day_spellings(told: Told) -> None:
    """Write days with hyphens and without, in keys too."""

    def other(value: Any) -> Any:
        return _other_spelling(value) if told.often() else value

    for thing in told.things():
        for key in _BOUNDS:
            if key in thing:
                thing[key] = other(thing[key])
        if isinstance(thing.get("days"), dict):
            thing["days"] = _respelled(thing["days"], other)


def _respelled(days: Json, other: Callable[[Any], Any]) -> Json:
    return {other(key): {**held, "name": other(held["name"])} for key, held in days.items()}


def _other_spelling(value: Any) -> Any:
    try:
        day = date.fromisoformat(value)
    except (TypeError, ValueError):
        return value
    compact = day.isoformat().replace("-", "")
    return day.isoformat() if value == compact else compact


def integer_ids(told: Told) -> None:
    """Write ids as integers where they are text, and as text where they are integers."""
    for thing in told.things():
        for key in _IDS:
            value = thing.get(key)
            if isinstance(value, str) and value.isascii() and value.isdigit() and told.often():
                thing[key] = int(value)
            elif isinstance(value, int) and told.often():
                thing[key] = str(value)
