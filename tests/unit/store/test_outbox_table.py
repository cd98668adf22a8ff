"""The outbox on disk, and what each sink was last seen to hold."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from ejsync.domain.batches import BatchState, ItemState
from ejsync.domain.changes import Change, Op
from ejsync.domain.delays import Moments
from ejsync.domain.records import Kind
from ejsync.domain.standing import BatchRow, Choice, Delivered, ItemRow, OutboxEntry, Priority
from ejsync.store.outbox_table import O


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
        assert (tx.outbox.release("h1", world.clock.now()), tx.outbox.discard("h2")) == (1, 1)
    assert [item.key for item in take(world)] == ["a"]


@pytest.mark.parametrize("decision", ["release", "discard"])
def test_the_end_of_a_consent_goes_whatever_becomes_of_its_hold(world, put, decision):
    """An urgent entry only remembers its hold: it is free to go, is not counted, and outlives every decision."""
    put(entry("a", hold="h"), entry("b", hold="h", op=Op.RETRACT, priority=Priority.URGENT))
    with world.tx() as tx:
        assert tx.outbox.standing()["ed"] == (1, 1)
        assert tx.outbox.waiting_by_kind("ed") == {("retract", "mark"): 1}
        at = (world.clock.now(),) if decision == "release" else ()
        assert getattr(tx.outbox, decision)("h", *at) == 1
        assert tx.outbox.holds("ed", [(Kind.MARK, "b")]) == {}
        assert "b" in [item.entry.key for item in tx.outbox.take("ed", 9)]


def test_the_ends_of_consents_can_be_taken_alone(world, put):
    """Asked for the urgent ones, the outbox names and hands out nothing else."""
    put(entry("a"), replace(entry("b", op=Op.RETRACT, priority=Priority.URGENT), pupil="2"))
    with world.tx() as tx:
        assert tx.outbox.next_pupils("ed", 9, Choice.PASSING) == {"2"}
        assert [item.entry.key for item in tx.outbox.take("ed", 9, Choice.PASSING)] == ["b"]
        assert tx.outbox.take("ed", 9, Choice.PASSING) == []


def test_what_is_no_part_of_an_open_batch_can_be_taken_alone(world, put):
    """Keys of which any version is under way stay, whoever waits; so does what is held."""
    put(entry("free"), entry("carried", version=2), entry("held", hold="h"))
    at, carried = world.clock.now(), ItemRow(0, Op.UPSERT, Kind.MARK, "carried", None, 1, "f", ItemState.WAITING)
    with world.tx() as tx:
        row = BatchRow("a", "school-7", "ed", BatchState.PENDING, "a", "changes", at, at)
        tx.batches.add(row, [carried], b"", "")
        assert [item.entry.key for item in tx.outbox.take("ed", 9, Choice.APART)] == ["free"]
        assert [item.entry.key for item in tx.outbox.take("ed", 9)] == ["carried"]


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
        assert [item.entry.key for item in tx.outbox.take("ed", 9, Choice.PASSING)] == ["free"]
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


def test_standing_tells_free_and_held(world, put):
    """Status learns how many wait free and how many are held."""
    put(entry("a"), entry("b", hold="h"), entry("c"))
    with world.tx() as tx:
        assert tx.outbox.standing() == {"ed": (2, 1)}


def at(minute):
    """An instant of the test's day."""
    return datetime(2026, 11, 16, 8, minute, tzinfo=UTC)


@pytest.fixture
def seen(world, put):
    """Queue an entry of the key `k` in a minute; returns what its moments are."""

    def run(minute, **fields):
        with world.tx() as tx:
            tx.outbox.put("ed", [entry(**fields)], at(minute))
        return moments()

    def moments():
        with world.store.read(world.wiring.school) as tx:
            found = tx.outbox.connection.execute(select(O.seen_at, O.hidden_at).where(O.key == "k")).one()
        return Moments(*found)

    put(entry())
    with world.tx() as tx:
        tx.outbox.drop("ed", [(Kind.MARK, "k")])
    run.moments = moments
    return run


