"""settle: what came of an attempt, in one transaction."""

from datetime import timedelta
from itertools import pairwise

import pytest

from ejsync.domain.batches import BatchState, ItemAnswer, ItemState, Status
from ejsync.domain.records import Feed, Kind
from ejsync.errors import SinkAuthFailed, SinkRejected, SinkUnavailable
from ejsync.pipeline.claim import claim, still_current
from ejsync.pipeline.settle import settle_answers, settle_failure
from tests.doubles.records import final_mark, finals, mark, marks
from tests.doubles.world import World

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
        return settle_answers(world.wiring, tx, claimed, list(answers))


def fail(world, claimed, error):
    """Settle with a failure."""
    with world.tx() as tx:
        return settle_failure(world.wiring, tx, claimed, error)


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


def test_a_failure_near_a_deadline_is_tried_again_before_it(tmp_path):
    """With a day of outage the last tries before the 24 hours end come closer together, then every half hour again."""
    world = World(tmp_path)
    world.consent("1001")
    world.read(finals(["1001"], final_mark()), feed=Feed.FINALS)
    begun, tries = world.clock.now(), []
    world.ed.host = ""  # the breaker's own rests are another matter
    world.ed.faults.extend(["unavailable"] * 200)
    world.ed.on_request = lambda _items: tries.append((world.clock.now() - begun).total_seconds())
    while world.clock.now() - begun < timedelta(hours=27):
        waits = world.deliver().waits_until - world.clock.now()
        world.clock.move(seconds=waits.total_seconds())
    day = 86_400
    last_hour = [at for at in tries if day - 3600 <= at < day]
    assert len(last_hour) >= 4
    assert day - last_hour[-1] <= 250
    assert min(later - sooner for sooner, later in pairwise(last_hour)) >= 120
    late = [at for at in tries if at > day + 250]
    assert min(later - sooner for sooner, later in pairwise(late)) >= 1440
    assert world.batches("dead") == []
    world.close()


def limit(world):
    """Most items of the next batch, None for what the settings say."""
    with world.tx() as tx:
        return tx.marks.sink("ed").batch_items


def test_what_is_too_large_teaches_the_size_of_later_batches(tmp_path):
    """After the first refusals nothing too large is sent; where the diary takes more again, batches grow back."""
    world = World(tmp_path, batch_items=40)
    world.consent("1001")
    world.ed.most_items = 10
    world.read(marks(["1001"], *(mark(lesson_id=str(number)) for number in range(40))))
    world.deliver()
    assert len(world.seen()) == 40
    assert limit(world) <= 13
    world.ed.most_items = None
    for raw in "432432432":
        world.read(marks(["1001"], *(mark(raw=raw, lesson_id=str(number)) for number in range(40))))
        world.deliver()
    assert limit(world) is None
    assert len(world.ed.requests[-1].items) == 40
    world.close()


@pytest.mark.parametrize(("seconds", "wanted"), [(1, None), (10, None), (16, 25)], ids=["quick", "neither", "slow"])
def test_a_slow_answer_makes_the_next_batch_smaller(tmp_path, seconds, wanted):
    """A batch that took more than half of what a request may take is no failure; the next one is half as large."""
    world = World(tmp_path, batch_items=50)
    world.consent("1001")
    world.ed.on_request = lambda _items: world.clock.move(seconds=seconds)
    world.read(marks(["1001"], *(mark(lesson_id=str(number)) for number in range(50))))
    world.deliver()
    assert limit(world) == wanted
    assert len(world.seen()) == 50
    world.close()


def test_a_batch_that_timed_out_goes_again_as_it_is(tmp_path):
    """Later batches are smaller, but this one is settled first: the same bytes under the same key."""
    world = World(tmp_path, batch_items=50)
    world.consent("1001")
    world.read(marks(["1001"], *(mark(lesson_id=str(number)) for number in range(70))))
    world.ed.faults.extend(["timeout", "timeout"])
    for wanted in (25, 25, 31):
        world.deliver()
        assert limit(world) == wanted
        world.clock.move(minutes=1)
    first, second, third, *later = world.ed.requests
    assert first.key == second.key == third.key
    assert [len(request.items) for request in later] == [20]
    world.close()


def test_a_sink_that_answers_again_is_asked_for_all_that_waits(world, claimed):
    """A batch that waited for half an hour goes at once when another one is answered; a wish to wait is kept."""
    fail(world, claimed, SinkUnavailable(sink="ed", reason="HTTP 503"))
    world.clock.move(seconds=6)
    with world.tx() as tx:
        row = tx.batches.next_pending("ed")
        tx.batches.move(
            tx.batches.move(row, BatchState.IN_FLIGHT), BatchState.PENDING, due_at=row.due_at + timedelta(hours=1)
        )
    world.read(finals(["1001"], final_mark()), feed=Feed.FINALS)
    world.deliver()
    assert [len(request.items) for request in world.ed.requests] == [1, 2]
    assert world.batches("pending") == []


def test_after_the_clock_was_set_back_nobody_waits_for_hours(world, claimed):
    """A time to try again that is further off than any that is ever set is no time to wait for."""
    world.clock.move(hours=6)
    fail(world, claimed, SinkUnavailable(sink="ed", reason="HTTP 503"))
    world.clock.move(hours=-6)
    assert world.deliver().batches == 1


def test_a_sink_that_is_ahead_of_us_puts_the_store_in_doubt(world, claimed):
    """A version we never made tells that the store is an older copy, even where its own files do not."""
    with world.tx() as tx:
        assert not tx.store_marks.in_doubt("ed")
    settle(world, claimed, ItemAnswer(0, Status.STALE, held_version=9), ItemAnswer(1, Status.APPLIED))
    with world.tx() as tx:
        assert tx.store_marks.in_doubt("ed")
