"""What an erasure is about, and the note of the order."""

import pytest

from ejsync.domain.erasure import Step
from ejsync.domain.records import Kind
from ejsync.errors import NotFound
from ejsync.pipeline.erase import advance, begin
from ejsync.pipeline.ordering import extent, finished, ordered
from tests.doubles.erasing import HIM, ORDER, filled, paperwork


def erased(world):
    """An erasure that came to its end."""
    number = begin(world.wiring, ORDER).number
    world.deliver()
    return advance(world.wiring, number, paperwork(world))


def test_all_that_is_held_is_counted(world):
    """Kinds, rows of every table, decisions that stand, and each diary that holds anything of him."""
    filled(world)
    with world.tx() as tx:
        found = extent(world.wiring, tx, HIM)
    assert {one.kind: one.count for one in found.kinds} == {Kind.FINAL_MARK: 1, Kind.MARK: 2, Kind.PUPIL: 1}
    assert found.rows["office_row"] == 1
    assert (len(found.consents), found.diaries) == (1, ("ed",))


def test_of_whom_nothing_is_held_nothing_is_ordered(world):
    """An unknown number is told."""
    with pytest.raises(NotFound):
        ordered(world.wiring, ORDER)


def test_an_order_given_twice_is_one(world):
    """The first one stands, with its own words, and changes nothing yet."""
    filled(world)
    first = ordered(world.wiring, ORDER)
    assert ordered(world.wiring, ORDER) == first
    assert (first.step, first.order) == (Step.ORDERED, ORDER)
    assert finished(world.wiring, HIM) is None


def test_an_erasure_that_is_done_is_found_and_not_ordered_again(world):
    """Until a new consent lets him in again and something of him comes."""
    filled(world)
    done = erased(world)
    assert finished(world.wiring, HIM) == done
    assert ordered(world.wiring, ORDER) == done
    world.consent(HIM)
    assert finished(world.wiring, HIM) is None
