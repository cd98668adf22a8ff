"""Tidying what drifts: PHP emptiness, scalars and names, in one place (fact sheet, section 5, items 1–3 and 6).

What cannot be understood is handed on as it is, so that the contract of the diary names it; nothing is guessed.
"""

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from html import unescape
from math import isfinite
from typing import Any

Json = dict[str, Any]

_FALSE = {"", "0", "false", "no"}
_COMPACT_DAY = re.compile(r"\d{8}")
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::\d{2})?")
_CACHED_NAMES = 8192


def as_object(value: Any) -> Json:
    """Return an object: a list becomes one keyed by position, as PHP would; anything else is empty."""
    if isinstance(value, dict):
        return value
    if isinstance(value, list):
        return {str(position): item for position, item in enumerate(value)}
    return {}


def rows(value: Any) -> list[Json]:
    """Return the objects of a list, or of an object that a list drifted into; empty ones are left out."""
    items = value if isinstance(value, list) else value.values() if isinstance(value, dict) else ()
    return [item for item in items if isinstance(item, dict) and item]


def keyed(value: Any) -> Iterator[tuple[str, Json]]:
    """Yield what stands under ids: an object by its keys, a list (or an object that was one) by `name`."""
    table = as_object(value)
    listed = next(iter(table), "") == "0"
    for key, item in table.items():
        held = as_object(item)
        yield (scalar(held.get("name")) or key if listed else key), held


def scalar(value: Any) -> str | None:
    """Return a text or number as stripped text, so that `5`, `5.0` and `"5"` are the same; None for anything else."""
    if isinstance(value, str):
        return value.strip()
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, int | float) else None


def identity(value: Any) -> str | None:
    """Return an id as text; None where there is none."""
    return scalar(value) or None


def text(value: Any) -> str | None:
    """Return a name without HTML entities, tabs and double spaces; None where it is empty."""
    plain = value if isinstance(value, str) else scalar(value)
    return _clean(plain) if plain else None


@lru_cache(maxsize=_CACHED_NAMES)
def _clean(raw: str) -> str | None:
    return " ".join(unescape(raw).split()) or None


def prose(value: Any) -> str | None:
    """Return a longer text: entities resolved and lines trimmed, but its line breaks kept; None where it is empty."""
    plain = scalar(value)
    if not plain:
        return None
    if "&" not in plain and "\n" not in plain and "\r" not in plain:
        return " ".join(plain.split())
    lines = (" ".join(line.split()) for line in unescape(plain).splitlines())
    return "\n".join(lines).strip() or None


def number(value: Any) -> Any:
    """Return a float (always a float: `1` and `1.0` have one fingerprint), None if empty, or what is no number."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return _number(value)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


@lru_cache(maxsize=_CACHED_NAMES)
def _number(raw: str) -> float | str | None:
    plain = raw.strip().replace(",", ".")
    try:
        found = float(plain) if plain else None
    except ValueError:
        return raw
    return raw if found is not None and not isfinite(found) else found


def integer(value: Any) -> Any:
    """Return an int, None if empty, or what is no whole number."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    found = number(value)
    return int(found) if isinstance(found, float) and found.is_integer() else found


def flag(value: Any) -> bool | None:
    """Return a flag the way PHP casts it (`""` and `"0"` are false); None where there is none."""
    if value is None or isinstance(value, bool):
        return value
    plain = scalar(value)
    return plain is not None and plain.casefold() not in _FALSE


def clock_time(value: Any) -> str | None:
    """Return `HH:MM` of `HH:MM:SS`, None if empty, or what is no time (fact sheet, section 2)."""
    plain = scalar(value)
    if not plain:
        return None
    match = _TIME.fullmatch(plain)
    return f"{int(match[1]):02d}:{match[2]}" if match else plain


def school_day(value: Any) -> tuple[date | None, str | None]:
    """Return a day given as `YYYY-MM-DD` or `YYYYMMDD`, and its ISO spelling; (None, the text) if it is none."""
    plain = value if isinstance(value, str) else scalar(value)
    return _school_day(plain) if plain else (None, None)


@lru_cache(maxsize=_CACHED_NAMES)
def _school_day(raw: str) -> tuple[date | None, str]:
    plain = raw.strip()
    spelled = f"{plain[:4]}-{plain[4:6]}-{plain[6:]}" if _COMPACT_DAY.fullmatch(plain) else plain
    try:
        day = date.fromisoformat(spelled)
    except ValueError:
        return None, plain
    return day, day.isoformat()
