"""Batch states: one table, and nothing beside it."""

from itertools import product

import pytest

from ejsync.domain.batches import OPEN, TRANSITIONS, BatchState, ItemAnswer, Status, transition, verdict
from ejsync.errors import IllegalTransition

ANSWERED = [Status.APPLIED, Status.UNCHANGED, Status.STALE]


@pytest.mark.parametrize(("current", "wanted"), list(product(BatchState, BatchState)))
def test_only_what_the_table_allows_is_allowed(current, wanted):
    """Every pair of states is either in the table or refused with both names."""
    if wanted in TRANSITIONS[current]:
        assert transition("b", current, wanted) is wanted
    else:
        with pytest.raises(IllegalTransition) as caught:
            transition("b", current, wanted)
        assert (caught.value.current, caught.value.wanted) == (current, wanted)


def test_every_state_can_be_reached_and_every_open_one_ends():
    """From held and pending each state is reachable, and from each open state a final one."""
    reached = {BatchState.HELD, BatchState.PENDING}
    for _ in BatchState:
        reached |= {after for state in reached for after in TRANSITIONS[state]}
    assert reached == set(BatchState)
    for state in OPEN:
        assert any(not TRANSITIONS[after] for after in TRANSITIONS[state])


@pytest.mark.parametrize(
    ("statuses", "state"),
    [
        (ANSWERED, BatchState.DELIVERED),
        ([*ANSWERED, Status.REJECTED], BatchState.PARTIAL),
        ([Status.REJECTED, Status.REJECTED], BatchState.DEAD),
    ],
)
def test_a_batch_is_as_well_as_its_items(statuses, state):
    """No rejection: delivered; some: partial; all: dead."""
    assert verdict([ItemAnswer(position, status) for position, status in enumerate(statuses)]) is state
