"""When a failed batch goes again."""

from datetime import timedelta
from random import Random

import pytest

from ejsync.domain.backoff import JITTER, LONGEST_S, SOONEST_S, STEPS_S, retry_delay_s, still_waits
from tests.doubles.clock import START


def test_the_steps_are_those_of_the_promise():
    """5 s, 30 s, 2 min, 10 min, half an hour; a fifth more or less; a day at the most."""
    assert STEPS_S == (5, 30, 120, 600, 1800)
    assert (JITTER, LONGEST_S) == (0.2, 86_400)


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


@pytest.mark.parametrize("left_s", [SOONEST_S + 1, 200.0, 600.0, 1400.0])
def test_before_a_deadline_the_next_try_comes_in_time(left_s):
    """Where the half hour would pass a deadline, the try comes before it, and no sooner than two minutes from now."""
    for seed in range(50):
        assert SOONEST_S <= retry_delay_s(9, Random(seed), left_s=left_s) < left_s


@pytest.mark.parametrize("left_s", [None, 0.0, -5.0, 2161.0, 1e6])
def test_a_deadline_that_is_far_or_over_changes_nothing(left_s):
    """What is late goes on by the half hour, and a step that ends before the deadline stays as it is."""
    assert retry_delay_s(9, Random(3), left_s=left_s) == retry_delay_s(9, Random(3))


@pytest.mark.parametrize("attempt", [1, 2, 3])
def test_a_deadline_never_makes_a_wait_longer(attempt):
    """The first steps are short enough by themselves, even in the last minute."""
    assert retry_delay_s(attempt, Random(1), left_s=3.0) <= retry_delay_s(attempt, Random(1))


def test_a_deadline_does_not_overrule_the_sink():
    """A sink that asks for an hour gets its hour."""
    assert retry_delay_s(9, Random(0), asked_s=3600.0, left_s=300.0) == 3600


@pytest.mark.parametrize(
    ("ahead", "asked", "waits"),
    [
        (timedelta(0), False, False),
        (timedelta(seconds=1), False, True),
        (timedelta(minutes=36), False, True),
        (timedelta(minutes=37), False, False),
        (timedelta(hours=23), True, True),
        (timedelta(hours=25), True, False),
    ],
)
def test_a_wait_longer_than_any_is_over(ahead, asked, waits):
    """After the clock was set back nothing waits for longer than it would ever have been told to."""
    assert still_waits(START + ahead, START, asked=asked) is waits
    assert still_waits(None, START, asked=asked) is False
