"""sweeping: free pages, recent writes, copies, files beside."""

import sqlite3
from contextlib import closing

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
