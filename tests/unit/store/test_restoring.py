"""Putting a backup back."""

import shutil
import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import create_engine

from ejsync.domain.consent import Decision
from ejsync.errors import AuditBroken, InstanceRunning, StoreError
from ejsync.store.backup import back_up
from ejsync.store.migrations import upgrade
from ejsync.store.restoring import restore
from tests.doubles.old_store import fill
from tests.doubles.records import mark, marks
from tests.doubles.vault import keys_of, sealed_store


@pytest.fixture
def saved(world, tmp_path):
    """A backup of a school in which families have decided and a mark stands."""
    world.consent("1001", "1002", "1003")
    world.read(marks(["1001"], mark()))
    return back_up(world.store.path, tmp_path / "saved.db", world.clock.now()).path


def query(path, words):
    """What a database answers."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(words).fetchall()


def test_what_is_put_back_is_the_backup_and_the_replaced_store_is_kept(world, saved):
    """Records are those of the backup, the store knows that it is older, and what was replaced stands aside, whole."""
    world.read(marks(["1001"], mark(), mark(column=2)))
    world.store.close()
    done = restore(world.store.path, saved, world.clock, keys_of(world.store.path))
    assert query(done.kept, "SELECT count(*) FROM record") == [(2,)]
    assert done.entries.keys() == {"school-7"}
    assert query(world.store.path, "SELECT count(*) FROM record") == [(1,)]
    assert query(world.store.path, "SELECT name, value FROM store_mark WHERE name IN ('rolled_back', 'copied')") == [
        ("rolled_back", "copy")
    ]
    with closing(sealed_store(world.store.path, world.clock)) as store:
        assert store.rolled_back == {}


def test_consents_that_ended_since_the_backup_end_again_and_those_given_since_are_named(world, saved):
    """A withdrawal and a refusal outlive the restore; a consent that the backup does not know has to be given again."""
    world.clock.move(hours=1)
    world.withdraw("1001")
    world.consent("1002", decision=Decision.REFUSED)
    world.consent("1004")
    world.store.close()
    done = restore(world.store.path, saved, world.clock, keys_of(world.store.path))
    assert done.readable
    assert sorted(pupil for _, pupil, _ in done.ended) == ["1001", "1002"]
    assert done.lost == (("school-7", "1004", "results"),)
    standing = "SELECT pupil FROM consent WHERE decision = 'granted' AND withdrawn_at IS NULL"
    assert query(world.store.path, standing) == [("1003",)]


def test_a_store_that_cannot_be_read_is_replaced_and_its_withdrawals_stand_all_the_same(world, saved):
    """Withdrawals are kept beside the store: a destroyed store takes none of them with it."""
    world.withdraw("1001")
    world.store.close()
    world.store.path.write_bytes(b"ruins" * 2000)
    done = restore(world.store.path, saved, world.clock, keys_of(world.store.path))
    assert not done.readable
    assert query(world.store.path, "SELECT pupil FROM consent WHERE withdrawn_at IS NOT NULL") == [("1001",)]


def test_a_running_instance_is_not_replaced(world, saved):
    """While an instance holds the store nothing is touched."""
    with pytest.raises(InstanceRunning):
        restore(world.store.path, saved, world.clock, keys_of(world.store.path))
    assert not (world.store.path.parent / "backups").exists()


def ruined(path):
    """No database at all."""
    path.write_bytes(b"ruins" * 2000)


def foreign(path):
    """A database of another program."""
    path.unlink()
    query(path, "CREATE TABLE a (b)")


def tampered(path):
    """A store whose audit was altered."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE audit_event SET event = 'other' WHERE seq = 1")
        connection.commit()


def newer(path):
    """A store of a later ejsync."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()


@pytest.mark.parametrize(
    ("spoil", "error"),
    [(ruined, StoreError), (foreign, StoreError), (tampered, AuditBroken), (newer, StoreError)],
)
def test_a_backup_that_is_not_sound_replaces_nothing(world, saved, spoil, error):
    """The store stays byte for byte what it was, and nothing is left beside it."""
    world.store.close()
    spoil(saved)
    before, names = world.store.path.read_bytes(), sorted(path.name for path in world.store.path.parent.iterdir())
    with pytest.raises(error):
        restore(world.store.path, saved, world.clock, keys_of(world.store.path))
    assert world.store.path.read_bytes() == before
    assert sorted(path.name for path in world.store.path.parent.iterdir()) == names


def test_a_backup_of_an_older_ejsync_is_upgraded_on_the_way(tmp_path, clock):
    """Put back where no store stood, an old backup has the newest schema, and itself stays as it was."""
    engine = create_engine(f"sqlite:///{tmp_path / 'old.db'}")
    with engine.begin() as connection:
        upgrade(connection, to="0002")
        fill(connection)
    engine.dispose()
    shutil.copyfile(tmp_path / "old.db", tmp_path / "same.db")
    done = restore(
        tmp_path / "state" / "ejsync.db", tmp_path / "old.db", clock, keys_of(tmp_path / "state" / "ejsync.db")
    )
    assert done.kept is None
    assert (tmp_path / "old.db").read_bytes() == (tmp_path / "same.db").read_bytes()
    with closing(sealed_store(tmp_path / "state" / "ejsync.db", clock)) as store:
        assert (store.upgraded, store.schools()) == (None, ["school-7"])
