"""claim: the next batch, stored before it is sent."""

from datetime import timedelta

from ejsync.domain.batches import BatchState
from ejsync.pipeline.claim import Claimed, Waiting, claim
from tests.doubles.records import mark, marks
from tests.doubles.world import World


def test_nothing_to_send_is_said_so(world):
    """An empty outbox gives no batch and names no time."""
    with world.tx() as tx:
        assert claim(world.wiring, tx, "ed") == Waiting(None)


def test_a_claimed_batch_stands_in_the_store_with_its_bytes(world):
    """Key, body, items and attempt are stored in the claiming transaction."""
    world.consent("1001")
    world.read(marks(["1001"], mark()))
    with world.tx() as tx:
        found = claim(world.wiring, tx, "ed")
    assert isinstance(found, Claimed)
    with world.tx() as tx:
        assert tx.batches.parcel(found.row.batch) == found.parcel
        [row] = tx.batches.in_flight("ed")
    assert (row.attempts, row.epoch, row.items) == (1, world.wiring.epoch, 1)
    assert row.idempotency_key == found.parcel.idempotency_key
    assert world.waiting() == {}


def test_a_batch_is_no_larger_than_set(tmp_path):
    """At most so many items as the settings allow go into one batch."""
    world = World(tmp_path, batch_items=3)
    world.consent("1001")
    world.read(marks(["1001"], *(mark(lesson_id=str(number)) for number in range(5))))
    with world.tx() as tx:
        assert len(claim(world.wiring, tx, "ed").parcel.items) == 3
    assert world.waiting() == {"ed": 2}
    world.close()


def test_a_batch_that_is_not_due_is_waited_for(world):
    """A pending batch names its time, and no ordinary change of the sink goes before it."""
    world.consent("1001")
    world.read(marks(["1001"], mark()))
    with world.tx() as tx:
        row = claim(world.wiring, tx, "ed").row
        due = world.clock.now() + timedelta(minutes=5)
        tx.batches.move(row, BatchState.PENDING, due_at=due)
    world.read(marks(["1001"], mark(), mark(lesson_id="78")))
    with world.tx() as tx:
        assert claim(world.wiring, tx, "ed") == Waiting(due)


def test_an_abandoned_batch_is_claimed_again_byte_for_byte(world):
    """A batch left in flight by a dead sender is taken back and claimed as it was, with one more attempt."""
    world.consent("1001")
    world.read(marks(["1001"], mark()))
    with world.tx() as tx:
        first = claim(world.wiring, tx, "ed")
    world.restart()
    with world.tx() as tx:
        second = claim(world.wiring, tx, "ed")
    assert (second.parcel.body, second.parcel.idempotency_key) == (first.parcel.body, first.parcel.idempotency_key)
    assert (second.row.attempts, second.row.epoch) == (2, world.wiring.epoch)


def test_a_claim_is_witnessed_with_owner_and_ground(world):
    """For each item the audit says whose it is, as a pseudonym, and by which consent it may leave."""
    world.consent("1001")
    world.read(marks(["1001"], mark()))
    with world.tx() as tx:
        claim(world.wiring, tx, "ed")
    pseudonym = world.wiring.keyring.pseudonym
    [entry] = world.audit("batch.claimed")
    assert entry.details["items"] == [
        ["upsert", "mark", pseudonym(f"mark:{mark().key}"), 1, pseudonym("1001"), 1],
    ]
