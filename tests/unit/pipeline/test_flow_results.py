"""Final results on their way: they go first, wait behind no batch, and their 24 hours run until the diary has them."""

import pytest

from ejsync.domain.changes import Change, Op
from ejsync.domain.deadlines import OwedResults
from ejsync.domain.records import Feed, Kind
from ejsync.domain.standing import OutboxEntry
from ejsync.pipeline.deliver import deliver
from ejsync.pipeline.replay import approve, discard, replay
from tests.doubles.records import final_mark, finals, mark, marks
from tests.doubles.world import STRICT, World


@pytest.fixture
def open_world(world):
    """A school in which the family of pupil 1001 has consented."""
    world.consent("1001")
    return world


def read(world, *records):
    """The journal shows these final marks of pupil 1001 and no others."""
    return world.read(finals(["1001"], *records), feed=Feed.FINALS)


def owed(world, sink="ed"):
    """What the diary is owed now."""
    with world.tx() as tx:
        return tx.owed.standing(world.clock.now()).get(sink, OwedResults())


def sent(world):
    """The keys of each request in turn."""
    return [[item["key"] for item in request.items] for request in world.ed.requests]


def test_a_final_mark_leaves_before_ten_thousand_other_changes(open_world):
    """However much waits, a final result is in the first batch."""
    others = [f"k{number}" for number in range(10_000)]
    with open_world.tx() as tx:
        at = open_world.clock.now()
        tx.records.save([Change(Op.UPSERT, Kind.LESSON, k, "school", None, None, 1, "f", b"{}") for k in others], at)
        tx.outbox.put("ed", [OutboxEntry(Kind.LESSON, k, None, Op.UPSERT, 1, "f") for k in others], at)
    read(open_world, final_mark())
    seen = []
    open_world.ed.on_request = seen.append
    open_world.ed.faults.append("unavailable")
    open_world.deliver()
    assert (len(seen), len(seen[0])) == (1, 50)
    assert final_mark().key in [item["key"] for item in seen[0]]


def test_a_batch_that_never_succeeds_keeps_no_final_result_waiting(tmp_path):
    """When the diary may be tried again, a new final result goes before the batch that waits, and alone."""
    world = World(tmp_path)
    world.consent("1001")
    world.read(marks(["1001"], mark()))
    world.ed.faults.append("unavailable")
    due = world.deliver().waits_until
    read(world, final_mark())
    world.clock.move(seconds=(due - world.clock.now()).total_seconds())
    world.deliver()
    assert sent(world) == [[mark().key], [final_mark().key], [mark().key]]
    assert owed(world) == OwedResults()
    world.close()


def test_a_correction_does_not_pass_the_batch_that_carries_what_it_corrects(open_world):
    """Of one key the older version goes first: the diary is never shown a newer one and then an older one."""
    read(open_world, final_mark(raw="3"))
    open_world.ed.faults.append("lost")
    due = open_world.deliver().waits_until
    read(open_world, final_mark(raw="4"), final_mark(period="p2"))
    open_world.clock.move(seconds=(due - open_world.clock.now()).total_seconds())
    open_world.deliver()
    versions = [[(item["key"], item["version"]) for item in request.items] for request in open_world.ed.requests]
    first, second = final_mark().key, final_mark(period="p2").key
    assert versions == [[(first, 1)], [(second, 1)], [(first, 1)], [(first, 2)]]


@pytest.mark.parametrize("fault", ["unavailable", "lost", "throttled", "auth"])
def test_failed_attempts_do_not_set_the_clock_back(open_world, fault):
    """The hours run from the first instant through every attempt, and end with the diary's answer."""
    seen_at = open_world.clock.now()
    read(open_world, final_mark(raw="3"))
    open_world.ed.faults.extend([fault] * 5)
    for _ in range(5):
        open_world.deliver()
        assert owed(open_world) == OwedResults(1, since=seen_at)
        open_world.clock.move(minutes=40)
    read(open_world, final_mark(raw="4"))
    assert owed(open_world) == OwedResults(1, since=seen_at)
    open_world.settle_down()
    assert owed(open_world) == OwedResults()


