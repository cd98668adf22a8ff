"""Knowing that a store is older than it was, and what follows."""

import shutil
from contextlib import closing
from dataclasses import replace

import pytest

from ejsync.domain.records import Feed
from ejsync.store.backup import back_up
from ejsync.store.heads import HeadFile, Heads
from ejsync.store.rollback import NO_HEAD, OLD_EPOCH, OTHER
from tests.doubles.records import mark, marks, pupil, roster, school_class
from tests.doubles.vault import sealed_store


def saved(world, file):
    """A backup, as `db backup` takes it."""
    return back_up(world.store.path, file, world.clock.now()).path


def put_back(world, file):
    """Put a copy in the place of the store by hand, and go on with the same diary as a new instance."""
    world.store.close()
    for companion in ("-wal", "-shm"):
        world.store.path.with_name(f"ejsync.db{companion}").unlink(missing_ok=True)
    shutil.copyfile(file, world.store.path)
    world.store = sealed_store(world.store.path, world.clock)
    world.wiring = replace(world.wiring, store=world.store, epoch=world.store.acquire())


def plain_copy(world, file):
    """A copy of the file alone, as other programs take it."""
    with world.tx() as tx:
        tx.records.connection.exec_driver_sql("COMMIT")
        tx.records.connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        tx.records.connection.exec_driver_sql("BEGIN IMMEDIATE")
    shutil.copyfile(world.store.path, file)
    return file


def test_a_store_that_goes_on_is_not_doubted(world):
    """Opened again, by whom and how often it may be, a store is what it was."""
    world.consent("1001")
    world.read(marks(["1001"], mark()))
    world.restart()
    with closing(sealed_store(world.store.path, world.clock)) as again:
        assert again.rolled_back == {}
    assert world.audit("store.rolled_back") == []


@pytest.mark.parametrize("copied", [saved, plain_copy])
def test_an_older_copy_is_known_and_everything_is_read_and_offered_anew(world, tmp_path, copied):
    """What came after a backup is read again, and the diary ends as it was, each version once, none going back."""
    world.consent("1001")
    world.read(roster(school_class(), pupil("1001")), feed=Feed.ROSTER)
    world.read(marks(["1001"], mark(column=1), mark(column=2)))
    world.deliver()
    file = copied(world, tmp_path / "copy.db")
    world.read(marks(["1001"], mark(column=1, raw="2"), mark(column=3)))
    world.deliver()
    before = dict(world.ed.live())
    put_back(world, file)
    assert world.store.rolled_back.keys() == {"school-7"}
    assert HeadFile(world.store.path).read().epoch == world.wiring.epoch
    with world.tx() as tx:
        assert tx.readings.history(Feed.MARKS) == {}
        assert tx.store_marks.in_doubt("ed")
    world.read(roster(school_class(), pupil("1001")), feed=Feed.ROSTER)
    world.read(marks(["1001"], mark(column=1, raw="2"), mark(column=3)))
    world.settle_down()
    assert world.ed.live() == before
    assert max(world.ed.effects.values()) == 1
    assert len(world.audit("store.rolled_back")) == 1
    with closing(sealed_store(world.store.path, world.clock)) as again:
        assert again.rolled_back == {}


def test_a_withdrawal_outlives_a_copy_put_back_by_hand(world, tmp_path):
    """A consent that ended after the backup stays ended, and what the diary has of the pupil is called back."""
    world.consent("1001")
    world.read(roster(school_class(), pupil("1001")), feed=Feed.ROSTER)
    world.read(marks(["1001"], mark()))
    world.deliver()
    file = saved(world, tmp_path / "copy.db")
    world.withdraw("1001")
    put_back(world, file)
    assert world.seen()
    world.settle_down()
    assert world.seen() == {}
    assert [entry.details["ground"] for entry in world.audit("consent.took_effect")] == ["granted", "withdrawn"]


def test_what_was_gone_at_the_backup_and_came_back_and_went_is_called_back(world, tmp_path):
    """A mark that the copy holds for gone and the diary holds for live is retracted once more."""
    world.consent("1001")
    other, it = mark(column=1), mark(column=2)
    for standing in ((other, it), (other,)):
        world.read(marks(["1001"], *standing))
        world.deliver()
    file = saved(world, tmp_path / "copy.db")
    world.read(marks(["1001"], other, it))
    world.deliver()
    assert world.seen().keys() == {other.key, it.key}
    put_back(world, file)
    world.read(marks(["1001"], other))
    world.settle_down()
    assert world.seen().keys() == {other.key}


def test_what_travelled_at_the_backup_never_travels_again_under_its_old_key(world, tmp_path):
    """A batch whose answer the copy still waits for is called off: what it says may be long overtaken."""
    world.consent("1001")
    world.ed.faults.append("lost")
    world.read(marks(["1001"], mark()))
    world.deliver()
    file = saved(world, tmp_path / "copy.db")
    world.settle_down()
    world.read(marks(["1001"], mark(raw="2")))
    world.settle_down()
    asked = len(world.ed.requests)
    put_back(world, file)
    world.read(marks(["1001"], mark(raw="2")))
    world.settle_down()
    assert {one.key for one in world.ed.requests[:asked]}.isdisjoint({one.key for one in world.ed.requests[asked:]})
    assert list(world.seen().values()) == ["2"]
    assert max(world.ed.effects.values()) == 1


def opened_again(world):
    """Why the store is called older when it is opened, by school."""
    with closing(sealed_store(world.store.path, world.clock)) as store:
        return dict(store.rolled_back)


def test_a_store_that_lost_its_head_file_is_doubted_once(world):
    """A store moved without the file beside it may be any copy."""
    world.consent("1001")
    world.store.close()
    HeadFile(world.store.path).path.unlink()
    assert opened_again(world) == {"school-7": NO_HEAD}
    assert opened_again(world) == {}


def test_an_audit_written_anew_is_told(world):
    """The same number of entries with another hash is another store."""
    world.consent("1001")
    with world.tx() as tx:
        tx.records.connection.exec_driver_sql("UPDATE audit_event SET hash = CAST(x'ff' AS TEXT)")
    world.store.close()
    head = HeadFile(world.store.path)
    kept = head.read()
    head.write(Heads(kept.epoch, {"school-7": (kept.schools["school-7"][0], "f" * 64)}))
    assert opened_again(world) == {"school-7": OTHER}


def test_a_store_begun_anew_in_the_place_of_another_is_an_older_one(world):
    """An empty file where a store stood is known, and its next lease has an epoch that nobody had."""
    world.consent("1001")
    epoch = world.wiring.epoch
    world.store.close()
    world.store.path.unlink()
    with closing(sealed_store(world.store.path, world.clock)) as store:
        assert store.rolled_back == {"school-7": OLD_EPOCH}
        assert store.acquire() == epoch + 1


def test_an_instance_of_the_lost_time_cannot_commit(world, tmp_path):
    """The lease of a store put back begins beyond every epoch that was."""
    file = plain_copy(world, tmp_path / "copy.db")
    for _ in range(3):
        world.restart()
    lost = world.wiring.epoch
    put_back(world, file)
    assert world.wiring.epoch > lost
