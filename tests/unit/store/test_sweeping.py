"""sweeping: free pages, recent writes, copies, files beside."""

import sqlite3
from contextlib import closing

import pytest

from ejsync.errors import StoreError
from ejsync.store import backup, sweeping
from ejsync.store.backup import back_up, place_for
from ejsync.store.sweeping import flush, sweep
from tests.doubles.erasing import HIM, filled, places, spilt


def test_a_damaged_copy_is_named_and_stops_nothing(world):
    """It is told as unreachable; the others are swept."""
    filled(world)
    path, at = world.store.path, world.clock.now()
    good, bad = place_for(path, at), place_for(path, at, "replaced")
    back_up(path, good, at)
    bad.write_bytes(b"SQLite format 3\0" + b"x" * 4000)
    found = sweep(path, "school-7", HIM)
    assert (found.copies, found.unreachable) == ((good.name,), (bad.name,))


def test_a_copy_that_somebody_reads_is_waited_for(world, monkeypatch):
    """It is no damaged one: sweeping fails for now, and does it once the reader has ended."""
    filled(world)
    copy = place_for(world.store.path, world.clock.now())
    back_up(world.store.path, copy, world.clock.now())
    monkeypatch.setattr(sweeping, "_WAIT_S", 0)
    with closing(sqlite3.connect(copy, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM record").fetchone()
        with pytest.raises(StoreError) as caught:
            sweep(world.store.path, "school-7", HIM)
    assert caught.value.path == str(copy)
    assert sweep(world.store.path, "school-7", HIM).copies == (copy.name,)


def test_a_copy_that_is_being_made_is_waited_for(world, monkeypatch):
    """A backup that began before the rows were deleted is swept once it has its name."""
    filled(world)
    copy, sound = place_for(world.store.path, world.clock.now()), backup._require_sound

    def meanwhile(*told):
        with pytest.raises(StoreError):
            sweep(world.store.path, "school-7", HIM)
        sound(*told)

    monkeypatch.setattr(backup, "_require_sound", meanwhile)
    back_up(world.store.path, copy, world.clock.now())
    assert sweep(world.store.path, "school-7", HIM).copies == (copy.name,)


def test_free_pages_are_gone(world):
    """What was deleted before by anybody is overwritten with the rest."""
    spilt(world.store.path)
    assert "ejsync.db" in places(world, "КанареечкинаЯ7")
    sweep(world.store.path, "school-7", HIM)
    assert places(world, "КанареечкинаЯ7") == set()


def test_his_ends_of_consents_are_forgotten_and_no_others(world):
    """The file beside the store keeps what concerns other pupils."""
    filled(world)
    world.withdraw(HIM)
    world.withdraw("900177432")
    sweep(world.store.path, "school-7", HIM)
    told = world.store.path.with_name("ejsync.db.withdrawn").read_text()
    assert (HIM in told, "900177432" in told) == (False, True)


def test_a_reader_keeps_the_log_of_writes(world):
    """While somebody reads an older picture it cannot be emptied, and that is said; afterwards it can."""
    with closing(sqlite3.connect(world.store.path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM record").fetchone()
        world.consent("1001")
        assert not flush(world.store.path, wait_s=0)
    assert flush(world.store.path)
