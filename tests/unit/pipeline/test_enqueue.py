"""enqueue: judged by what the sink was last seen to hold."""

import pytest

from ejsync.domain.batches import BatchState, ItemState
from ejsync.domain.changes import Change, Op
from ejsync.domain.records import Kind
from ejsync.domain.standing import BatchRow, ItemRow, Priority
from ejsync.pipeline.enqueue import Circumstances, enqueue

A, B = "a" * 32, "b" * 32
KEY = (Kind.MARK, "k")


def change(op=Op.UPSERT, version=2, fingerprint=A, kind=Kind.MARK):
    """A change of one key of pupil 1001."""
    return Change(op, kind, "k", "pupil:1001", "1001", None, version, fingerprint, b"{}")


def item(op=Op.UPSERT, version=1, fingerprint=A):
    """The same as an item of a batch."""
    return ItemRow(0, op, Kind.MARK, "k", "1001", version, fingerprint, ItemState.WAITING)


@pytest.fixture
def queue(world):
    """Enqueue one change after the sink was seen to hold something."""

    def run(what, *held, **circumstances):
        with world.tx() as tx:
            tx.outbox.settle("ed", held, world.clock.now())
            return enqueue(tx, "ed", [what], Circumstances(**circumstances), world.clock.now())

    return run


@pytest.mark.parametrize(
    ("what", "held", "queued"),
    [
        (change(), [], 1),
        (change(), [item()], 0),
        (change(fingerprint=B), [item()], 1),
        (change(), [item(op=Op.RETRACT)], 1),
        (change(op=Op.RETRACT), [item()], 1),
        (change(op=Op.RETRACT), [], 0),
        (change(op=Op.RETRACT), [item(op=Op.RETRACT)], 0),
    ],
    ids=["new", "same", "other", "after-retraction", "retract", "retract-unknown", "retract-twice"],
)
def test_only_what_the_sink_does_not_hold_is_queued(queue, what, held, queued):
    """A change goes if, and only if, it would change what the sink holds."""
    done = queue(what, *held)
    assert (done.queued, done.settled) == (queued, 1 - queued)


def test_what_needs_no_sending_any_more_leaves_the_queue(queue, world):
    """A change taken back before sending is dropped from the outbox."""
    queue(change(fingerprint=B), item())
    queue(change(version=3))
    assert world.waiting() == {}


@pytest.mark.parametrize("what", [change(), change(op=Op.RETRACT)], ids=["upsert", "retract"])
def test_with_a_batch_of_the_key_under_way_nothing_is_taken_for_granted(queue, world, what):
    """While a batch with the key is open, every change of it is queued, whatever was delivered last."""
    at = world.clock.now()
    with world.tx() as tx:
        row = BatchRow("b", "school-7", "ed", BatchState.PENDING, "b", "changes", at, at)
        tx.batches.add(row, [item(version=1, fingerprint=B)], b"x", "identity")
    assert queue(what, item(version=1)).queued == 1


@pytest.mark.parametrize("what", [change(), change(op=Op.RETRACT)], ids=["upsert", "retract"])
def test_in_doubt_about_the_sink_everything_is_sent(queue, world, what):
    """After a batch that may have arrived, both an upsert and a retraction are needed."""
    with world.tx() as tx:
        tx.outbox.doubt("ed", {KEY: 1}, world.clock.now())
    assert queue(what).queued == 1


def test_a_withheld_change_becomes_a_retraction_where_the_sink_holds_something(queue, world):
    """Of a pupil without permission nothing is queued but the retraction of what is there, at once and unheld."""
    withheld = frozenset({"1001"})
    assert (queue(change(), withheld=withheld).withheld, world.waiting()) == (1, {})
    done = queue(change(), item(), withheld=withheld, held={KEY: "h"})
    assert (done.queued, done.held) == (1, 0)
    with world.tx() as tx:
        tx.records.save([change()], world.clock.now())
        [sent] = tx.outbox.take("ed", 9)
    assert (sent.entry.op, sent.entry.priority, sent.payload) == (Op.RETRACT, Priority.URGENT, b"")


def test_a_withheld_pupils_retraction_is_urgent_and_unheld(queue, world):
    """What is gone from the journal of a pupil without permission is called back first of all, mass or not."""
    circumstances = {"withheld": frozenset({"1001"}), "held": {KEY: "h"}, "standing": {KEY: "h"}}
    assert queue(change(op=Op.RETRACT), item(), **circumstances).queued == 1
    with world.tx() as tx:
        tx.records.save([change()], world.clock.now())
        assert [sent.entry.priority for sent in tx.outbox.take("ed", 9)] == [Priority.URGENT]


def test_a_held_change_waits_in_its_batch(queue, world):
    """An operation on a kind that is held waits; a key that waits in a hold goes on waiting in it."""
    assert queue(change(), held={KEY: "h"}).held == 1
    assert queue(change(version=3), standing={KEY: "h"}).held == 1
    with world.tx() as tx:
        [entry] = tx.outbox.held_entries("h")
    assert entry.version == 3


@pytest.mark.parametrize(
    ("kind", "expected"),
    [(Kind.MARK, Priority.NORMAL), (Kind.FINAL_MARK, Priority.FINAL_RESULT)],
)
def test_a_priority_follows_the_kind(queue, world, kind, expected):
    """Final marks go before other changes."""
    queue(change(kind=kind), held={(kind, KEY[1]): "h"})
    with world.tx() as tx:
        assert [entry.priority for entry in tx.outbox.held_entries("h")] == [expected]


def test_nothing_is_nothing(world):
    """No changes, no queries, no entries."""
    with world.tx() as tx:
        assert enqueue(tx, "ed", [], Circumstances(), world.clock.now()).queued == 0
