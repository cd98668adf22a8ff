"""Scales: on which scale a pupil is marked in a subject, and which values of it enter a mean.

The scale follows from the class and from what the marks were taken for (`domain/readings.py`):

* `none`: the first year is taught without marks (sanitary rules SP 2.4.3648-20), whatever stands in the journal;
* `five`: at least one grade or double, or nothing yet: the five-point scale is the usual one;
* `points`: points out of a maximum and no grade;
* `pass`: credits (зч) only.

The level (`primary`, `basic`, `secondary`) is that of the class's own record.
"""

from collections.abc import Iterable
from enum import StrEnum
from fractions import Fraction

from ejsync.domain.payloads import Mark, Reading, SchoolClass
from ejsync.domain.rounding import exact

UNMARKED_PARALLEL = 1
"""The year of study that is taught without marks."""

_GRADES = ("grade", "double")


class Scale(StrEnum):
    """What results of a subject look like."""

    FIVE = "five"
    POINTS = "points"
    PASS = "pass"  # noqa: S105 - a credit
    NONE = "none"


def scale_of(school_class: SchoolClass, readings: Iterable[Reading]) -> Scale:
    """Say on which scale a subject is marked, by the readings of its marks and final marks."""
    if school_class["parallel"] == UNMARKED_PARALLEL:
        return Scale.NONE
    types = {reading["type"] for reading in readings}
    if types.isdisjoint(_GRADES):
        return next((Scale(kind) for kind in (Scale.POINTS, Scale.PASS) if kind in types), Scale.FIVE)
    return Scale.FIVE


def grade_of(reading: Reading) -> int | None:
    """Return the grade (1–5) of a single grade; its sign changes nothing. None for everything else."""
    return int(reading["value"] or 0) if reading["type"] == "grade" else None


def weight_of(mark: Mark) -> Fraction:
    """Return a mark's weight, a factor without unit; 1 where ElJur names none."""
    return Fraction(1) if mark["weight"] is None else exact(mark["weight"])


def values_of(mark: Mark) -> tuple[int, ...]:
    """Return the values (1–5) of a mark that enter a mean: one of a grade, two of a double, none of anything else.

    Left out are marks that ElJur does not average (`count`, fact sheet 4.3), of weight 0, points, credits, and
    spellings that nobody knows. Both values of a double have the weight of their mark.
    """
    reading = mark["reading"]
    if mark["averaged"] is False or not weight_of(mark) or reading["type"] not in _GRADES:
        return ()
    return tuple(int(value) for value in (reading["value"], reading["second"]) if value is not None)
