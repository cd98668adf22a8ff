"""Batches on disk."""

from datetime import timedelta

import pytest

from ejsync.domain.batches import BatchState, ItemState
from ejsync.domain.changes import Op
from ejsync.domain.records import Kind
from ejsync.domain.standing import BatchRow, ItemRow
from ejsync.errors import IllegalTransition, LeaseLost, NotFound

ITEMS = [
    ItemRow(position, Op.UPSERT, Kind.MARK, f"k{position}", "1001", 1, "f" * 32, ItemState.WAITING)
    for position in range(3)
]


@pytest.fixture
def add(world):
    """Store a batch."""

    def make(name="aa11", state=BatchState.PENDING, *, sink="ed", seconds=0, **fields):
        at = world.clock.now() + timedelta(seconds=seconds)
        fields = {"reason": "changes", **fields}
        row = BatchRow(name, "school-7", sink, state, f"key-{name}", created_at=at, due_at=at, **fields)
        with world.tx() as tx:
            tx.batches.add(row, ITEMS, b"bytes", "gzip")
        return row

    return make


def test_a_batch_comes_back_as_it_was_stored(world, add):
    """Row, items and the very bytes are read as they were written."""
    row = add()
    with world.tx() as tx:
        assert tx.batches.get("aa11") == row
        assert tx.batches.items("aa11") == ITEMS
        parcel = tx.batches.parcel("aa11")
    assert (parcel.body, parcel.encoding, parcel.idempotency_key) == (b"bytes", "gzip", "key-aa11")
    assert [item.key for item in parcel.items] == ["k0", "k1", "k2"]


@pytest.mark.parametrize("name", ["zz", "aa", "a%", "_a11"])
def test_only_one_unambiguous_beginning_finds_a_batch(world, add, name):
    """Unknown, ambiguous and wildcard names find nothing; a beginning that fits once does."""
    add("aa11")
    add("aa22")
    with world.tx() as tx:
        with pytest.raises(NotFound):
            tx.batches.get(name)
        assert tx.batches.get("aa1").batch == "aa11"


def test_batches_are_found_by_state_and_sink_newest_first(world, add):
    """A search keeps to its states and its sink, in the order of age, and to its limit."""
    add("old", seconds=-5)
    add("new")
    add("other", sink="region")
    add("done", BatchState.DELIVERED)
    with world.tx() as tx:
        assert [row.batch for row in tx.batches.find([BatchState.PENDING], sink="ed")] == ["new", "old"]
        assert len(tx.batches.find()) == 4
        assert len(tx.batches.find(limit=1)) == 1


def test_the_next_pending_is_the_one_due_first_and_of_several_the_newest(world, add):
    """Batches are due by time; the halves of a split stand before what was there already."""
    add("later", seconds=10)
    row = add("first")
    with world.tx() as tx:
        half = BatchRow(
            "half", "school-7", "ed", BatchState.PENDING, "h", "changes", row.created_at + timedelta(microseconds=1),
            row.due_at,
        )  # fmt: skip
        tx.batches.add(half, (), b"", "")
        assert tx.batches.next_pending("ed").batch == "half"
        assert tx.batches.next_pending("region") is None


def test_a_second_half_is_never_next_while_the_first_is_open(world, add):
    """It waits for what becomes of the first, even where that one is due later, and is found as what waits for it."""
    add("second", split_of="whole", refused=1)
    first = add("first", seconds=600, split_of="whole", refused=1)
    add("stranger", seconds=900, split_of="another")
    with world.tx() as tx:
        assert tx.batches.next_pending("ed").batch == "first"
        assert tx.batches.waiting_half(first).batch == "second"
        assert tx.batches.waiting_half(tx.batches.get("second")) is None
        assert tx.batches.waiting_half(tx.batches.get("stranger")) is None
        flying = tx.batches.move(first, BatchState.IN_FLIGHT)
        assert tx.batches.next_pending("ed").batch == "stranger"
        tx.batches.move(flying, BatchState.DELIVERED)
        assert tx.batches.next_pending("ed").batch == "second"


