"""Since when sinks are owed final results."""

from datetime import timedelta

import pytest

from ejsync.domain.batches import BatchState, ItemState
from ejsync.domain.changes import Change, Op
from ejsync.domain.deadlines import OwedResults
from ejsync.domain.records import Kind
from ejsync.domain.standing import BatchRow, ItemRow, OutboxEntry, Priority


def final(version=1, key="a"):
    """A version of a final mark."""
    return (Kind.FINAL_MARK, key, version)


@pytest.fixture
def standing(world):
    """What the diary is owed now."""

    def look(sink="ed"):
        with world.tx() as tx:
            return tx.owed.standing(world.clock.now()).get(sink, OwedResults())

    return look


@pytest.fixture
def begin(world):
    """Let the hours of some versions run from now on."""

    def run(*versions, sink="ed"):
        with world.tx() as tx:
            tx.owed.begin(sink, versions, world.clock.now())

    return run


def test_only_final_results_are_owed(begin, standing):
    """A final mark and a final state have their clock, a mark has none; sinks are counted apart."""
    begin(final(), (Kind.FINAL_STATE, "b", 1), (Kind.MARK, "c", 1))
    begin(final(), sink="region")
    assert (standing().waiting, standing("region").waiting) == (2, 1)


def test_a_newer_change_keeps_the_first_instant(world, begin, standing):
    """While a result has not arrived, a correction of it does not set its clock back, nor does queueing it again."""
    first = world.clock.now()
    begin(final(1))
    world.clock.move(minutes=90)
    begin(final(1))
    begin(final(2))
    assert standing() == OwedResults(1, since=first)


def test_what_arrived_leaves_the_newer_change_with_its_own_clock(world, begin, standing):
    """If the older version arrived meanwhile, the newer one is owed since it was seen itself."""
    begin(final(1))
    world.clock.move(minutes=90)
    second = world.clock.now()
    begin(final(2))
    with world.tx() as tx:
        tx.owed.settle("ed", [final(1)])
    assert standing() == OwedResults(1, since=second)
    with world.tx() as tx:
        tx.owed.settle("ed", [final(2)])
    assert standing() == OwedResults()


def test_a_newer_version_settles_the_older_ones(world, begin, standing):
    """What arrived stands for everything that was owed of its key before."""
    begin(final(1), final(2))
    with world.tx() as tx:
        tx.owed.settle("ed", [final(2)])
    assert standing().waiting == 0


def test_settling_is_by_key_version_and_sink(world, begin, standing):
    """Other keys, newer versions and other sinks stay owed."""
    begin(final(1), final(3), final(1, "other"))
    begin(final(1), sink="region")
    with world.tx() as tx:
        tx.owed.settle("ed", [final(2), (Kind.MARK, "a", 9)])
    assert (standing().waiting, standing("region").waiting) == (2, 1)


def test_late_and_held_ones_are_counted(world, begin, standing):
    """Late is what was seen more than 24 hours ago; held is what waits for approval in the outbox."""
    begin(final(1, "old"))
    oldest = world.clock.now()
    world.clock.move(minutes=60 * 24)
    assert standing().late == 0
    world.clock.move(minutes=1)
    begin(final(1, "held"))
    change = Change(Op.UPSERT, Kind.FINAL_MARK, "held", "school", None, None, 1, "f", b"{}")
    entry = OutboxEntry(Kind.FINAL_MARK, "held", None, Op.UPSERT, 1, "f", Priority.FINAL_RESULT, "h")
    with world.tx() as tx:
        tx.records.save([change], world.clock.now())
        tx.outbox.put("ed", [entry], world.clock.now())
    assert standing() == OwedResults(waiting=2, held=1, late=1, since=oldest)
    assert standing().due_at == oldest + timedelta(hours=24)


def test_the_next_deadline_is_that_of_what_can_still_go(world, begin):
    """Neither what is late, nor what is held, nor a dead letter makes anybody hurry; what waits or travels does."""
    start = world.clock.now()

    def deadline():
        with world.tx() as tx:
            return tx.owed.next_deadline("ed", world.clock.now())

    for key in ("dead", "held", "travels", "waits"):
        begin(final(key=key))
        world.clock.move(minutes=1)
    assert deadline() is None
    item = ItemRow(0, Op.UPSERT, Kind.FINAL_MARK, "travels", None, 1, "f", ItemState.WAITING)
    with world.tx() as tx:
        tx.outbox.put("ed", [waiting("waits"), waiting("held", hold="h")], start)
    assert deadline() == start + timedelta(hours=24, minutes=3)
    with world.tx() as tx:
        row = BatchRow("a", "school-7", "ed", BatchState.PENDING, "a", "changes", start, start)
        tx.batches.add(row, [item], b"", "")
    assert deadline() == start + timedelta(hours=24, minutes=2)
    world.clock.move(hours=23, minutes=58)
    assert deadline() == start + timedelta(hours=24, minutes=3), "the one that travels is late"
    world.clock.move(minutes=1)
    assert deadline() is None


def waiting(key, **fields):
    """A final mark in the outbox."""
    return OutboxEntry(Kind.FINAL_MARK, key, None, Op.UPSERT, 1, "f", Priority.FINAL_RESULT, **fields)