def test_after_the_deadline_it_is_late_and_still_sent(open_world):
    """Nothing is given up: a diary that is away for three days is told as soon as it is back."""
    read(open_world, final_mark())
    open_world.ed.faults.extend(["unavailable"] * 110)
    open_world.settle_down(hours=54)
    assert owed(open_world).late == 1
    open_world.ed.faults.clear()
    open_world.settle_down()
    assert final_mark().key in {key for _, key in open_world.ed.live()}
    assert owed(open_world) == OwedResults()


def test_a_split_and_a_dead_letter_stay_owed_until_a_replay(open_world):
    """What the diary refuses is owed as before; the good half is not; a replay that succeeds ends it."""
    seen_at, bad = open_world.clock.now(), final_mark(period="bad")
    open_world.ed.refuse_whole.add(("final_mark", bad.key))
    read(open_world, final_mark(), bad)
    open_world.clock.move(minutes=5)
    open_world.settle_down()
    assert owed(open_world) == OwedResults(1, since=seen_at)
    open_world.ed.refuse_whole.clear()
    [dead] = open_world.batches("dead")
    replay(open_world.wiring, dead.batch)
    assert owed(open_world).since == seen_at
    open_world.deliver()
    assert owed(open_world) == OwedResults()


def test_a_dead_letter_that_is_given_up_is_owed_no_more(open_world):
    """An operator's word ends the clock of what the diary will never take."""
    open_world.ed.reject["final_mark", final_mark().key] = "poison"
    read(open_world, final_mark())
    open_world.deliver()
    assert owed(open_world).waiting == 1
    discard(open_world.wiring, open_world.batches("dead")[0].batch)
    assert owed(open_world) == OwedResults()


@pytest.mark.parametrize(("decide", "left"), [(approve, 3), (discard, 0)])
def test_held_results_are_owed_and_marked_as_held(open_world, decide, left):
    """What waits for approval is owed since it was seen; approved it goes on, discarded it is owed no more."""
    several = [final_mark(period=f"p{number}") for number in range(4)]
    read(open_world, *several)
    open_world.deliver()
    open_world.guarded(STRICT)
    seen_at = open_world.clock.now()
    read(open_world, several[0])
    assert owed(open_world) == OwedResults(3, held=3, since=seen_at)
    open_world.clock.move(minutes=5)
    decide(open_world.wiring, open_world.batches("held")[0].batch)
    assert owed(open_world) == OwedResults(left, since=seen_at if left else None)


def test_without_consent_nothing_is_owed(world):
    """The hours begin with the consent and end with its end; the retraction that follows is no result."""
    read(world, final_mark())
    assert owed(world) == OwedResults()
    world.clock.move(minutes=60)
    world.consent("1001")
    world.ed.faults.append("unavailable")
    world.deliver()
    assert owed(world).since == world.clock.now()
    world.withdraw("1001")
    world.deliver()
    assert owed(world) == OwedResults()
    world.settle_down()
    assert owed(world) == OwedResults()


def test_a_mark_that_is_put_back_before_it_was_sent_is_owed_no_more(open_world):
    """A change that needs no sending any more has no clock."""
    read(open_world, final_mark(raw="4"))
    open_world.deliver()
    read(open_world, final_mark(raw="3"))
    assert owed(open_world).waiting == 1
    read(open_world, final_mark(raw="4"))
    assert owed(open_world) == OwedResults()


def test_a_diary_that_knows_a_newer_version_is_owed_the_result_as_before(open_world):
    """A version raised beyond the diary's own does not set the clock back."""
    read(open_world, final_mark(raw="4"))
    open_world.deliver()
    with open_world.tx() as tx:  # our store is an older copy
        [row] = tx.records.known_keys([(Kind.FINAL_MARK, final_mark().key)]).values()
    held = open_world.ed.held["final_mark", row.key]
    open_world.ed.held["final_mark", row.key] = type(held)(9, held.fingerprint, held.data)
    seen_at = open_world.clock.now()
    read(open_world, final_mark(raw="3"))
    open_world.clock.move(minutes=5)
    ends = iter((False, True))
    deliver(open_world.wiring, "ed", stopped=lambda: next(ends))
    assert owed(open_world) == OwedResults(1, since=seen_at)
    open_world.settle_down()
    assert owed(open_world) == OwedResults()
    assert open_world.ed.held["final_mark", row.key].data["raw"] == "3"
