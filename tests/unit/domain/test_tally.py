"""The weighted mean, exactly."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ejsync.domain.tally import BEST, WORST, Tally, tally_of
from tests.doubles.class_journal import mark

RAWS = st.sampled_from(["2", "3", "4", "5", "5-", "4+", "3/5", "1"])
WEIGHTS = st.sampled_from([None, 0.1, 0.5, 1, 1.5, 2, 3, 10])
MARKS = st.lists(st.builds(mark, RAWS, WEIGHTS), min_size=1, max_size=12)
exhaustive = settings(derandomize=True, deadline=None, max_examples=300)


@pytest.mark.parametrize(
    ("marks", "total", "weight", "result"),
    [
        ([("5", 1), ("4", 1)], 9, 2, 5),
        ([("5", 1), ("4", 2), ("3", 3)], 22, 6, 4),
        ([("3/5", 2), ("2", None)], 18, 5, 4),
        ([("5", 0), ("зч", 1), ("2", 0.5)], 1, Fraction(1, 2), 2),
        ([("1", 1)], 1, 1, 2),
    ],
)
def test_tallies_worked_out_by_hand(marks, total, weight, result):
    """Σ value·weight, Σ weight and the result, for marks with weights, doubles, and what does not count."""
    tally = tally_of(mark(*one) for one in marks)
    assert (tally.total, tally.weight, tally.result) == (total, weight, result)


def test_fives_and_twos_by_hand():
    """After 4, 4, 3 five fives make 36/8 = 4.5 and four only 31/7; one two makes 13/4 = 3.25, which is a 3."""
    tally = tally_of([mark("4"), mark("4"), mark("3")])
    assert [tally.fives_for(5), tally.twos_below(4)] == [5, 1]


@exhaustive
@given(MARKS, st.integers(3, 5))
def test_so_many_fives_and_not_one_fewer(marks, wanted):
    """After the fives that are needed the result is reached, and with one fewer it is not."""
    tally = tally_of(marks)
    fives = tally.fives_for(wanted)
    assert tally.after(BEST, fives).result >= wanted
    assert fives == 0 or tally.after(BEST, fives - 1).result < wanted


@exhaustive
@given(MARKS)
def test_so_many_twos_and_not_one_fewer(marks):
    """After the twos in a row the result is lower, and with one fewer it is not."""
    tally = tally_of(marks)
    if tally.result > WORST:
        twos = tally.twos_below(tally.result)
        assert tally.after(WORST, twos).result < tally.result == tally.after(WORST, twos - 1).result


@exhaustive
@given(MARKS, st.randoms(use_true_random=False))
def test_order_does_not_matter(marks, random):
    """Shuffled marks have the same tally."""
    shuffled = random.sample(marks, len(marks))
    assert tally_of(shuffled) == tally_of(marks)


@exhaustive
@given(st.lists(st.tuples(RAWS, st.integers(1, 9)), min_size=1), st.integers(2, 7))
def test_only_the_ratio_of_weights_matters(marks, factor):
    """All weights times one factor leave the mean as it is."""
    assert tally_of(mark(*one) for one in marks).mean == tally_of(mark(raw, factor * w) for raw, w in marks).mean


def test_a_tally_begins_with_nothing():
    """Of no marks both sums are 0."""
    assert tally_of([]) == Tally(Fraction(0), Fraction(0))
