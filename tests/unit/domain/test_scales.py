"""Scales and what counts."""

from fractions import Fraction

import pytest

from ejsync.domain.readings import reading
from ejsync.domain.scales import Scale, grade_of, scale_of, values_of, weight_of
from tests.doubles.class_journal import CLASS, FIRST_FORM, mark


@pytest.mark.parametrize(
    ("raws", "scale"),
    [
        ([], Scale.FIVE), (["5-"], Scale.FIVE), (["3/5"], Scale.FIVE), (["зч"], Scale.PASS), (["87"], Scale.POINTS),
        (["зч", "87"], Scale.POINTS), (["87", "4"], Scale.FIVE), (["н/а"], Scale.FIVE),
    ],
)  # fmt: skip
def test_the_scale_follows_from_the_marks(raws, scale):
    """One grade makes the scale one of five, else points go before credits, and five is the usual one."""
    assert scale_of(CLASS, map(reading, raws)) is scale


def test_a_first_form_has_no_scale():
    """The first year is taught without marks, even where the journal holds one."""
    assert scale_of(FIRST_FORM, [reading("5")]) is Scale.NONE


@pytest.mark.parametrize(
    ("row", "values"),
    [
        (mark("5-"), (5,)),
        (mark("4+"), (4,)),
        (mark("3/5"), (3, 5)),
        (mark("5", averaged=None), (5,)),
        (mark("5", averaged=False), ()),
        (mark("5", 0), ()),
        (mark("5", None), (5,)),
        (mark("5", max_mark=10), ()),
        (mark("зч"), ()),
        (mark("н/а"), ()),
    ],
)
def test_what_of_a_mark_enters_a_mean(row, values):
    """A sign changes nothing, a double is two values; not averaged, weightless and foreign to the scale is left out."""
    assert values_of(row) == values


@pytest.mark.parametrize(("weight", "found"), [(None, 1), (2, 2), (0.1, Fraction(1, 10)), (1.5, Fraction(3, 2))])
def test_no_weight_is_one(weight, found):
    """A weight is what was written, and 1 where nothing was."""
    assert weight_of(mark(weight=weight)) == found


@pytest.mark.parametrize(("raw", "grade"), [("5", 5), ("2-", 2), ("3/5", None), ("зч", None)])
def test_a_grade_is_a_single_value(raw, grade):
    """Only a single grade is a result of the five-point scale."""
    assert grade_of(reading(raw)) == grade
