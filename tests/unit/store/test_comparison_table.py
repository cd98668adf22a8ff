"""What comparisons found, and the rows they compare."""

from datetime import timedelta

import pytest

from ejsync.domain.changes import Change, Op
from ejsync.domain.comparing import Comparison, Holding, digest_of
from ejsync.domain.records import Feed, Kind
from ejsync.domain.standing import Delivered, OutboxEntry
from tests.doubles.records import mark, marks, pupil, roster

FP = "a" * 32
KEYS = ["б", "a", "Z", "я/1", "😀", "\ufb01"]


@pytest.fixture
def holding(world):
    """A diary that was last seen to hold some marks, a retracted one, and a pupil."""
    with world.tx() as tx:
        truth = [((Kind.MARK, key), Delivered(2, FP, live=True)) for key in KEYS]
        truth += [
            ((Kind.MARK, "gone"), Delivered(3, FP, live=False)),
            ((Kind.PUPIL, "1001"), Delivered(1, FP, live=True)),
        ]
        tx.comparisons.correct("ed", truth, world.clock.now())
    world.clock.move(minutes=1)
    return world


def test_the_last_result_takes_the_place_of_the_one_before(world):
    """There is one result for each sink, the newest, with its counts and its error."""
    at = world.clock.now()
    with world.tx() as tx:
        tx.comparisons.save(Comparison("ed", at, "sample", {"same": 4}))
        tx.comparisons.save(Comparison("ed", at + timedelta(hours=1), "all", {}, "EJ-406"))
        tx.comparisons.save(Comparison("other", at, "sample", {"missing": 1}))
        last = tx.comparisons.last()
    assert last["ed"] == Comparison("ed", at + timedelta(hours=1), "all", {}, "EJ-406")
    assert last["other"].counts == {"missing": 1}


def test_digests_are_of_live_rows_in_code_point_order(holding):
    """The order is that of the contract, not of any language; what is retracted does not count."""
    with holding.tx() as tx:
        told = tx.comparisons.digests("ed")
    assert told[Kind.MARK] == digest_of((key, 2, FP) for key in sorted(KEYS))
    assert told[Kind.PUPIL].count == 1
    assert told.keys() == {Kind.MARK, Kind.PUPIL}


def test_rows_are_paged_in_the_same_order(holding):
    """Page after page gives every live row once, in the order the digest has them."""
    seen, after = [], ""
    with holding.tx() as tx:
        while rows := tx.comparisons.held("ed", Kind.MARK, after, 2):
            seen += rows
            after = rows[-1].key
    assert seen == [Holding(key, 2, FP) for key in sorted(KEYS)]


def test_a_correction_goes_back_too(holding):
    """What a sink really holds is written although it is older, and what it lost is forgotten."""
    with holding.tx() as tx:
        truth = [((Kind.MARK, "a"), Delivered(1, "b" * 32, live=True)), ((Kind.MARK, "Z"), None)]
        tx.comparisons.correct("ed", truth, holding.clock.now())
        found = tx.outbox.delivered("ed", [(Kind.MARK, "a"), (Kind.MARK, "Z")])
    assert found == {(Kind.MARK, "a"): Delivered(1, "b" * 32, live=True)}


def test_another_sink_is_another_matter(holding):
    """Nothing of one sink is told of another."""
    with holding.tx() as tx:
        assert tx.comparisons.digests("other") == {}
        assert tx.comparisons.held("other", Kind.MARK, "", 10) == []
        assert tx.comparisons.unsettled("other", [(Kind.MARK, "a")], holding.clock.now(), holding.clock.now()) == set()


def test_what_was_settled_since_is_unsettled_for_a_comparison(holding):
    """A key whose row was written at or after the beginning is no matter of that comparison."""
    key = (Kind.MARK, "a")
    before, now = holding.clock.now() - timedelta(minutes=1), holding.clock.now()
    with holding.tx() as tx:
        assert tx.comparisons.unsettled("ed", [key], before, now) == {key}
        assert tx.comparisons.unsettled("ed", [key], now, now) == set()


def test_what_waits_is_unsettled(holding):
    """A key in the outbox, held or free, is under way."""
    key = (Kind.MARK, "a")
    with holding.tx() as tx:
        change = Change(Op.UPSERT, *key, "pupil:1001", "1001", None, 3, FP, b"{}")
        tx.records.save([change], holding.clock.now())
        tx.outbox.put("ed", [OutboxEntry(*key, "1001", Op.UPSERT, 3, FP, hold="h")], holding.clock.now())
        assert tx.comparisons.unsettled("ed", [key, (Kind.MARK, "Z")], holding.clock.now(), holding.clock.now()) == {
            key
        }


@pytest.mark.parametrize(("fault", "state"), [("unavailable", "pending"), ("refused", "dead")])
def test_what_travels_or_died_is_unsettled_and_what_arrived_is_not(world, fault, state):
    """Keys of open batches and dead letters are under way; those of settled batches are not."""
    world.consent("1001")
    world.read(roster(pupil()), feed=Feed.ROSTER)
    world.deliver()
    world.ed.faults.extend([fault] * 9)
    world.read(marks(["1001"], mark()))
    world.deliver()
    world.clock.move(minutes=1)
    assert world.batches(state)
    with world.tx() as tx:
        keys = [(Kind.MARK, mark().key), (Kind.PUPIL, "1001")]
        assert tx.comparisons.unsettled("ed", keys, world.clock.now(), world.clock.now()) == {keys[0]}
