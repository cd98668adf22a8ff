"""Batches by choice, their items beside what stands now, and when a hold was decided, on disk."""

from dataclasses import replace

import pytest

from ejsync.domain.batches import BatchState, ItemState
from ejsync.domain.changes import Op
from ejsync.domain.decisions import ALL, Selection
from ejsync.domain.records import Kind
from ejsync.domain.standing import BatchRow, ItemRow
from ejsync.pipeline.replay import approve, discard
from tests.doubles.records import mark, marks
from tests.doubles.world import STRICT


def item(position, kind=Kind.MARK, code=None, state=ItemState.DEAD, **fields):
    """An item of a batch."""
    return ItemRow(position, Op.UPSERT, kind, f"k{position}", "1001", 1, "f", state, code, **fields)


@pytest.fixture
def shelf(world):
    """Three batches: refused item by item, refused whole, and delivered."""
    at = world.clock.now()
    rows = {
        "some": (BatchState.PARTIAL, None, [item(0, code="poison"), item(1, Kind.ABSENCE, "late"), item(2, code="x")]),
        "whole": (BatchState.DEAD, "EJ-304", [item(0), item(1)]),
        "well": (BatchState.DELIVERED, None, [item(0, state=ItemState.DELIVERED)]),
    }
    with world.tx() as tx:
        for name, (state, error, items) in rows.items():
            row = BatchRow(name, "school-7", "ed", state, name, "changes", at, at, last_error=error)
            tx.batches.add(row, items, b"", "")
    return world


def chosen(world, **fields):
    """The names of the batches that are chosen, and their items as batch and position."""
    with world.tx() as tx:
        batches = {row.batch for row in tx.decisions.find(Selection(**fields), 9)}
        return batches, {(one.batch, one.position) for one in tx.decisions.standings(Selection(**fields))}


def test_without_a_choice_everything_is_meant(shelf):
    """Every batch with every item; as many as asked for."""
    assert chosen(shelf)[0] == {"some", "whole", "well"}
    assert len(chosen(shelf)[1]) == 6
    with shelf.tx() as tx:
        assert len(tx.decisions.find(ALL, 2)) == 2


def test_a_reason_is_an_items_answer_or_else_its_batchs_last_error(shelf):
    """Items that have an answer of their own go by it, the others by their batch's error."""
    assert chosen(shelf, reason="poison") == ({"some"}, {("some", 0)})
    assert chosen(shelf, reason="EJ-304") == ({"whole"}, {("whole", 0), ("whole", 1)})


def test_dead_and_kind_choose_items_together(shelf):
    """A batch is meant for its dead letters only if one of them is of the kind."""
    assert chosen(shelf, dead=True, kind=Kind.ABSENCE) == ({"some"}, {("some", 1)})
    assert chosen(shelf, dead=True, kind=Kind.ABSENCE, reason="poison")[0] == set()


def test_marked_items_are_dead_no_more(shelf):
    """Some positions move, the others stay; with none left the batch is not chosen by its dead letters."""
    dead = {"batch": "some", "items": (ItemState.DEAD,)}
    with shelf.tx() as tx:
        tx.decisions.mark("some", [0, 2], ItemState.REPLAYED)
    assert chosen(shelf, **dead)[1] == {("some", 1)}
    with shelf.tx() as tx:
        tx.decisions.mark("some", [1], ItemState.DISCARDED)
    assert chosen(shelf, dead=True)[0] == {"whole"}
    assert chosen(shelf, states=(BatchState.DEAD, BatchState.DELIVERED))[0] == {"whole", "well"}


def test_an_item_stands_beside_what_is_known_waits_travels_and_is_there(world):
    """Each version comes from its own table, that of other batches to the same diary only."""
    world.consent("1001")
    world.read(marks(["1001"], mark()))
    world.deliver()
    [first] = world.batches("delivered")
    world.read(marks(["1001"], mark(raw="4")))
    world.ed.faults.append("unavailable")
    world.deliver()
    world.read(marks(["1001"], mark(raw="3")))
    with world.tx() as tx:
        [one] = tx.decisions.standings(Selection(batch=first.batch))
        other = replace(first, batch="other", sink="other", idempotency_key="other")
        tx.batches.add(other, [replace(tx.batches.items(first.batch)[0])], b"", "")
        [elsewhere] = tx.decisions.standings(Selection(batch="other"))
    assert (one.known, one.waits, one.travels, one.there, one.there_live, one.allowed) == (3, 3, 2, 1, True, True)
    assert (elsewhere.known, elsewhere.waits, elsewhere.travels, elsewhere.there) == (3, None, None, None)


@pytest.mark.parametrize("decide", [approve, discard])
def test_the_last_decision_about_a_hold_is_remembered_by_feed(world, decide):
    """What heals by itself was decided by nobody; a decision counts for its feed alone."""
    world.consent("1001")
    many = [mark(lesson_id=str(number)) for number in range(5)]
    world.read(marks(["1001"], *many))
    world.deliver()
    world.guarded(STRICT)
    world.read(marks(["1001"], believable=True))
    world.read(marks(["1001"], *many))
    with world.tx() as tx:
        assert tx.decisions.last("marks") is None
    world.read(marks(["1001"], believable=True))
    world.clock.move(minutes=5)
    decide(world.wiring, world.batches("held")[0].batch)
    with world.tx() as tx:
        assert tx.decisions.last("marks") == world.clock.now()
        assert tx.decisions.last("finals") is None
