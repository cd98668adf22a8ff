"""Delays and what is undelivered, on disk."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ejsync.domain.batches import BatchState, ItemState
from ejsync.domain.changes import Change, Op
from ejsync.domain.delays import Bucket, Moments, Undelivered, bucket_of
from ejsync.domain.records import Feed, Kind
from ejsync.domain.standing import BatchRow, ItemRow, OutboxEntry, Priority

MOSCOW = ZoneInfo("Europe/Moscow")
NOW = datetime(2026, 11, 16, 20, 30, tzinfo=UTC)
TODAY = date(2026, 11, 16)
PROMISED = dict.fromkeys(Feed, timedelta(hours=24)) | {Feed.MARKS: timedelta(hours=1)}


def ago(**how):
    """The instant so long before."""
    return NOW - timedelta(**how)


def note(world, seconds, *, at=NOW, sink="ed", kind=Kind.MARK, hidden_s=None):
    """Count one change that took so long."""
    moments = Moments(at - timedelta(seconds=seconds), hidden_s and at - timedelta(seconds=hidden_s))
    with world.tx() as tx:
        tx.delays.note(sink, [(kind, moments)], at, MOSCOW)


def since(world, first):
    """What is counted from a day on."""
    with world.store.read("school-7") as tx:
        return tx.delays.since(first)


def test_delays_are_added_up_by_sink_and_feed(world):
    """Same bucket, same row; the worst of a bucket stays; the bound is counted in a bucket of its own."""
    note(world, 99.0)
    note(world, 98.0, hidden_s=500)
    note(world, 99.0, sink="region", kind=Kind.HOMEWORK)
    found = since(world, TODAY)
    marks = {bucket_of(99): Bucket(2, 1, 99.0), bucket_of(500): Bucket(0, 1, 0.0)}
    assert found == {("ed", Feed.MARKS): marks, ("region", Feed.HOMEWORK): {bucket_of(99): Bucket(1, 1, 99.0)}}


def test_a_day_is_the_one_of_the_school(world):
    """What arrives at 23:30 and at 00:30 by the school's clocks arrives on two days."""
    note(world, 10)
    note(world, 10, at=NOW + timedelta(hours=1))
    assert since(world, TODAY)["ed", Feed.MARKS][bucket_of(10)].count == 2
    assert since(world, TODAY + timedelta(days=1))["ed", Feed.MARKS][bucket_of(10)].count == 1
    assert since(world, TODAY + timedelta(days=2)) == {}


def test_days_of_long_ago_are_dropped_on_the_way(world):
    """After 35 days what was counted goes, of this sink; nothing of other sinks is touched."""
    note(world, 10)
    note(world, 10, sink="region")
    note(world, 10, at=NOW + timedelta(days=35))
    assert since(world, TODAY)["ed", Feed.MARKS][bucket_of(10)].count == 2
    note(world, 10, at=NOW + timedelta(days=36))
    found = since(world, TODAY)
    assert (found["ed", Feed.MARKS][bucket_of(10)].count, ("region", Feed.MARKS) in found) == (2, True)


@pytest.fixture
def undelivered(world):
    """What is undelivered now."""

    def ask():
        with world.store.read("school-7") as tx:
            return tx.delays.undelivered(PROMISED, NOW)

    return ask


@pytest.fixture
def queue(world):
    """Queue an entry that was seen so long ago."""

    def run(key, kind=Kind.MARK, *, sink="ed", seen=None, **fields):
        entry = OutboxEntry(kind, key, None, Op.UPSERT, 1, "f", **fields)
        with world.tx() as tx:
            tx.outbox.put(sink, [entry], seen or ago(minutes=5))

    return run


@pytest.fixture
def batch(world):
    """Store a batch of one item, seen two hours ago."""

    def run(state, fate, *, key="k", version=1, seen=Moments(ago(hours=2))):  # noqa: B008 - frozen
        item = ItemRow(0, Op.UPSERT, Kind.MARK, key, None, version, "f", ItemState(fate), moments=seen)
        name = f"{state} {fate} {key} {version}"
        row = BatchRow(name, "school-7", "ed", BatchState(state), name, "changes", ago(hours=3), NOW)
        known = Change(Op.UPSERT, Kind.MARK, key, "pupil:1001", None, None, 1, "f", b"{}")
        with world.tx() as tx:
            tx.records.save([known], NOW)
            tx.batches.add(row, [item], b"", "")
        return item

    return run


def test_what_waits_is_late_after_what_its_feed_promises(undelivered, queue):
    """Each feed has a promise of its own; lateness begins behind it, not at it."""
    queue("a", seen=ago(minutes=61))
    queue("b", seen=ago(minutes=60))
    queue("c", Kind.PUPIL, seen=ago(hours=23))
    queue("d", sink="region")
    assert undelivered() == {
        ("ed", Feed.MARKS): Undelivered(2, 0, 1, ago(minutes=61), ago(minutes=61)),
        ("ed", Feed.ROSTER): Undelivered(1, 0, 0, ago(hours=23), ago(hours=23)),
        ("region", Feed.MARKS): Undelivered(1, 0, 0, ago(minutes=5), ago(minutes=5)),
    }


def test_what_waits_for_people_is_not_late(undelivered, queue):
    """Held changes are not counted; the end of a consent is, for it waits for nobody."""
    queue("a", seen=ago(days=9), hold="h")
    queue("b", seen=ago(days=9), hold="h", priority=Priority.URGENT)
    assert undelivered() == {("ed", Feed.MARKS): Undelivered(1, 0, 1, ago(days=9), ago(days=9))}


@pytest.mark.parametrize(
    ("state", "fate", "counts"),
    [
        ("pending", "waiting", (1, 0)),
        ("in_flight", "waiting", (1, 0)),
        ("delivered", "delivered", None),
        ("split", "requeued", None),
        ("dead", "dead", (0, 1)),
        ("partial", "dead", (0, 1)),
        ("dead", "discarded", None),
        ("dead", "replayed", None),
    ],
)
def test_what_travels_and_what_was_refused_is_undelivered(undelivered, batch, state, fate, counts):
    """Items of open batches and dead letters count since they were seen; what is settled or given up does not."""
    batch(state, fate)
    waits = ago(hours=2) if counts == (1, 0) else None
    assert undelivered() == ({("ed", Feed.MARKS): Undelivered(*counts, 1, ago(hours=2), waits)} if counts else {})


def test_a_dead_letter_that_is_no_longer_true_is_not_late(world, undelivered, batch):
    """A newer version has taken its place, or the sink got it another way; that it may hold it does not count."""
    letter = batch("dead", "dead")
    batch("partial", "dead", key="older", version=0)
    assert undelivered()["ed", Feed.MARKS].refused == 1
    with world.tx() as tx:
        tx.outbox.doubt("ed", {(Kind.MARK, "k"): 1}, NOW)
    assert undelivered()["ed", Feed.MARKS].refused == 1
    with world.tx() as tx:
        tx.outbox.settle("ed", [replace(letter, state=ItemState.DELIVERED)], NOW)
    assert undelivered() == {}


def test_what_an_older_ejsync_left_counts_since_it_was_packed(undelivered, batch):
    """Without moments of its own an item has waited since its batch was made."""
    batch("pending", "waiting", seen=Moments())
    assert undelivered()["ed", Feed.MARKS].since == ago(hours=3)
