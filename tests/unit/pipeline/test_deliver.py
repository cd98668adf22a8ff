"""deliver: claim, push, settle, until nothing is due."""

from dataclasses import replace

import pytest
from sqlalchemy import text

from ejsync.errors import LeaseLost, SinkUnavailable
from ejsync.pipeline.deliver import deliver
from ejsync.pipeline.witnessing import sign_log
from tests.doubles.records import mark, marks
from tests.doubles.sink import StrictSink
from tests.doubles.world import World


def test_a_round_sends_all_that_is_due_and_reports_it(tmp_path):
    """Batches follow one another; the report counts them, and progress is told each one's size."""
    world = World(tmp_path, batch_items=2)
    world.consent("1001")
    world.read(marks(["1001"], *(mark(lesson_id=str(number)) for number in range(5))))
    sizes = []
    report = deliver(world.wiring, "ed", progress=sizes.append)
    assert (report.batches, dict(report.counts), report.errors) == (3, {"applied": 5}, [])
    assert sizes == [2, 2, 1]
    assert report.waits_until is None
    world.close()


def test_a_failure_ends_the_round_and_names_the_next_try(world):
    """After a failed attempt the round ends; the report holds the error and the time of the next try."""
    world.consent("1001")
    world.read(marks(["1001"], mark()))
    world.ed.faults.append("unavailable")
    report = world.deliver()
    assert [type(error) for error in report.errors] == [SinkUnavailable]
    assert (report.batches, report.counts["failed"]) == (0, 1)
    assert report.waits_until > world.clock.now()


def test_no_transaction_is_open_while_the_sink_is_asked(world):
    """During the push another writer can work on the store at once."""
    world.consent("1001")
    world.read(marks(["1001"], mark()))
    world.ed.on_request = lambda _items: world.consent("1002")
    assert world.deliver().batches == 1


def test_a_stopped_round_does_not_begin(world):
    """Told to stop beforehand, nothing is claimed."""
    world.consent("1001")
    world.read(marks(["1001"], mark()))
    assert deliver(world.wiring, "ed", stopped=lambda: True).batches == 0
    assert world.batches() == []


def test_without_the_lease_nothing_is_claimed(world):
    """An instance that was replaced claims nothing."""
    world.consent("1001")
    world.read(marks(["1001"], mark()))
    old = world.wiring
    world.restart()
    with pytest.raises(LeaseLost):
        deliver(old, "ed")
    assert world.batches() == []


def test_a_sink_that_joins_later_gets_all_that_is_known(world):
    """A second diary is offered everything once, within what families allow; what it has joined with is witnessed."""
    world.consent("1001")
    world.read(marks(["1001", "1002"], mark(), mark("1002")))
    world.deliver()
    late = world.sinks["late"] = StrictSink("late", world.clock)
    world.wiring = replace(world.wiring, sinks=world.sinks)
    assert deliver(world.wiring, "late").counts["applied"] == 1
    assert late.live() == world.ed.live()
    world.deliver("late")
    assert len(late.requests) == 1
    joined = {entry.details["sink"]: entry.details["records"] for entry in world.audit("sink.joined")}
    assert joined == {"ed": 1, "late": 1}


def test_a_sink_joins_an_empty_store_only_once(world):
    """On a first run there is nothing to offer; what is read afterwards comes to the sink the usual way."""
    world.deliver()
    world.consent("1001")
    world.read(marks(["1001"], mark()))
    world.deliver()
    assert [entry.details["records"] for entry in world.audit("sink.joined")] == [0]
    assert world.seen() == {mark().key: "5"}


def test_the_newest_checkpoint_travels_beside_the_batch(world):
    """No checkpoint before the first; afterwards the newest goes along, and the bytes of a batch are those stored."""
    world.consent("1001")
    world.read(marks(["1001"], mark()))
    world.deliver()
    with world.tx() as tx:
        made = sign_log(world.wiring, tx)
    world.read(marks(["1001"], mark(raw="4")))
    world.ed.faults.append("lost")
    world.deliver()
    with world.tx() as tx:
        newer = sign_log(world.wiring, tx)
    world.clock.move(minutes=1)
    world.deliver()
    assert world.ed.checkpoints == [made.line(), newer.line()]
    first, again = world.ed.requests[1:]
    assert (first.key, first.body) == (again.key, again.body)


def test_a_checkpoint_that_was_tampered_with_keeps_no_batch_back(world):
    """What is wrong with the log is told when it is verified; families do not wait for it."""
    world.consent("1001")
    world.read(marks(["1001"], mark()))
    with world.tx() as tx:
        sign_log(world.wiring, tx)
        tx.checkpoints.connection.execute(text("UPDATE checkpoint SET line = 'x'"))
    world.deliver()
    assert (world.ed.checkpoints, world.seen()) == ([], {mark().key: "5"})
