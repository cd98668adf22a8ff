"""The outbox on disk, and what each sink was last seen to hold."""

from dataclasses import replace

import pytest

from ejsync.domain.batches import BatchState, ItemState
from ejsync.domain.changes import Change, Op
from ejsync.domain.records import Kind
from ejsync.domain.standing import BatchRow, Delivered, ItemRow, OutboxEntry, Priority


def entry(key="k", *, kind=Kind.MARK, op=Op.UPSERT, version=1, **fields):
    """An outbox entry."""
    return OutboxEntry(kind, key, "1001", op, version, "f" * 32, **fields)


@pytest.fixture
def put(world):
    """Save the records of some entries and queue them."""

    def run(*entries, sink="ed"):
        saved = [
            Change(Op.UPSERT, item.kind, item.key, "school", None, None, item.version, "f" * 32, b"{}")
            for item in entries
        ]
        with world.tx() as tx:
            tx.records.save(saved, world.clock.now())
            tx.outbox.put(sink, entries, world.clock.now())

    return run


def take(world, limit=99, sink="ed"):
    """Take entries out."""
    with world.tx() as tx:
        return [item.entry for item in tx.outbox.take(sink, limit)]


def test_a_newer_change_takes_the_place_of_the_older(world, put):
    """One key waits once, with its newest change."""
    put(entry(version=1))
    put(entry(version=2, op=Op.RETRACT))
    [found] = take(world)
    assert (found.version, found.op) == (2, Op.RETRACT)


def test_what_is_taken_is_gone(world, put):
    """Entries are handed out once."""
    put(entry())
    assert len(take(world)) == 1
    assert take(world) == []


def test_the_most_urgent_are_taken_and_handed_out_parents_first(world, put):
    """The limit keeps the most urgent; within them parents come first and retractions last."""
    put(
        entry("normal"),
        entry("class", kind=Kind.SCHOOL_CLASS),
        entry("final", kind=Kind.FINAL_MARK, priority=Priority.FINAL_RESULT),
        entry("urgent", op=Op.RETRACT, priority=Priority.URGENT),
    )
    assert [item.key for item in take(world, 3)] == ["class", "final", "urgent"]
    assert [item.key for item in take(world, 3)] == ["normal"]


def test_whose_entries_are_next_is_known_before_they_are_taken(world, put):
    """The pupils named are those of the entries that would be taken: not the held ones, nor those beyond the limit."""
    put(
        replace(entry("a"), pupil="1"),
        replace(entry("b"), pupil=None),
        replace(entry("c", hold="h"), pupil="3"),
        replace(entry("d"), pupil="4"),
    )
    with world.tx() as tx:
        assert tx.outbox.next_pupils("ed", 2) == {"1"}
        assert tx.outbox.next_pupils("ed", 9) == {"1", "4"}
    assert len(take(world)) == 3


def test_within_a_kind_the_first_come_go_first(world, put):
    """Of one kind and urgency what was queued first leaves first."""
    put(*(entry(f"k{number}") for number in (3, 1, 2)))
    assert [item.key for item in take(world, 2)] == ["k3", "k1"]


def test_a_retraction_carries_no_payload(world, put):
    """Only upserts carry what is known."""
    put(entry("a"), entry("b", op=Op.RETRACT))
    with world.tx() as tx:
        assert {item.entry.key: item.payload for item in tx.outbox.take("ed", 9)} == {"a": b"{}", "b": b""}


def test_held_entries_stay_until_released_or_discarded(world, put):
    """What waits in a held batch is not taken; releasing frees it, discarding forgets it."""
    put(entry("a", hold="h1"), entry("b", hold="h2"), entry("c"))
    assert [item.key for item in take(world)] == ["c"]
    with world.tx() as tx:
        assert tx.outbox.holds("ed", [(Kind.MARK, "a"), (Kind.MARK, "x")]) == {(Kind.MARK, "a"): "h1"}
        assert [item.key for item in tx.outbox.held_entries("h1")] == ["a"]
        assert tx.outbox.waiting() == {"ed": 2}
        assert (tx.outbox.release("h1"), tx.outbox.discard("h2")) == (1, 1)
    assert [item.key for item in take(world)] == ["a"]


@pytest.mark.parametrize("decision", ["release", "discard"])
def test_the_end_of_a_consent_goes_whatever_becomes_of_its_hold(world, put, decision):
    """An urgent entry only remembers its hold: it is free to go, is not counted, and outlives every decision."""
    put(entry("a", hold="h"), entry("b", hold="h", op=Op.RETRACT, priority=Priority.URGENT))
    with world.tx() as tx:
        assert tx.outbox.standing()["ed"][:2] == (1, 1)
        assert tx.outbox.waiting_by_kind("ed") == {("retract", "mark"): 1}
        assert getattr(tx.outbox, decision)("h") == 1
        assert tx.outbox.holds("ed", [(Kind.MARK, "b")]) == {}
        assert "b" in [item.entry.key for item in tx.outbox.take("ed", 9)]


