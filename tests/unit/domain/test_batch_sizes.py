"""How many items the next batch may hold."""

import pytest

from ejsync.domain.batch_sizes import after_answer, eased, halved


@pytest.mark.parametrize(("limit", "items", "wanted"), [(500, 500, 250), (250, 500, 250), (500, 3, 1), (500, 1, 1)])
def test_what_is_too_large_is_halved_once(limit, items, wanted):
    """The next batch is half of the one refused, however often that one is refused, and never empty."""
    assert halved(limit, items) == wanted


@pytest.mark.parametrize(
    ("limit", "items", "wanted"), [(500, 500, 250), (250, 500, 250), (500, 250, 500), (500, 1, 500)]
)
def test_a_small_batch_that_is_slow_blames_no_size(limit, items, wanted):
    """Only a batch of more than half the limit says that fewer items may help."""
    assert eased(limit, items) == wanted


@pytest.mark.parametrize(
    ("items", "took_s", "wanted"),
    [
        (100, 1.0, 125),
        (99, 1.0, 100),
        (100, 4.0, 100),
        (100, 16.0, 50),
        (40, 16.0, 100),
    ],
    ids=["quick and full", "not full", "neither", "slow", "slow but small"],
)
def test_an_answer_says_how_many_the_next_may_be(items, took_s, wanted):
    """Quick full batches let it grow by a quarter, slow ones halve it, others leave it."""
    assert after_answer(100, items, most=500, took_s=took_s, slow_s=15.0) == wanted


def test_it_grows_back_to_the_settings_and_no_further():
    """From one item on it takes some thirty quick full batches."""
    limit, steps = 1, 0
    while limit < 500:
        limit, steps = after_answer(limit, limit, most=500, took_s=0.1, slow_s=15.0), steps + 1
    assert limit == 500
    assert steps < 30
    assert after_answer(500, 500, most=500, took_s=0.1, slow_s=15.0) == 500