def test_a_probe_goes_before_what_it_passes_until_it_is_stuck_itself(world, add):
    """Whether it is due or not: nothing else is asked of a diary that may be sick."""
    add("stuck", attempts=4)
    probe = add("probe", seconds=60, reason="probe")
    with world.tx() as tx:
        assert tx.batches.next_pending("ed").batch == "probe"
        tx.batches.move(tx.batches.move(probe, BatchState.IN_FLIGHT, attempts=4), BatchState.PENDING)
        assert tx.batches.next_pending("ed").batch == "stuck"


def test_a_move_follows_the_table_of_transitions(world, add):
    """What the table forbids is refused; what it allows is written with its changes."""
    row = add()
    with world.tx() as tx:
        moved = tx.batches.move(row, BatchState.IN_FLIGHT, attempts=1, epoch=3)
        assert tx.batches.get("aa11") == moved
        with pytest.raises(IllegalTransition):
            tx.batches.move(moved, BatchState.CANCELLED)


def test_a_move_of_what_another_has_moved_is_refused(world, add):
    """Whoever holds an old picture of a batch cannot move it: state and epoch must be as he knew them."""
    row = add()
    with world.tx() as tx:
        first = tx.batches.move(row, BatchState.IN_FLIGHT, epoch=1)
        back = tx.batches.move(first, BatchState.PENDING)
        tx.batches.move(back, BatchState.IN_FLIGHT, epoch=2)
        with pytest.raises(LeaseLost):
            tx.batches.move(first, BatchState.DELIVERED)


@pytest.mark.parametrize(
    ("state", "kept"), [(BatchState.PENDING, True), (BatchState.DELIVERED, False), (BatchState.SPLIT, False)]
)
def test_settled_batches_forget_their_bytes(world, add, state, kept):
    """Bytes are kept only as long as they may travel again."""
    row = add()
    with world.tx() as tx:
        tx.batches.move(tx.batches.move(row, BatchState.IN_FLIGHT), state)
        assert bool(tx.batches.parcel("aa11").body) is kept


def test_items_are_marked_all_or_by_state(world, add):
    """Marking keeps to one state if asked; dead letters are counted by school."""
    add()
    with world.tx() as tx:
        tx.batches.answer("aa11", [ITEMS[0].__class__(*[*_values(ITEMS[0])[:7], ItemState.DEAD, "poison", "/raw"])])
        assert tx.batches.dead_items() == 1
        tx.batches.mark_items("aa11", ItemState.REPLAYED, only=ItemState.DEAD)
        assert [item.state for item in tx.batches.items("aa11")] == ["replayed", "waiting", "waiting"]
        tx.batches.mark_items("aa11", ItemState.REQUEUED)
        assert {item.state for item in tx.batches.items("aa11")} == {"requeued"}
        assert (tx.batches.items("aa11")[0].code, tx.batches.dead_items()) == ("poison", 0)


def _values(item):
    return [getattr(item, name) for name in ItemRow.__slots__]


def test_keys_are_open_while_their_batch_is(world, add):
    """Keys of pending and in-flight batches of this sink are open, and no others."""
    row = add()
    add("done", BatchState.DELIVERED)
    with world.tx() as tx:
        assert tx.batches.open_keys("ed") == {(Kind.MARK, f"k{number}") for number in range(3)}
        assert tx.batches.open_keys("region") == set()
        flying = tx.batches.move(row, BatchState.IN_FLIGHT)
        assert len(tx.batches.open_keys("ed")) == 3
        tx.batches.move(flying, BatchState.DELIVERED)
        assert tx.batches.open_keys("ed") == set()


def test_another_school_sees_nothing(world, add):
    """Batches are their school's own."""
    add()
    with world.store.begin("school-8") as tx:
        assert tx.batches.find() == []
        assert tx.batches.items("aa11") == []
        assert tx.batches.next_pending("ed") is None
