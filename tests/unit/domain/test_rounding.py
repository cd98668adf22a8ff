"""One rounding, exact."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ejsync.domain.rounding import decimal, exact, half_up, mean, share


@pytest.mark.parametrize(
    ("value", "rounded"), [("4.5", 5), ("4.49", 4), ("2.5", 3), ("3.5", 4), ("2", 2), ("4.49999999999999999999", 4)]
)
def test_a_half_goes_up_and_nothing_less_does(value, rounded):
    """4.5 is 5 and 2.5 is 3, but a hair under a half, beyond what a float can tell, is rounded down."""
    assert half_up(Fraction(value)) == rounded


def test_a_number_is_what_was_written():
    """Ten tenths are one, which binary floats deny."""
    assert sum(exact(0.1) for _ in range(10)) == 1


@pytest.mark.parametrize(
    ("total", "count", "text"), [(13, 3, "4.33"), (10, 2, "5.00"), (14, 3, "4.67"), (4345, 1000, "4.35"), (0, 0, None)]
)
def test_a_mean_has_two_digits(total, count, text):
    """A mean is written with two digits, rounded half up; of nothing there is none."""
    assert mean(total, count) == text


@pytest.mark.parametrize(
    ("part", "whole", "text"), [(2, 3, "0.6667"), (1, 8, "0.1250"), (0, 5, "0.0000"), (5, 5, "1.0000"), (0, 0, None)]
)
def test_a_share_has_four_digits(part, whole, text):
    """A share is written with four digits; of nobody there is none."""
    assert share(part, whole) == text


@settings(derandomize=True, deadline=None)
@given(st.fractions(min_value=0, max_value=1000), st.integers(1, 6))
def test_what_is_written_lies_within_half_a_digit(value, digits):
    """A written decimal differs from the number by at most half of its last digit."""
    assert abs(Fraction(decimal(value, digits)) - value) <= Fraction(1, 2 * 10**digits)
