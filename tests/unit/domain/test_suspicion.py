"""What is held against a batch."""

from dataclasses import replace

import pytest

from ejsync.domain.batches import BatchState
from ejsync.domain.standing import BatchRow
from ejsync.domain.suspicion import (
    STUCK_AFTER,
    asked_to_wait,
    is_its_own_trouble,
    is_refusal,
    is_searched,
    is_stuck,
    may_be_halved,
)
from tests.doubles.clock import START

AWAY, THROTTLED, AUTH, UNCLEAR = "EJ-401", "EJ-402", "EJ-403", "EJ-405"
WHOLE = BatchRow("b", "school-7", "ed", BatchState.IN_FLIGHT, "k", "changes", START, START, items=8)
HALF = replace(WHOLE, split_of="a", refused=1, items=4)
LAST = replace(HALF, items=1)


@pytest.mark.parametrize(
    ("row", "error", "attempts", "stuck"),
    [
        (WHOLE, UNCLEAR, STUCK_AFTER, True),
        (WHOLE, AWAY, STUCK_AFTER, True),
        (WHOLE, UNCLEAR, STUCK_AFTER - 1, False),
        (WHOLE, AUTH, STUCK_AFTER, True),
        (WHOLE, THROTTLED, STUCK_AFTER, True),
        (WHOLE, THROTTLED, STUCK_AFTER - 1, False),
        (WHOLE, None, 0, False),
        (HALF, UNCLEAR, 1, True),
        (HALF, AWAY, 1, False),
    ],
)
def test_a_batch_is_stuck_after_four_failures_that_might_be_its_own(row, error, attempts, stuck):
    """Whatever the sink said, or said nothing; a part of what was refused is after one strange answer."""
    assert is_stuck(replace(row, last_error=error, attempts=attempts)) is stuck


@pytest.mark.parametrize(
    ("row", "last", "attempts", "error", "failures", "refusal"),
    [
        (WHOLE, UNCLEAR, 5, UNCLEAR, 0, True),
        (WHOLE, UNCLEAR, 5, UNCLEAR, 1, False),
        (WHOLE, UNCLEAR, 4, UNCLEAR, 0, False),
        (WHOLE, AWAY, 5, UNCLEAR, 0, False),
        (WHOLE, UNCLEAR, 5, AWAY, 0, False),
        (HALF, None, 1, UNCLEAR, 0, True),
        (HALF, None, 1, UNCLEAR, 1, False),
        (HALF, None, 1, AWAY, 0, False),
        (LAST, None, 1, UNCLEAR, 0, False),
        (LAST, UNCLEAR, 2, UNCLEAR, 0, True),
        (LAST, UNCLEAR, 2, UNCLEAR, 1, False),
    ],
)
def test_a_strange_answer_is_a_refusal_only_between_answers_to_others(*, row, last, attempts, error, failures, refusal):
    """It takes strange answers before and after one to another batch; but for parts, where a mistake buries nothing."""
    assert is_refusal(replace(row, last_error=last, attempts=attempts), error, failures) is refusal


def test_only_what_was_answered_goes_on_in_halves():
    """Without an answer it may have been applied: no other key for that; and one item is no two halves."""
    stuck = replace(WHOLE, attempts=STUCK_AFTER)
    halved = {error: may_be_halved(replace(stuck, last_error=error)) for error in (AWAY, THROTTLED, AUTH, UNCLEAR)}
    assert halved == {AWAY: False, THROTTLED: True, AUTH: True, UNCLEAR: True}
    assert not may_be_halved(replace(stuck, last_error=UNCLEAR, items=1))
    assert not may_be_halved(replace(stuck, last_error=UNCLEAR, attempts=1))


@pytest.mark.parametrize(("attempts", "failures", "own"), [(5, 0, True), (5, 1, False), (4, 0, False)])
def test_a_batch_waits_alone_where_the_sink_answers_others(attempts, failures, own):
    """Only after four failures, and only while the sink has answered since."""
    assert is_its_own_trouble(replace(WHOLE, attempts=attempts), failures) is own


def test_halves_of_what_is_too_large_are_not_searched():
    """Nothing is held against them; nor is a batch searched that was never split."""
    assert is_searched(HALF)
    assert not is_searched(replace(HALF, refused=0))
    assert not is_searched(replace(WHOLE, refused=1))


def test_a_wait_was_the_sinks_wish_only_if_it_said_so():
    """No other error asks for a wait."""
    assert [asked_to_wait(error) for error in (THROTTLED, AWAY, UNCLEAR, None)] == [True, False, False, False]
