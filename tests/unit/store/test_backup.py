"""Backups of a store."""

import sqlite3
import stat
import threading
from datetime import timedelta

import pytest

from ejsync.errors import StoreError
from ejsync.store import backup
from tests.doubles.records import mark, marks


def rows(path, query):
    """What a database answers."""
    connection = sqlite3.connect(path)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def test_a_backup_is_one_whole_file_of_its_owner(world):
    """It holds what was committed, says that it is a copy, has no companions, and only its owner reads it."""
    world.read(marks(["1001"], mark()))
    made = backup.back_up(world.store.path, backup.place_for(world.store.path, world.clock.now()), world.clock.now())
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(made.path.parent.stat().st_mode) == 0o700
    assert rows(made.path, "SELECT count(*) FROM record") == [(1,)]
    assert rows(made.path, "SELECT name FROM store_mark WHERE name = 'copied'") == [("copied",)]
    assert [path.name for path in made.path.parent.iterdir()] == [made.path.name]
    assert made.size_bytes == made.path.stat().st_size > 0
    with world.tx() as tx:
        assert tx.store_marks.get("copied") is None


def test_a_backup_taken_under_load_is_of_one_moment(world, tmp_path):
    """While another thread commits pairs, every backup holds whole pairs and an unbroken chain."""
    done = threading.Event()

    def load():
        while not done.is_set():
            with world.store.begin("school-7") as tx:
                tx.audit.append("first", {}, world.clock.now())
                tx.audit.append("second", {}, world.clock.now())

    writer = threading.Thread(target=load)
    writer.start()
    try:
        made = [backup.back_up(world.store.path, tmp_path / f"{n}.db", world.clock.now()).path for n in range(5)]
    finally:
        done.set()
        writer.join()
    counts = [rows(path, "SELECT count(*) FROM audit_event")[0][0] for path in made]
    assert counts == sorted(counts)
    assert [count % 2 for count in counts] == [0] * 5


def test_a_backup_takes_the_place_of_no_file(world, tmp_path):
    """A file that is there stays as it is, and nothing else is left behind."""
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "kept.db").write_text("mine")
    with pytest.raises(StoreError):
        backup.back_up(world.store.path, tmp_path / "x" / "kept.db", world.clock.now())
    assert (tmp_path / "x" / "kept.db").read_text() == "mine"
    assert [path.name for path in (tmp_path / "x").iterdir()] == ["kept.db"]


def test_what_cannot_be_backed_up_leaves_nothing(tmp_path, clock):
    """A store that is no database gives a store error and no file."""
    (tmp_path / "x.db").write_bytes(b"no database" * 1000)
    with pytest.raises(StoreError):
        backup.back_up(tmp_path / "x.db", tmp_path / "copies" / "y.db", clock.now())
    assert list((tmp_path / "copies").iterdir()) == []


def test_only_routine_backups_are_pruned_the_oldest_first(world):
    """Of routine backups the newest stay; those before upgrades and replaced stores stay whatever their number."""
    store, at = world.store.path, world.clock.now()
    for hours in range(4):
        backup.back_up(store, backup.place_for(store, at + timedelta(hours=hours)), at)
    for purpose in ("before-0005", "replaced"):
        backup.back_up(store, backup.place_for(store, at, purpose), at)
    doomed = backup.prune(store, 2)
    assert doomed == [backup.place_for(store, at + timedelta(hours=hours)) for hours in (0, 1)]
    assert len(backup.backups_of(store)) == 4
    assert backup.prune(store, 2) == []


def test_the_backup_just_made_is_never_pruned(world):
    """After the clock was set back the newest file has the oldest name, and stays."""
    now, store = world.clock.now(), world.store.path
    for hours in (0, 1):
        backup.back_up(store, backup.place_for(store, now + timedelta(hours=hours)), now)
    made = backup.back_up(store, backup.place_for(store, now - timedelta(hours=1)), now)
    assert backup.prune(store, 2, made.path) == [backup.place_for(store, now)]
    assert made.path.exists()
