"""What a cell means: a text, a whole number, a day; None where that cannot be said without guessing."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta

from ejsync.domain.grid import EPOCH, Value

_RUSSIAN = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?:\s*г\.?)?")
_WORDED = re.compile(r"(\d{1,2})\s+([а-яё]+)\s+(\d{4})(?:\s*(?:г\.?|года))?", re.IGNORECASE)
_MONTHS = (
    "января", "февраля", "марта", "апреля", "мая", "июня",
    "июля", "августа", "сентября", "октября", "ноября", "декабря",
)  # fmt: skip
_WHOLE = re.compile(r"(\d{1,9})(?:[.,]0+)?")
_FIRST, _LAST = date(2000, 1, 1), date(2100, 12, 31)


def text(value: Value) -> str | None:
    """Return a text; a number was a text to whoever typed it, a day or a yes was not."""
    if isinstance(value, str):
        return value
    return None if isinstance(value, bool | date | float) else str(value)


def line(longest: int) -> Callable[[Value], str | None]:
    """Return a reader of a text of one line, `longest` characters at most."""

    def read(value: Value) -> str | None:
        found = text(value)
        return found if found is not None and len(found) <= longest and found.isprintable() else None

    return read


def lines(longest: int) -> Callable[[Value], str | None]:
    """Return a reader of a text of several lines, `longest` characters at most."""

    def read(value: Value) -> str | None:
        found = text(value)
        printable = found is not None and all(part.isprintable() for part in found.splitlines())
        return found if found is not None and printable and len(found) <= longest else None

    return read


def whole(value: Value) -> int | None:
    """Return a number of things: not negative, no fraction, also if it was typed as a text."""
    if isinstance(value, bool | float):
        return None
    if isinstance(value, int):
        return value if value >= 0 else None
    match = _WHOLE.fullmatch(value) if isinstance(value, str) else None
    return int(match[1]) if match else None


def day(epoch: date = EPOCH) -> Callable[[Value], date | None]:
    """Return a reader of days: a day, Excel's number of a day, `01.09.2026`, `1 сентября 2026 г.`, `2026-09-01`."""

    def read(value: Value) -> date | None:
        found = _day(value, epoch)
        return found if found and _FIRST <= found <= _LAST else None

    return read


def _day(value: Value, epoch: date) -> date | None:
    if isinstance(value, datetime | bool | float):
        return None
    if isinstance(value, date):
        return value
    if isinstance(value, int):
        return epoch + timedelta(days=value) if 0 <= value <= (_LAST - epoch).days else None
    return _spelt(value)


def _spelt(written: str) -> date | None:
    try:
        if match := _RUSSIAN.fullmatch(written):
            return date(int(match[3]), int(match[2]), int(match[1]))
        if match := _WORDED.fullmatch(written):
            return date(int(match[3]), _MONTHS.index(match[2].lower()) + 1, int(match[1]))
        return date.fromisoformat(written) if len(written) == len("2026-09-01") else None
    except ValueError:  # no such day, no such month
        return None
