"""Where feeds and sinks stand, and the lease."""

import pytest

from ejsync.domain.standing import FeedMark, SinkMark
from ejsync.errors import LeaseLost


def test_a_feed_is_remembered_as_it_was_saved(world):
    """Counts and uncovered methods come back; a later mark replaces the earlier."""
    first = FeedMark("marks", world.clock.now(), None, 3, 0, {"getdiary": 2}, {"created": 4})
    with world.tx() as tx:
        assert tx.marks.feed("marks") is None
        tx.marks.save_feed(first)
        tx.marks.save_feed(FeedMark("roster", None, "EJ-201", 1, 1))
        assert tx.marks.feed("marks") == first
        assert [mark.feed for mark in tx.marks.feeds()] == ["marks", "roster"]
        tx.marks.save_feed(FeedMark("marks", None, "EJ-201"))
        assert tx.marks.feed("marks").error == "EJ-201"


def test_a_sink_never_tried_stands_well(world):
    """Before its first attempt a sink may be tried at once; afterwards it is as saved."""
    mark = SinkMark("ed", world.clock.now(), 2, "EJ-401", None)
    with world.tx() as tx:
        assert tx.marks.sink("ed") == SinkMark("ed", None, 0, None, None)
        tx.marks.save_sink(mark)
        assert tx.marks.sink("ed") == mark
    with world.store.begin("school-8") as tx:
        assert tx.marks.sink("ed").failures == 0
        assert tx.marks.feeds() == []


def test_only_the_newest_epoch_may_go_on(world):
    """After another taking of the lease the old epoch is refused."""
    old = world.wiring.epoch
    world.restart()
    with world.tx() as tx:
        tx.marks.require_epoch(world.wiring.epoch)
        with pytest.raises(LeaseLost):
            tx.marks.require_epoch(old)


def test_a_sink_is_known_once_it_has_a_mark(world):
    """Only sinks of this school whose mark was saved have joined."""
    with world.tx() as tx:
        assert tx.marks.known_sinks() == set()
        tx.marks.save_sink(tx.marks.sink("ed"))
        assert tx.marks.known_sinks() == {"ed"}
    with world.store.begin("school-8") as tx:
        assert tx.marks.known_sinks() == set()
