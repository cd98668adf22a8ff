"""When a failed batch goes again."""

from random import Random

import pytest

from ejsync.domain.backoff import JITTER, LONGEST_S, STEPS_S, retry_delay_s


@pytest.mark.parametrize("attempt", [1, 2, 3, 4, 5, 6, 1000])
def test_each_wait_is_its_step_within_the_jitter(attempt):
    """The wait grows step by step, stays at the last one, and strays by a fifth at most."""
    step = STEPS_S[min(attempt, len(STEPS_S)) - 1]
    waits = [retry_delay_s(attempt, Random(seed)) for seed in range(200)]
    assert min(waits) >= step * (1 - JITTER)
    assert max(waits) <= step * (1 + JITTER)
    assert len(set(waits)) > 100


@pytest.mark.parametrize(("asked", "expected"), [(7200.0, 7200.0), (1e9, LONGEST_S), (float("inf"), LONGEST_S)])
def test_a_longer_wait_asked_for_is_obeyed_up_to_a_day(asked, expected):
    """A sink's wish for more time is obeyed, but never for more than a day."""
    assert retry_delay_s(1, Random(0), asked_s=asked) == expected


@pytest.mark.parametrize("asked", [None, 0.0, 1.0])
def test_a_shorter_wait_asked_for_does_not_hurry_us(asked):
    """Our own step stands where the sink asks for less or nothing."""
    assert retry_delay_s(2, Random(0), asked_s=asked) == retry_delay_s(2, Random(0))
