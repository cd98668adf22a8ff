"""Reading a mark's raw text: an open set of strings; the raw text always travels beside what it was taken for."""

import re

from ejsync.domain.payloads import Reading

_GRADE = re.compile(r"([1-5])([+-]?)")
_DOUBLE = re.compile(r"([1-5])\s*/\s*([1-5])")
_POINTS = re.compile(r"\d{1,3}(?:[.,]\d{1,2})?")
_ABSENT = {"н": "absent", "оп": "late"}
_PASSES = {"зч", "зачет", "зачёт"}


def attendance(raw: str) -> str | None:
    """Return `absent` or `late` if the raw text is one of the two known codes (fact sheet, section 4.3)."""
    return _ABSENT.get(raw.casefold())


def reading(raw: str, *, max_mark: float | None = None) -> Reading:
    """Say what a mark's text was taken for; what nobody knows is `other`, never an error.

    A grade is 1–5 with an optional sign, a double is two grades with a slash, points are any other
    number up to 999.99 (ten- and hundred-point scales), a pass is one of the usual words without a number.

    Args:
        max_mark: the maximum the mark is counted out of (ElJur `max_mark`): with one, a plain number is points.
    """
    if max_mark is not None and _POINTS.fullmatch(raw):
        return _points(raw)
    if match := _GRADE.fullmatch(raw):
        return Reading(type="grade", value=float(match[1]), second=None, sign=match[2] or None)
    if match := _DOUBLE.fullmatch(raw):
        return Reading(type="double", value=float(match[1]), second=float(match[2]), sign=None)
    if _POINTS.fullmatch(raw):
        return _points(raw)
    kind = "pass" if raw.casefold() in _PASSES else "other"
    return Reading(type=kind, value=None, second=None, sign=None)


def _points(raw: str) -> Reading:
    return Reading(type="points", value=float(raw.replace(",", ".")), second=None, sign=None)