def test_the_ends_of_consents_can_be_taken_alone(world, put):
    """Asked for the urgent ones, the outbox names and hands out nothing else."""
    put(entry("a"), replace(entry("b", op=Op.RETRACT, priority=Priority.URGENT), pupil="2"))
    with world.tx() as tx:
        assert tx.outbox.next_pupils("ed", 9, passing=True) == {"2"}
        assert [item.entry.key for item in tx.outbox.take("ed", 9, passing=True)] == ["b"]
        assert tx.outbox.take("ed", 9, passing=True) == []


def test_final_results_may_pass_a_batch_that_does_not_carry_them(world, put):
    """Of what may pass, held ones and those of which an older version is under way are left out."""
    final = {"kind": Kind.FINAL_MARK, "priority": Priority.FINAL_RESULT}
    put(entry("free", **final), entry("held", hold="h", **final), entry("carried", version=2, **final), entry("mark"))
    at, carried = world.clock.now(), ItemRow(0, Op.UPSERT, Kind.FINAL_MARK, "carried", None, 1, "f", ItemState.WAITING)
    with world.tx() as tx:
        for sink, state, batch in (("ed", "pending", "a"), ("region", "pending", "b"), ("ed", "delivered", "c")):
            row = BatchRow(batch, "school-7", sink, BatchState(state), batch, "changes", at, at)
            items = [carried] if batch == "a" else [replace(carried, key="free")]
            tx.batches.add(row, items, b"x", "identity")
        assert [item.entry.key for item in tx.outbox.take("ed", 9, passing=True)] == ["free"]
    assert {item.key for item in take(world)} == {"carried", "mark"}


def test_an_urgent_entry_is_taken_out_of_its_hold(world, put):
    """The end of a consent does not wait for approval."""
    put(entry("a", hold="h"), entry("b", hold="h", op=Op.RETRACT, priority=Priority.URGENT))
    assert [item.key for item in take(world)] == ["b"]


def test_dropping_forgets_the_named_keys_of_one_sink(world, put):
    """Other keys and other sinks keep what waits."""
    put(entry("a"), entry("b"))
    put(entry("a"), sink="region")
    with world.tx() as tx:
        tx.outbox.drop("ed", [(Kind.MARK, "a"), (Kind.LESSON, "b")])
        assert tx.outbox.waiting() == {"ed": 1, "region": 1}


def item(version, op=Op.UPSERT, fingerprint="a" * 32):
    """A delivered item."""
    return ItemRow(0, op, Kind.MARK, "k", None, version, fingerprint, ItemState.DELIVERED)


def test_an_older_version_never_replaces_a_newer_one(world):
    """What a sink was seen to hold goes forward only."""
    with world.tx() as tx:
        for version in (1, 3, 2):
            tx.outbox.settle("ed", [item(version)], world.clock.now())
        assert tx.outbox.delivered("ed", [(Kind.MARK, "k")])[Kind.MARK, "k"].version == 3


def test_a_retraction_is_remembered_as_not_live(world):
    """After a retraction the sink holds nothing that families see."""
    with world.tx() as tx:
        tx.outbox.settle("ed", [item(1)], world.clock.now())
        tx.outbox.settle("ed", [item(2, Op.RETRACT)], world.clock.now())
        assert tx.outbox.delivered("ed", [(Kind.MARK, "k")]) == {(Kind.MARK, "k"): Delivered(2, "a" * 32, live=False)}


def test_doubt_stands_until_a_later_answer(world):
    """In doubt the sink may hold anything; an answer to the same or a later version settles it."""
    with world.tx() as tx:
        tx.outbox.settle("ed", [item(1)], world.clock.now())
        tx.outbox.doubt("ed", {(Kind.MARK, "k"): 2}, world.clock.now())
        doubted = tx.outbox.delivered("ed", [(Kind.MARK, "k")])[Kind.MARK, "k"]
        assert (doubted.live, doubted.fingerprint) == (True, "")
        tx.outbox.settle("ed", [item(2, Op.RETRACT)], world.clock.now())
        assert not tx.outbox.delivered("ed", [(Kind.MARK, "k")])[Kind.MARK, "k"].live


def test_standing_tells_free_and_held_and_the_oldest_free_one(world, put):
    """Status learns how many wait free, how many are held, and since when the oldest free one waits."""
    since = world.clock.now()
    put(entry("a"), entry("b", hold="h"))
    world.clock.move(minutes=5)
    put(entry("c"))
    with world.tx() as tx:
        assert tx.outbox.standing() == {"ed": (2, 1, since)}
