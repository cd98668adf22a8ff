"""What comes back after it was away, restored or given up: nothing is lost by it, and nothing leaves unasked."""

from dataclasses import replace

import pytest

from ejsync.pipeline.mend import Repair
from ejsync.pipeline.reconcile import Course, Scope, reconcile
from ejsync.pipeline.replay import discard
from ejsync.store.backup import back_up
from ejsync.store.restoring import restore
from tests.doubles.records import mark, marks
from tests.doubles.vault import keys_of
from tests.doubles.world import STRICT, World, opened_store

MARK = ("mark", mark().key)


@pytest.fixture
def apart(tmp_path):
    """Two diaries with the same marks, of which the second is taken out of the settings."""
    world = World(tmp_path, sinks=("ed", "second"))
    world.consent("1001", "1002")
    world.read(marks(["1001", "1002"], mark(), mark("1002", lesson_id="9")))
    for sink in world.sinks:
        world.deliver(sink)
    both = world.wiring
    world.wiring = replace(both, sinks={"ed": both.sinks["ed"]})
    world.clock.move(days=1)
    yield world, both
    world.close()


def put_back(world, backup):
    """Restore a backup and begin again."""
    world.store.close()
    restore(world.store.path, backup, world.clock, keys_of(world.store.path))
    world.store = opened_store(world.store.path, world.clock)
    world.wiring = replace(world.wiring, store=world.store, epoch=world.store.acquire())


def kept(world):
    """A backup of the store as it is now."""
    path = world.store.path.with_name("kept.db")
    back_up(world.store.path, path, world.clock.now())
    world.clock.move(hours=1)
    return path


def test_a_diary_put_back_gets_what_changed_meanwhile(apart):
    """Corrections and new marks made while a diary was not in the settings wait for it."""
    world, both = apart
    world.read(marks(["1001", "1002"], mark(raw="2"), mark("1002", lesson_id="9"), mark(lesson_id="78")))
    world.deliver("ed")
    world.wiring = both
    world.deliver("second")
    assert world.seen("second") == world.seen("ed")


def test_a_consent_that_ended_meanwhile_ends_at_a_diary_put_back(apart):
    """Who withdrew while a diary was not in the settings is taken from it as soon as it is back."""
    world, both = apart
    world.withdraw("1002")
    world.deliver("ed")
    world.wiring = both
    world.deliver("second")
    assert world.seen("second") == world.seen("ed") == {mark().key: "5"}


def test_an_old_dead_letter_hides_no_loss(world):
    """A key whose first version died and whose second arrived is healed after the diary was restored."""
    world.consent("1001")
    world.read(marks(["1001"], mark()))
    before = world.ed.snapshot()
    world.ed.reject[MARK] = "bad_value"
    world.deliver()
    world.ed.reject.clear()
    world.clock.move(hours=1)
    world.read(marks(["1001"], mark(raw="4")))
    world.deliver()
    world.ed.restore(before)
    world.clock.move(hours=1)
    reconcile(world.wiring, "ed", Course(Scope.ALL, Repair.ALL))
    world.deliver()
    assert world.seen() == {mark().key: "4"}


def test_what_an_operator_refused_to_take_away_stays_after_a_restore(tmp_path):
    """Retractions that were discarded do not leave because an older store was put back."""
    world = World(tmp_path, guard=STRICT)
    world.consent("1001")
    many = [mark(lesson_id=str(number)) for number in range(30)]
    world.read(marks(["1001"], *many))
    world.deliver()
    world.clock.move(hours=1)
    world.read(marks(["1001"], *many[:2]))
    (held,) = world.batches("held")
    discard(world.wiring, held.batch)
    put_back(world, kept(world))
    world.deliver()
    assert len(world.seen()) == 30
    world.close()


def test_a_shorter_consent_is_not_forgotten_with_the_store(world):
    """An older store knows the longer consent that a shorter one replaced: it stands no more."""
    world.consent("1001")
    world.read(marks(["1001"], mark()))
    world.deliver()
    backup = kept(world)
    world.consent("1001", valid_until=world.clock.now().date())
    world.clock.move(days=3)
    world.deliver()
    put_back(world, backup)
    world.deliver()
    assert world.seen() == {}


def test_the_end_of_a_consent_is_not_given_up_with_a_dead_letter(world):
    """Whoever discards the dead retraction of a pupil who withdrew does not leave his marks at the diary."""
    world.consent("1001")
    world.read(marks(["1001"], mark()))
    world.deliver()
    world.ed.reject[MARK] = "too_busy"
    world.clock.move(hours=1)
    world.withdraw("1001")
    world.deliver()
    world.ed.reject.clear()
    (dead,) = world.batches("dead")
    discard(world.wiring, dead.batch)
    world.deliver()
    assert world.seen() == {}


def test_a_loss_is_found_after_the_clock_was_ahead(world):
    """What was settled at an instant that is yet to come is compared all the same."""
    world.consent("1001")
    before = world.ed.snapshot()
    world.clock.move(days=30)
    world.read(marks(["1001"], mark()))
    world.deliver()
    world.clock.move(days=-30)
    world.ed.restore(before)
    world.clock.move(days=1)
    assert reconcile(world.wiring, "ed", Course(Scope.ALL)).counts()["missing"] == 1
