"""What is past its time: counted and deleted."""

from datetime import timedelta

import pytest

from ejsync.domain.consent import Decision
from ejsync.domain.office import Entry, OfficeKind
from ejsync.pipeline.filing import file_in, undo
from ejsync.settings import Retention
from tests.doubles.records import broken_mark, mark, marks

RULE = Retention(quarantine_days=30, batches_days=60, office_days=100, consents_years=1)


def due(world):
    """What is past its time now."""
    with world.tx() as tx:
        return tx.retention.due(RULE.cutoffs(world.clock.now()))


def purged(world):
    """What is deleted now."""
    now = world.clock.now()
    with world.tx() as tx:
        done = tx.retention.purge(RULE.cutoffs(now), now)
        assert tx.retention.last() == now
    return done


def test_a_broken_record_goes_when_the_journal_shows_it_no_more(world):
    """Each sight of it begins its time anew."""
    world.read(marks(["1001"], broken_mark()))
    world.clock.move(hours=20 * 24)
    world.read(marks(["1001"], broken_mark()))
    world.clock.move(hours=20 * 24)
    assert due(world) == {}
    world.clock.move(hours=20 * 24)
    assert due(world) == purged(world) == {"quarantine": 1}


def test_settled_batches_go_but_no_dead_letter(world):
    """A batch that was taken whole goes with its items; one with a dead letter stays until somebody decides."""
    world.consent("1001")
    world.read(marks(["1001"], mark()))
    world.deliver()
    bad = mark(column=1)
    world.ed.reject["mark", bad.key] = "poison"
    world.read(marks(["1001"], mark(), bad))
    world.deliver()
    world.clock.move(hours=61 * 24)
    assert due(world) == purged(world) == {"batches": 1}
    [left] = world.batches()
    assert [item.key for item in world.items(left.batch)] == [bad.key]


@pytest.fixture
def office(world):
    """A number of sheets that each hold one row under one key."""

    def take_in(text):
        entry = Entry(OfficeKind.CONTACT, "k", "1001", None, text.encode(), 1)
        return file_in(world.wiring, OfficeKind.CONTACT, [entry], origin=text)

    return take_in


def test_rows_that_were_replaced_go_after_their_time(world, office):
    """What is live stays however old it is; what an old import replaced goes."""
    office("first")
    office("second")
    world.clock.move(hours=101 * 24)
    assert purged(world) == {"office": 1}
    with world.tx() as tx:
        assert [row.payload for row in tx.office.live(OfficeKind.CONTACT)] == [b"second"]
    assert due(world) == {}


def test_a_row_that_may_come_back_stays(world, office):
    """While what replaced it is young, undoing that brings it back; rows of an import undone long ago go."""
    office("first")
    world.clock.move(hours=101 * 24)
    second = office("second")
    assert due(world) == {}
    undo(world.wiring, second.number)
    world.clock.move(hours=101 * 24)
    assert purged(world) == {"office": 1}
    with world.tx() as tx:
        assert [row.payload for row in tx.office.live(OfficeKind.CONTACT)] == [b"first"]


def test_decisions_go_with_the_last_one_only(world):
    """Ended long ago: withdrawn or run out. What stands keeps all that was before it, and a refusal has no end."""
    at = world.clock.now()
    world.consent("1001", "1002", "1003", "1004", "1005")
    world.withdraw("1001")
    world.consent("1002", decision=Decision.REFUSED)
    world.consent("1003", valid_until=at.date())
    world.withdraw("1004")
    world.consent("1004")
    world.clock.move(hours=300 * 24)
    assert due(world) == {}
    world.clock.move(hours=100 * 24)
    assert purged(world) == {"consents": 3}
    with world.tx() as tx:
        assert sorted(tx.consents.of()) == ["1002", "1004", "1005"]
    world.clock.move(seconds=timedelta(days=1).total_seconds())
    world.deliver()
    assert due(world) == {}


def test_the_number_of_a_forgotten_decision_is_given_to_nobody_else(world):
    """The log, which is kept for ever, names grounds by it."""
    world.consent("1001", "1002")
    world.withdraw("1002")
    world.clock.move(hours=400 * 24)
    assert purged(world) == {"consents": 1}
    world.consent("1003")
    with world.tx() as tx:
        assert [one.number for one in tx.consents.of()["1003"]] == [3]
