"""What operators may look at without working on a store."""

import os
import sqlite3
import stat

import pytest

from ejsync.errors import StoreError
from ejsync.store.inspection import copy_database, health, holder, writable


def test_a_copy_is_taken_beside_a_writer(world, tmp_path):
    """While a transaction is open the copy holds the state before it."""
    world.consent("1001")
    with world.tx() as tx:
        tx.consents.withdraw([1], world.clock.now())
        copy_database(world.store.path, tmp_path / "copy.db")
    with sqlite3.connect(tmp_path / "copy.db") as copy:
        assert copy.execute("SELECT count(*) FROM consent WHERE withdrawn_at IS NULL").fetchone() == (1,)
    copy.close()


def test_a_store_tells_its_health(world):
    """Version, integrity and room."""
    found = health(world.store.path)
    assert (found.version is not None, found.integrity) == (True, "ok")
    assert found.size_bytes > 0 < found.free_bytes


def test_a_database_of_another_program_has_no_version(tmp_path):
    """No table of versions, no version."""
    with sqlite3.connect(tmp_path / "x.db") as database:
        database.execute("CREATE TABLE a (b)")
    database.close()
    assert health(tmp_path / "x.db").version is None


@pytest.mark.parametrize("look", [health, lambda file: copy_database(file, file.with_name("copy.db"))])
def test_what_is_no_database_is_named(tmp_path, look):
    """The path and a reason, nothing of the content."""
    file = tmp_path / "x.db"
    file.write_bytes(b"secret content" * 1000)
    with pytest.raises(StoreError) as caught:
        look(file)
    assert "secret" not in str(caught.value)


def test_the_holder_is_known_while_it_holds(world):
    """The process that works on the store, and nobody once it let go."""
    assert holder(world.store.path) == os.getpid()
    world.store.release()
    assert holder(world.store.path) is None
    assert holder(world.store.path.with_name("none.db")) is None


def test_a_place_that_may_be_written_is_told(tmp_path):
    """A store that is not there yet is judged by the nearest folder."""
    assert writable(tmp_path / "a" / "b" / "new.db")
    (tmp_path / "x.db").write_bytes(b"")
    assert writable(tmp_path / "x.db")
    assert stat.S_ISREG((tmp_path / "x.db").stat().st_mode)
