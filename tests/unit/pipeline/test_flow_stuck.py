"""A batch that always fails: what comes after it and what travels with it arrives all the same."""

import pytest

from ejsync.domain.batches import BatchState
from ejsync.errors import SinkAuthFailed, SinkThrottled, SinkUnclear
from tests.doubles.records import mark, marks

POISON, WELL, LATER = mark(lesson_id="1"), mark(lesson_id="2"), mark(lesson_id="3")
ERRORS = {
    "403 of a firewall": SinkAuthFailed(sink="ed", reason="HTTP 403"),
    "503 with a wish to wait": SinkThrottled(sink="ed", reason="HTTP 503", retry_after_s=5.0),
    "500": SinkUnclear(sink="ed", reason="HTTP 500"),
}


def gateway(world, error, keys=None):
    """Something before the diary dislikes certain keys, or everything, and says so with an error."""
    answers = world.ed._answers

    def disliked(parcel, items):
        if keys is None or any(item["key"] in keys for item in items):
            raise error
        return answers(parcel, items)

    world.ed._answers = disliked
    return lambda: setattr(world.ed, "_answers", answers)


def dead(world):
    """Batches of which anything died."""
    with world.tx() as tx:
        return tx.batches.find((BatchState.DEAD, BatchState.PARTIAL))


@pytest.mark.parametrize("name", ERRORS)
@pytest.mark.parametrize("later", [False, True])
def test_all_but_the_poison_arrive(world, name, later):
    """Batch-mates and what is read afterwards reach families within two days, on a quiet school day too."""
    world.consent("1001")
    gateway(world, ERRORS[name], {POISON.key})
    world.read(marks(["1001"], POISON, WELL))
    world.deliver()
    if later:
        world.clock.move(minutes=40)
        world.read(marks(["1001"], POISON, WELL, LATER))
    world.settle_down(48)
    assert set(world.seen()) == {WELL.key, *([LATER.key] if later else [])}


def test_forty_nine_good_items_do_not_wait_for_a_bad_one(world):
    """One of fifty upsets the diary, nothing else is to be sent: the others arrive, and it is not buried unproved."""
    world.consent("1001")
    every = [mark(lesson_id=str(number)) for number in range(50)]
    world.ed.upset.add(("mark", every[10].key))
    world.read(marks(["1001"], *every))
    world.settle_down(48)
    assert len(world.seen()) == 49
    assert dead(world) == []


@pytest.mark.parametrize("name", ERRORS)
def test_a_long_outage_multiplies_nothing(world, name):
    """Two days in which everything fails: two batches, each tried by the half hour, no dead letter; then all arrive."""
    world.consent("1001")
    every = [mark(lesson_id=str(number)) for number in range(50)]
    end = gateway(world, ERRORS[name])
    world.read(marks(["1001"], *every))
    world.settle_down(48)
    assert len(world.ed.requests) <= 2 * 2 * 48 + 12
    assert len({request.key for request in world.ed.requests}) <= 3
    assert dead(world) == []
    end()
    world.settle_down(2)
    assert len(world.seen()) == 50
