"""The weighted mean of marks as two exact sums, and what further marks make of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from ejsync.domain.payloads import Mark
from ejsync.domain.rounding import half_up
from ejsync.domain.scales import values_of, weight_of

BEST, WORST = 5, 2

_HALF = Fraction(1, 2)


@dataclass(frozen=True, slots=True)
class Tally:
    """Σ value·weight and Σ weight; no method but `after` may be asked while the weight is 0."""

    total: Fraction = Fraction(0)
    weight: Fraction = Fraction(0)

    @property
    def mean(self) -> Fraction:
        """Return Σ value·weight / Σ weight."""
        return self.total / self.weight

    @property
    def result(self) -> int:
        """Return the mean rounded half up; results begin at 2, though single marks may be 1."""
        return max(WORST, half_up(self.mean))

    def after(self, value: int, weight: Fraction | int) -> "Tally":
        """Return the tally with further marks of one value, of so much weight together."""
        return Tally(self.total + value * weight, self.weight + weight)

    def fives_for(self, result: int) -> int:
        """Return the fewest fives of weight 1 after which the (higher) result is reached.

        (Σ value·weight + 5k) / (Σ weight + k) ≥ result - ½, solved for k and rounded up.
        """
        lacking = (result - _HALF) * self.weight - self.total
        return max(0, (lacking / (BEST + _HALF - result)).__ceil__())

    def twos_below(self, result: int) -> int:
        """Return the fewest twos of weight 1 in a row after which the result (3 or more) is no longer reached.

        (Σ value·weight + 2k) / (Σ weight + k) < result - ½, solved for k.
        """
        surplus = self.total - (result - _HALF) * self.weight
        return max(0, (surplus / (result - _HALF - WORST)).__floor__() + 1)


def tally_of(marks: Iterable[Mark]) -> Tally:
    """Add up the values that enter a mean; the order of the marks does not matter."""
    tally = Tally()
    for mark in marks:
        for value in values_of(mark):
            tally = tally.after(value, weight_of(mark))
    return tally
