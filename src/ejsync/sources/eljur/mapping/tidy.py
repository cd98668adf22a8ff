"""Tidying what drifts: PHP emptiness, scalars and names, in one place (fact sheet, section 5, items 1–3 and 6).

What cannot be understood is handed on as it is, so that the contract of the diary names it; nothing is guessed.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date
from functools import lru_cache
from html import unescape
from typing import Any

from ejsync.domain.records import unaccented

Json = dict[str, Any]

_FALSE = {"", "0", "false", "no"}
_COMPACT_DAY = re.compile(r"\d{8}")
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::\d{2})?")
_CACHED_NAMES = 8192
_LARGEST = 2**53
"""Beyond it a number is no longer exact as a float, and soon no longer JSON for everyone."""
_SURROGATES = re.compile("[\ud800-\udfff]")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]")


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


def handed(read: Callable[[Any], Any], value: Any) -> Any:
    """Read a plain value; a filled container is handed on emptied, so that it breaks the contract of its one record."""
    return type(value)() if isinstance(value, dict | list) and value else read(value)


def scalar(value: Any) -> str | None:
    """Return a text or number as stripped text, so that `5`, `5.0` and `"5"` are the same; None for anything else."""
    if isinstance(value, str):
        return _mended(value.strip())
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, int | float) else None


def entered(value: Any) -> Any:
    """Return what a teacher entered as stripped text, None if empty; what is no text or number is handed on."""
    return value if isinstance(value, bool) else handed(scalar, value)


def identity(value: Any) -> str | None:
    """Return an id as text; None where there is none."""
    return scalar(value) or None


def text(value: Any) -> str | None:
    """Return a name without HTML entities, tabs and double spaces; None where it is empty."""
    plain = value if isinstance(value, str) else scalar(value)
    return _clean(plain) if plain else None


@lru_cache(maxsize=_CACHED_NAMES)
def _clean(raw: str) -> str | None:
    return " ".join(_visible(unescape(raw)).split()) or None


def _visible(raw: str) -> str:
    return raw if raw.isprintable() else _CONTROLS.sub("", _mended(raw))


def _mended(raw: str) -> str:
    """Replace lone surrogates, which no UTF-8 can hold."""
    return raw if raw.isascii() else _SURROGATES.sub("\ufffd", raw)


def prose(value: Any) -> str | None:
    """Return a longer text: entities resolved and lines trimmed, but its line breaks kept; None where it is empty."""
    plain = scalar(value)
    if not plain:
        return None
    if "&" not in plain and "\n" not in plain and "\r" not in plain:
        return " ".join(_visible(plain).split()) or None
    lines = (" ".join(_visible(line).split()) for line in unescape(plain).splitlines())
    return "\n".join(lines).strip() or None


def number(value: Any) -> Any:
    """Return a float (always a float: `1` and `1.0` have one fingerprint), None if empty, or what is no number.

    A number beyond ±2**53 is none either: its text is handed on.
    """
    if value is None or value in ("", [], {}):
        return None
    if isinstance(value, str):
        return _number(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return handed(lambda plain: plain, value)
    return float(value) if _usable(value) else str(value)


@lru_cache(maxsize=_CACHED_NAMES)
def _number(raw: str) -> float | str | None:
    plain = raw.strip().replace(",", ".")
    try:
        found = float(plain) if plain else None
    except ValueError:
        return _mended(raw)
    return found if found is None or _usable(found) else raw


def _usable(value: float) -> bool:
    return -_LARGEST <= value <= _LARGEST


def integer(value: Any) -> Any:
    """Return an int, None if empty, or what is no whole number; one beyond ±2**53 is its text."""
    found = number(value)
    return int(found) if isinstance(found, float) and found.is_integer() else found


def flag(value: Any) -> bool | None:
    """Return a flag the way PHP casts it (`""` and `"0"` are false); None where there is none."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, dict | list):
        return True if value else None
    plain = scalar(value)
    return plain is not None and plain.casefold() not in _FALSE


def folded(name: str | None) -> str | None:
    """Return a name as it goes into a key; nothing stays nothing."""
    return name and unaccented(name)


def legible(*values: Any) -> bool:
    """Tell whether a key can be made of values: texts, numbers or nothing; flags and filled containers are nonsense."""
    return not any(value if isinstance(value, dict | list) else isinstance(value, bool) for value in values)


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
        return None, _mended(plain)
    return day, day.isoformat()
