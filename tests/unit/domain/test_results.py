"""Results counted together."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ejsync.domain.results import NOT_ATTESTED, is_exempt, outcome_of, progress, quality, result_of, spread
from tests.doubles.class_journal import final


def test_shares_by_hand():
    """Of 5, 4, 3, 2 and one not attested two fifths are good and three fifths passed."""
    results = [5, 4, 3, 2, NOT_ATTESTED]
    assert (quality(results), progress(results)) == ("0.4000", "0.6000")
    assert spread(results) == {"1": 0, "2": 1, "3": 1, "4": 1, "5": 1}


def test_of_nobody_there_is_no_share():
    """Without results there is no share, not a share of nothing."""
    assert (quality([]), progress([])) == (None, None)


@pytest.mark.parametrize(
    ("raw", "result"), [("5", 5), ("4-", 4), ("н/а", 0), ("Н/А.", 0), ("зч", None), ("осв", None), ("3/4", None)]
)
def test_what_a_final_mark_counts_as(raw, result):
    """A grade counts, н/а counts as not attested, credits and exemptions count nowhere."""
    assert result_of(final(raw)) == result


@pytest.mark.parametrize(("raw", "exempt"), [("осв", True), ("ОСВ.", True), ("освобождён", True), ("5", False)])
def test_who_is_exempt(raw, exempt):
    """осв is read as exempt, however it is written."""
    assert is_exempt(final(raw)) is exempt


def test_a_final_mark_goes_before_a_forecast():
    """The outcome is the final mark where it is set, else what is expected, else nothing."""
    assert outcome_of(final("3"), {"expected": 5}) == (3, "finals")
    assert outcome_of(None, {"expected": 5}) == (5, "forecast")
    assert outcome_of(None, None) == (None, None)


@settings(derandomize=True, deadline=None)
@given(st.lists(st.integers(0, 5), min_size=1))
def test_shares_lie_between_nothing_and_all(results):
    """0 ≤ quality ≤ progress ≤ 1, and the distribution with those not attested is everybody."""
    assert 0 <= float(quality(results)) <= float(progress(results)) <= 1
    assert sum(spread(results).values()) + results.count(NOT_ATTESTED) == len(results)
