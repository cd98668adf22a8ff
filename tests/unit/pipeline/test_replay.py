"""replay: dead letters and held batches, by an operator's word."""

import pytest

from ejsync.errors import IllegalTransition, NotFound
from ejsync.pipeline.replay import approve, discard, replay
from tests.doubles.records import mark, marks


@pytest.fixture
def dead(world):
    """A batch with one dead letter and one delivered item."""
    world.consent("1001")
    world.ed.reject["mark", mark().key] = "poison"
    world.read(marks(["1001"], mark(), mark(lesson_id="78")))
    world.deliver()
    return world.batches("partial")[0].batch


def test_a_replay_is_a_new_batch_under_a_new_key(world, dead):
    """The new batch is linked to the old one and has a key of its own; it is witnessed."""
    done = replay(world.wiring, dead[:8])
    old, new = (next(row for row in world.batches() if row.batch == name) for name in (dead, done.batch))
    assert (new.state, new.replay_of, new.items) == ("pending", dead, 1)
    assert new.idempotency_key != old.idempotency_key
    assert [item.state for item in world.items(dead)] == ["replayed", "delivered"]
    assert world.audit("batch.replayed")[0].details["replay"] == done.batch


def test_dead_letters_can_be_given_up(world, dead):
    """Discarded dead letters are no longer counted and no longer replayed."""
    assert discard(world.wiring, dead) == 1
    with world.tx() as tx:
        assert tx.batches.dead_items() == 0
    assert replay(world.wiring, dead).sent == 0
    with pytest.raises(IllegalTransition):
        discard(world.wiring, dead)


@pytest.mark.parametrize("verb", [replay, approve, discard])
def test_an_unknown_batch_is_told(world, verb):
    """Each verb says that there is no such batch."""
    with pytest.raises(NotFound):
        verb(world.wiring, "nosuch")


def test_only_a_held_batch_can_be_approved(world, dead):
    """A settled batch cannot be approved."""
    with pytest.raises(IllegalTransition):
        approve(world.wiring, dead)
