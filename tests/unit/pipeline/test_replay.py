"""replay: dead letters and held batches, by an operator's word."""

import dataclasses

import pytest

from ejsync.domain.batches import ItemState
from ejsync.domain.decisions import ALL, Fate, Selection
from ejsync.domain.records import Kind
from ejsync.errors import IllegalTransition, NotFound
from ejsync.pipeline.offer import offer_again, standing_change
from ejsync.pipeline.replay import approve, discard, plan, replay, stuck
from tests.doubles.records import mark, marks
from tests.doubles.world import STRICT


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


KEY = (Kind.MARK, mark().key)


def test_the_plan_is_what_is_then_done(world, dead):
    """It counts by diary, kind, reason and fate, changes nothing, and keeps to what was chosen."""
    assert plan(world.wiring, ALL) == {("ed", Kind.MARK, "poison", Fate.SENT): 1}
    assert plan(world.wiring, Selection(reason="other")) == {}
    assert world.audit("batch.replayed") == []
    assert replay(world.wiring, dead).sent == 1
    assert plan(world.wiring, ALL) == {}


def test_only_the_chosen_dead_letters_of_a_batch_go(world, dead):
    """Another reason leaves them dead, for a replay and for giving up."""
    assert replay(world.wiring, dead, Selection(reason="other")).batch is None
    with pytest.raises(IllegalTransition):
        discard(world.wiring, dead, Selection(kind=Kind.LESSON))
    assert replay(world.wiring, dead, Selection(reason="poison", kind=Kind.MARK)).sent == 1


def test_what_waits_again_already_goes_no_second_time(world, dead):
    """With the same version in the outbox a replay sends nothing and the diary sees it once."""
    world.ed.reject.clear()
    with world.tx() as tx:
        offer_again(world.wiring, tx, "ed", [KEY])
    done = replay(world.wiring, dead)
    assert (done.batch, done.superseded) == (None, 1)
    world.settle_down()
    assert world.ed.effects["mark", mark().key, 1] == 1


def test_what_travels_already_goes_no_second_time(world, dead):
    """With the same version in a batch that waits for its next try a replay sends nothing."""
    world.ed.reject.clear()
    with world.tx() as tx:
        offer_again(world.wiring, tx, "ed", [KEY])
    world.ed.faults.append("unavailable")
    world.deliver()
    assert replay(world.wiring, dead).superseded == 1
    world.settle_down()
    assert (world.ed.effects["mark", mark().key, 1], world.ed.regressions) == (1, [])


def test_what_follows_an_older_version_under_way_goes_behind_it(world, dead):
    """A dead letter newer than what an open batch carries never overtakes it."""
    world.ed.reject.clear()
    with world.tx() as tx:
        offer_again(world.wiring, tx, "ed", [KEY])
    world.ed.faults.append("unavailable")
    world.deliver()
    [pending] = world.batches("pending")
    with world.tx() as tx:
        [item] = tx.batches.items(dead)[:1]
        raised = dataclasses.replace(item, version=2)
        tx.batches.answer(dead, [raised])
        change = standing_change(tx.records.known_keys([KEY])[KEY])
        tx.records.bump([dataclasses.replace(change, version=2)], world.clock.now())
    done = replay(world.wiring, dead)
    assert (done.sent, done.batch) == (1, None)
    world.settle_down()
    versions = [one["version"] for request in world.ed.requests[-2:] for one in request.items]
    assert (versions, world.ed.regressions, pending.items) == ([1, 2], [], 1)


def test_what_is_held_is_not_let_out_by_a_replay(world):
    """An edit that was refused stays where it is while the disappearance of its record waits for approval."""
    world.consent("1001")
    many = [mark(lesson_id=str(number)) for number in range(5)]
    world.read(marks(["1001"], *many))
    world.deliver()
    world.ed.reject["mark", many[0].key] = "poison"
    world.read(marks(["1001"], mark(raw="2", lesson_id="0"), *many[1:]))
    world.deliver()
    world.guarded(STRICT)
    world.read(marks(["1001"], believable=True))
    [dead] = world.batches("dead")
    world.ed.reject.clear()
    assert plan(world.wiring, ALL) == {("ed", Kind.MARK, "poison", Fate.HELD): 1}
    assert replay(world.wiring, dead.batch).held == 1
    world.settle_down()
    assert (set(world.seen().values()), len(world.batches("held"))) == ({"5"}, 1)


@pytest.fixture
def failing(world):
    """A batch of two marks that reached the diary, whose answers never came back."""
    world.consent("1001", "1002")
    world.ed.faults.append("lost")
    world.read(marks(["1001", "1002"], mark(), mark("1002")))
    world.deliver()
    return world


def test_a_batch_that_fails_for_ever_can_be_given_up(failing):
    """It never goes again; nobody knows what the diary has, so every later change is sent."""
    [pending] = failing.batches("pending")
    assert stuck(pending)
    assert discard(failing.wiring, pending.batch) == 2
    failing.settle_down()
    assert len(failing.ed.requests) == 1
    assert {item.state for item in failing.items(pending.batch)} == {ItemState.DISCARDED}
    failing.read(marks(["1001", "1002"], mark(raw="4"), believable=True))
    failing.settle_down()
    assert failing.seen() == {mark().key: "4"}


def test_the_end_of_a_consent_is_not_given_up_with_a_batch(failing):
    """Called back for want of consent, a mark goes on being called back although its batch was given up."""
    failing.settle_down()
    failing.withdraw("1002")
    failing.ed.faults.append("unavailable")
    failing.deliver()
    [pending] = failing.batches("pending")
    assert discard(failing.wiring, pending.batch) == 0
    failing.settle_down()
    assert failing.seen() == {mark().key: "5"}


def test_a_batch_that_was_never_tried_is_not_given_up(world, dead):
    """A replay on its way has not failed yet."""
    new = replay(world.wiring, dead).batch
    with pytest.raises(IllegalTransition):
        discard(world.wiring, new)


def test_giving_up_beside_a_sender_is_refused(failing):
    """A batch that is under way at this moment is nobody's to give up."""
    [pending] = failing.batches("pending")

    def meanwhile(_items):
        with pytest.raises(IllegalTransition):
            discard(failing.wiring, pending.batch)

    failing.ed.on_request = meanwhile
    failing.settle_down()
    assert len(failing.seen()) == 2
