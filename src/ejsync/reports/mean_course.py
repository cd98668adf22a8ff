"""The course of a pupil's mean: what it was after each day with marks, as points of a drawing. Pure."""

from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction
from itertools import groupby
from typing import Any

from ejsync.domain.scales import values_of
from ejsync.domain.tally import Tally, tally_of

WORST, BEST = 2, 5
"""The values between which a drawing stands; a mean below two stands on its ground."""
_DIGITS = 4


def course(marks: Iterable[Any], period: Any) -> list[list[float]]:
    """Return `[x, y]` for each day with marks that count: x the share of the period that has passed, y from 0 to 1.

    y is the weighted mean of all marks up to and with that day, 0 for a two (or less) and 1 for a five; as in a
    forecast the mean is exact until it is written.
    """
    counting = sorted((mark for mark in marks if values_of(mark)), key=_day)
    tally, points = Tally(), []
    for day, given in groupby(counting, _day):
        more = tally_of(list(given))
        tally = Tally(tally.total + more.total, tally.weight + more.weight)
        points.append([_share(day, period), _rounded(max(tally.mean - WORST, Fraction(0)) / (BEST - WORST))])
    return points


def _day(mark: Any) -> str:
    return str(mark["date"])


def _share(day: str, period: Any) -> float:
    first, last, now = (date.fromisoformat(one) for one in (period["start"], period["end"], day))
    return _rounded(Fraction((now - first).days, max((last - first).days, 1)))


def _rounded(value: Fraction) -> float:
    return round(float(value), _DIGITS)


def levels() -> Sequence[float]:
    """Return the heights of the values 2 to 5."""
    return [_rounded(Fraction(value - WORST, BEST - WORST)) for value in range(WORST, BEST + 1)]
