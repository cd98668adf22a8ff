"""Exact numbers and the one rounding of reports and forecasts: half up; a float never decides.

Payloads carry decimals as text with fixed digits ("4.35"), so that a fingerprint changes only with the value.
"""

from fractions import Fraction
from functools import lru_cache

MEAN_DIGITS = 2
SHARE_DIGITS = 4

_HALF = Fraction(1, 2)


# Weights are few and marks are many: a school's forecasts read the same few numbers again and again.
@lru_cache(maxsize=1000)
def exact(number: float) -> Fraction:
    """Return the number that was written: 0.1 is a tenth, not the nearest binary fraction."""
    return Fraction(str(number))


def half_up(value: Fraction) -> int:
    """Round to the nearest whole number, a half upwards: 4.5 is 5 (usual practice of Russian schools)."""
    return (value + _HALF).__floor__()


def decimal(value: Fraction, digits: int) -> str:
    """Write a number that is not negative with so many digits after the point, rounded half up."""
    whole, rest = divmod(half_up(value * 10**digits), 10**digits)
    return f"{whole}.{rest:0{digits}d}"


def mean(total: Fraction | int, count: Fraction | int) -> str | None:
    """Write a mean with two digits; None where there is nothing to take it of."""
    return decimal(Fraction(total) / count, MEAN_DIGITS) if count else None


def share(part: int, whole: int) -> str | None:
    """Write a share of a whole with four digits, between 0.0000 and 1.0000; None where there is nobody."""
    return decimal(Fraction(part, whole), SHARE_DIGITS) if whole else None
