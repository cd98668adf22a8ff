"""Beginning anew with keys that are lost: nothing is doubled at the diary, nothing is taken for a mass change."""

from dataclasses import replace

import pytest

from ejsync.domain.erasure import Order
from ejsync.domain.fingerprints import Keyring
from ejsync.domain.records import Feed
from ejsync.errors import ConfigError, InstanceRunning
from ejsync.pipeline.erase import begin
from ejsync.pipeline.reconcile import reconcile
from ejsync.pipeline.witnessing import sign_log
from ejsync.store.anew import start_anew
from tests.doubles.records import lesson, lessons, mark, marks, pupil, roster, school_class
from tests.doubles.vault import keys_of, sealed_store
from tests.doubles.world import STRICT, World

OTHER = b"another master secret, of enough bytes"
PEOPLE = [school_class(), *(pupil(str(1001 + number)) for number in range(5))]
LESSONS = [lesson(number) for number in range(1, 7)]
MARKS = [mark(str(1001 + number), column=column) for number in range(5) for column in range(6)]
ALL = tuple(str(1001 + number) for number in range(5))


@pytest.fixture
def lived(tmp_path):
    """A world whose diary holds everything; the guard is strict."""
    world = World(tmp_path, guard=STRICT)
    show(world)
    world.consent(*ALL)
    world.settle_down()
    assert len(world.ed.live()) == len(PEOPLE) + len(LESSONS) + len(MARKS)
    yield world
    world.close()


def show(world, marks_shown=MARKS):
    """Let the journal show everything once more."""
    world.read(roster(*PEOPLE), feed=Feed.ROSTER)
    world.read(lessons(["10А"], *LESSONS), feed=Feed.TIMETABLE)
    world.read(marks(ALL, *marks_shown))


def anew(world, master=OTHER):
    """Lose the master secret, begin anew with another one, and go on."""
    world.store.close()
    done = start_anew(world.store.path, world.clock, keys_of(world.store.path, master))
    world.store = sealed_store(world.store.path, world.clock, master)
    keys = world.store.keys
    ring = Keyring(keys.own("fingerprint"), keys.own("pseudonym"))
    world.wiring = replace(world.wiring, store=world.store, epoch=world.store.acquire(), keyring=ring)
    return done


def holding(world):
    """What families see."""
    return dict(world.ed.live().items())


def versions(world):
    """The version of each key that the diary holds."""
    return {key: held.version for key, held in world.ed.held.items()}


def test_a_lost_master_costs_a_reading_and_doubles_nothing(lived):
    """With another master everything is read and sent once more under its next version; families see the same."""
    before, first = holding(lived), versions(lived)
    done = anew(lived)
    assert done.kept.exists()
    assert done.lost["record"] == len(before)
    assert lived.deliver().counts.total() == 0
    show(lived)
    assert lived.batches("held") == []
    lived.settle_down()
    assert holding(lived) == before
    assert versions(lived) == {key: version + 1 for key, version in first.items()}
    assert lived.ed.regressions == []
    assert reconcile(lived.wiring, "ed").differences == []


def test_what_changed_meanwhile_arrives_and_what_vanished_goes(lived):
    """A mark changed and a mark removed while nothing could be read reach the diary as they are now."""
    anew(lived)
    changed = mark("1001", "2", column=0)
    show(lived, [changed, *(one for one in MARKS[1:] if one.key != MARKS[11].key)])
    lived.settle_down()
    seen = lived.seen()
    assert seen[changed.key] == "2"
    assert MARKS[11].key not in seen
    assert len(seen) == len(MARKS) - 1


def test_lessons_that_come_again_are_told_as_no_changes(lived):
    """Nobody knows how a lesson differs whose content was lost: families are told of none."""
    anew(lived)
    show(lived)
    with lived.tx() as tx:
        assert "lesson_change" not in {kind.value for kind in tx.records.live_counts()}


def test_where_all_opens_nothing_is_lost_and_all_is_compared(lived):
    """With the right keys beginning anew loses nothing: what is shown again is unchanged."""
    before, first = holding(lived), versions(lived)
    done = anew(lived, b"k" * 32)
    assert (done.kept, dict(done.lost)) == (None, {})
    show(lived)
    lived.settle_down()
    assert holding(lived) == before
    assert versions(lived) == first


def test_only_what_has_lost_its_key_is_read_again(lived):
    """With a key file of yesterday only the pupil who came since is lost."""
    lived.store.keys.back_up()
    show_new = [*PEOPLE, pupil("1099")]
    lived.read(roster(*show_new), feed=Feed.ROSTER)
    lived.store.close()
    copy = lived.store.path.parent / "backups" / "ejsync.keys"
    copy.replace(lived.store.keys.path)
    done = anew(lived, b"k" * 32)
    assert (done.kept, dict(done.lost)) == (None, {"record": 1})


def test_without_any_master_nothing_is_put_aside(lived):
    """A master secret that is not there is a fault of the settings, and the key file stays where it is."""

    def nothing():
        raise ConfigError(file="x")

    keys = keys_of(lived.store.path)
    keys._wrapping._reveal = nothing
    lived.store.close()
    with pytest.raises(ConfigError):
        start_anew(lived.store.path, lived.clock, keys)
    assert keys_of(lived.store.path).verify() > 0


def test_beside_a_running_instance_nothing_begins_anew(lived):
    """Whoever works on the store keeps it."""
    with pytest.raises(InstanceRunning):
        start_anew(lived.store.path, lived.clock, keys_of(lived.store.path))


def test_an_erasure_of_which_nobody_knows_any_more_whose_it_is_comes_to_its_end(lived):
    """It is abandoned, witnessed, and stops nothing; who was erased is counted, for the acts to be looked up."""
    begin(lived.wiring, Order("1001", "отзыв"))
    done = anew(lived)
    assert done.erased == 1
    with lived.tx() as tx:
        assert tx.erasures.unfinished() == []
    assert len(lived.audit("erasure.abandoned")) == 1


def test_the_log_names_the_key_that_signed_before(lived):
    """So that what it signed can still be verified; where keys are not lost nothing of it is said."""
    with lived.tx() as tx:
        made = sign_log(lived.wiring, tx)
    anew(lived)
    assert [entry.details for entry in lived.audit("keys.renewed")] == [{"former": made.key}]
    anew(lived)
    assert len(lived.audit("keys.renewed")) == 1
