"""settle: what came of an attempt, in one transaction."""

import pytest

from ejsync.domain.batches import ItemAnswer, ItemState, Status
from ejsync.domain.records import Kind
from ejsync.errors import SinkAuthFailed, SinkRejected, SinkUnavailable
from ejsync.pipeline.claim import claim
from ejsync.pipeline.settle import settle_answers, settle_failure, still_current
from tests.doubles.records import mark, marks

FIRST, SECOND = mark(), mark(lesson_id="78")


@pytest.fixture
def claimed(world):
    """A batch of two marks in flight."""
    world.consent("1001")
    world.read(marks(["1001"], FIRST, SECOND))
    with world.tx() as tx:
        return claim(world.wiring, tx, "ed")


def settle(world, claimed, *answers):
    """Settle with item answers."""
    with world.tx() as tx:
        return settle_answers(world.wiring, tx, claimed.row, claimed.parcel, list(answers))


def fail(world, claimed, error):
    """Settle with a failure."""
    with world.tx() as tx:
        return settle_failure(world.wiring, tx, claimed.row, claimed.parcel, error)


def held(world):
    """What the sink is believed to hold: version by key."""
    with world.tx() as tx:
        found = tx.outbox.delivered("ed", [(Kind.MARK, FIRST.key), (Kind.MARK, SECOND.key)])
    return {key: row.version for (_, key), row in found.items()}


def test_applied_and_unchanged_are_delivered(world, claimed):
    """Both answers mean that the sink holds the version; the batch is delivered and its bytes are forgotten."""
    counts = settle(world, claimed, ItemAnswer(0, Status.APPLIED), ItemAnswer(1, Status.UNCHANGED))
    assert dict(counts) == {"applied": 1, "unchanged": 1}
    assert held(world) == {FIRST.key: 1, SECOND.key: 1}
    with world.tx() as tx:
        assert tx.batches.parcel(claimed.row.batch).body == b""
        mark_ = tx.marks.sink("ed")
    assert (mark_.failures, mark_.retry_at, mark_.delivered_at) == (0, None, world.clock.now())


def test_a_rejected_item_is_a_dead_letter_and_not_delivered(world, claimed):
    """Code and pointer are kept with the item; nothing is believed to be at the sink."""
    settle(world, claimed, ItemAnswer(0, Status.REJECTED, "contract", "/raw"), ItemAnswer(1, Status.APPLIED))
    item = world.items(claimed.row.batch)[0]
    assert (item.state, item.code, item.pointer) == (ItemState.DEAD, "contract", "/raw")
    assert held(world) == {SECOND.key: 1}


def test_a_stale_item_goes_again_above_what_the_sink_holds(world, claimed):
    """The record's version is raised beyond the sink's, and queued once more."""
    settle(world, claimed, ItemAnswer(0, Status.STALE, held_version=9), ItemAnswer(1, Status.APPLIED))
    with world.tx() as tx:
        [item] = tx.outbox.take("ed", 9)
    assert (item.entry.key, item.entry.version) == (FIRST.key, 10)


def test_a_stale_item_overtaken_by_us_is_left_alone(world, claimed):
    """Where we know a newer version than the sink's already, that one waits; nothing is raised."""
    world.read(marks(["1001"], mark(raw="4"), SECOND))
    world.read(marks(["1001"], mark(raw="3"), SECOND))
    settle(world, claimed, ItemAnswer(0, Status.STALE, held_version=2), ItemAnswer(1, Status.APPLIED))
    with world.tx() as tx:
        assert [item.entry.version for item in tx.outbox.take("ed", 9)] == [3]


@pytest.mark.parametrize("version", [None, 0, 1, 2**53 - 1], ids=["missing", "none", "older", "beyond"])
def test_a_stale_that_contradicts_itself_is_a_dead_letter(world, version):
    """An answer that the sink holds something newer, but no version that is newer, loses no change: a person looks."""
    world.consent("1001")
    world.read(marks(["1001"], FIRST))
    world.read(marks(["1001"], mark(raw="4")))
    with world.tx() as tx:
        one = claim(world.wiring, tx, "ed")
    assert settle(world, one, ItemAnswer(0, Status.STALE, held_version=version)) == {"rejected": 1}
    [row] = world.batches("dead")
    assert [(item.state, item.code) for item in world.items(row.batch)] == [(ItemState.DEAD, "stale")]
    assert (held(world), world.waiting()) == ({}, {})


def test_an_unavailable_sink_is_retried_and_its_failures_are_counted(world, claimed):
    """The batch is pending again with a time; the sink's mark says since when and why."""
    fail(world, claimed, SinkUnavailable(sink="ed", reason="HTTP 503"))
    [row] = world.batches("pending")
    with world.tx() as tx:
        mark_ = tx.marks.sink("ed")
    assert (mark_.failures, mark_.error, mark_.retry_at) == (1, "EJ-401", row.due_at)
    assert 4 <= (row.due_at - world.clock.now()).total_seconds() <= 6


def test_refused_credentials_are_tried_again_slowly(world, claimed):
    """Only an operator mends credentials: the next try is half an hour away, and nothing dies."""
    fail(world, claimed, SinkAuthFailed(sink="ed", reason="HTTP 401"))
    [row] = world.batches("pending")
    assert 1440 <= (row.due_at - world.clock.now()).total_seconds() <= 2160


def test_a_batch_refused_whole_is_halved_under_derived_keys(world, claimed):
    """The halves' keys follow from the parent's, so that a repeated split makes the same halves."""
    fail(world, claimed, SinkRejected(sink="ed", reason="HTTP 422"))
    halves = world.batches("pending")
    assert [row.split_of for row in halves] == [claimed.row.batch] * 2
    assert len({row.idempotency_key for row in halves} | {claimed.row.idempotency_key}) == 3
    assert world.audit("batch.split")[0].details["halves"] == [row.batch for row in halves]


def test_a_single_item_refused_whole_is_buried(world):
    """What cannot be halved is a dead letter with the sink's reason."""
    world.consent("1001")
    world.read(marks(["1001"], FIRST))
    with world.tx() as tx:
        one = claim(world.wiring, tx, "ed")
    assert fail(world, one, SinkRejected(sink="ed", reason="HTTP 422")) == {"rejected": 1}
    [row] = world.batches("dead")
    assert [(item.state, item.code) for item in world.items(row.batch)] == [("dead", "HTTP 422")]


def test_only_the_newest_version_is_still_current(world, claimed):
    """Items that were overtaken or are unknown are not sent again."""
    world.read(marks(["1001"], mark(raw="4"), SECOND))
    with world.tx() as tx:
        assert [item.entry.key for item in still_current(tx, claimed.parcel.items)] == [SECOND.key]