URGENT = {"op": Op.RETRACT, "priority": Priority.URGENT}


def test_what_is_queued_first_was_seen_then(seen):
    """The moment a change was first seen is when it was queued; when its day was read before is kept beside it."""
    assert seen(5, moments=Moments(hidden_at=at(1))) == Moments(at(5), at(1))


@pytest.mark.parametrize(
    ("first", "second", "since"),
    [
        ({}, {}, 5),
        ({}, {"op": Op.RETRACT}, 5),
        (URGENT, URGENT, 5),
        (URGENT | {"hold": "h"}, URGENT | {"hold": "h"}, 5),
        ({}, URGENT, 9),
        (URGENT, {}, 9),
        ({"hold": "h"}, {}, 9),
        ({}, {"hold": "h"}, 9),
    ],
)
def test_what_replaces_a_waiting_change_has_waited_as_long(seen, first, second, since):
    """The earliest moments stay with a key; a hold and a consent's turn begin a new clock."""
    early, late = Moments(hidden_at=at(1)), Moments(hidden_at=at(6))
    seen(5, moments=early, **first)
    assert seen(9, version=2, moments=late, **second) == Moments(at(since), at(1) if since == 5 else at(6))


def test_what_is_approved_counts_as_seen_from_then_on(world, seen):
    """The time in which a change waited for people is no delay of delivery; what waits for nobody keeps its clock."""
    seen(5, hold="h", moments=Moments(hidden_at=at(1)))
    with world.tx() as tx:
        tx.outbox.release("h", at(30))
    assert seen.moments() == Moments(at(30), None)
    seen(40, version=2, hold="h", **URGENT)
    with world.tx() as tx:
        tx.outbox.release("h", at(50))
    assert seen.moments().seen_at == at(40)


@pytest.mark.parametrize(
    ("fields", "given", "since"),
    [
        ({}, Moments(at(2), at(1)), Moments(at(2), at(1))),
        ({}, Moments(at(9), at(8)), Moments(at(5), None)),
        ({}, Moments(), Moments(at(5), None)),
        (URGENT, Moments(at(2), at(1)), Moments(at(5), None)),
        ({"hold": "h"}, Moments(at(2), at(1)), Moments(at(5), None)),
    ],
)
def test_an_entry_can_be_told_that_it_stands_for_something_older(world, seen, fields, given, since):
    """Only an earlier moment counts, and none where a hold or the end of a consent began a new clock."""
    seen(5, **fields)
    with world.tx() as tx:
        tx.outbox.backdate("ed", {(Kind.MARK, "k"): given, (Kind.MARK, "strange"): given})
        tx.outbox.backdate("region", {(Kind.MARK, "k"): Moments(at(0), None)})
    assert seen.moments() == since


@pytest.mark.parametrize(("version", "since"), [(1, 2), (2, 2), (3, 5)])
def test_a_correction_of_a_dead_letter_has_waited_since_the_letter(world, seen, version, since):
    """The same version and the next stand for the letter; what a consent's end and beginning raised does not."""
    letter = replace(item(1), state=ItemState.DEAD, moments=Moments(at(2), at(1)))
    with world.tx() as tx:
        for sink in ("ed", "region"):
            row = BatchRow(sink, "school-7", sink, BatchState.DEAD, sink, "changes", at(2), at(2))
            tx.batches.add(row, [letter if sink == "ed" else replace(letter, moments=Moments(at(0)))], b"", "")
    assert seen(5, version=version).seen_at == at(since)


def test_moments_travel_with_what_is_taken(world, seen):
    """An entry is handed out with its moments."""
    seen(5, moments=Moments(hidden_at=at(1)))
    assert {one.key: one.moments for one in take(world)}["k"] == Moments(at(5), at(1))
