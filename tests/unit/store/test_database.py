"""Opening the database, its transactions, the one-instance lease."""

import os
import sqlite3
import stat
import subprocess
import sys
import threading
from contextlib import closing

import pytest
from sqlalchemy import create_engine, event

from ejsync.domain.records import Kind
from ejsync.errors import InstanceRunning, StoreError
from ejsync.store.inspection import health
from ejsync.store.migrations import NEWEST, upgrade
from tests.doubles.old_store import fill
from tests.doubles.records import mark, marks
from tests.doubles.vault import sealed_store


@pytest.fixture
def store(tmp_path, clock):
    """A store on disk."""
    made = sealed_store(tmp_path / "deep" / "er" / "ejsync.db", clock)
    yield made
    made.close()


def pragma(store, name):
    """The value of a SQLite setting, as a writing transaction sees it."""
    with store.begin("school-7") as tx:
        return tx.records.connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()


def test_an_acknowledged_commit_survives_a_power_cut(store):
    """The file is in WAL mode and every commit is synced: 2 is FULL."""
    assert pragma(store, "journal_mode") == "wal"
    assert pragma(store, "synchronous") == 2


def test_a_block_commits_whole_or_not_at_all(store, clock):
    """A block that raises leaves nothing; one that ends well leaves everything."""

    def cut_off():
        with store.begin("school-7") as tx:
            tx.audit.append("lost", {}, clock.now())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        cut_off()
    with store.begin("school-7") as tx:
        tx.audit.append("kept", {}, clock.now())
    with store.read("school-7") as tx:
        assert [entry.event for entry in tx.audit.walk()] == ["kept"]


def test_a_reader_waits_for_no_writer_and_sees_one_picture(store, clock):
    """While a writer is at work a reader sees the state before, from beginning to end."""
    with store.begin("school-7") as writing, store.read("school-7") as reading:
        assert reading.audit.head()[0] == 0
        writing.audit.append("new", {}, clock.now())
        assert reading.audit.head()[0] == 0


def test_writers_queue_instead_of_failing(store, clock):
    """Many threads append at once: none is refused, and the chain has no gap."""

    def work():
        for _ in range(5):
            with store.begin("school-7") as tx:
                tx.audit.append("event", {}, clock.now())

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read("school-7") as tx:
        assert tx.audit.head()[0] == 20


def test_a_second_instance_is_refused_with_the_number_of_the_first(store, clock, tmp_path):
    """While one instance holds the store another is told which process it is."""
    store.acquire()
    other = sealed_store(store.path, clock)
    with pytest.raises(InstanceRunning) as caught:
        other.acquire()
    assert caught.value.pid == os.getpid()
    other.close()


@pytest.mark.parametrize("left", [b"", b"-", b"1234x", b"\xff\xfe", b"9" * 5000])
def test_a_second_instance_is_refused_by_a_lock_without_a_number_too(store, clock, left):
    """Whatever stands in a held lock file, the other instance is told that one is running."""
    store.acquire()
    store.path.with_name("ejsync.db.lock").write_bytes(left)
    other = sealed_store(store.path, clock)
    with pytest.raises(InstanceRunning) as caught:
        other.acquire()
    assert caught.value.pid == 0
    other.close()


def mode(path):
    """The permissions of a file or folder."""
    return stat.S_IMODE(path.stat().st_mode)


def test_only_the_owner_may_read_what_the_store_makes(tmp_path, clock):
    """Database, its companions and the lock are made 0600, their folder 0700, whatever the umask allows."""
    before = os.umask(0o022)
    try:
        store = sealed_store(tmp_path / "state" / "ejsync.db", clock)
        store.acquire()
    finally:
        os.umask(before)
    names = {file.name: mode(file) for file in store.path.parent.iterdir()}
    store.close()
    made = ("ejsync.db", "ejsync.db-wal", "ejsync.db-shm", "ejsync.db.lock", "ejsync.db.head", "ejsync.db.keys")
    assert names == dict.fromkeys(made, 0o600)
    assert mode(store.path.parent) == 0o700


def test_the_modes_of_what_is_there_already_are_left_alone(tmp_path, clock):
    """A folder and a database that an administrator opened to a group stay as they are."""
    (tmp_path / "state").mkdir(mode=0o750)
    (tmp_path / "state").chmod(0o750)
    (tmp_path / "state" / "ejsync.db").touch()
    (tmp_path / "state" / "ejsync.db").chmod(0o640)
    sealed_store(tmp_path / "state" / "ejsync.db", clock).close()
    assert (mode(tmp_path / "state"), mode(tmp_path / "state" / "ejsync.db")) == (0o750, 0o640)


def test_each_taking_of_the_lease_raises_the_epoch(store):
    """Released and taken again, the lease has the next epoch."""
    first = store.acquire()
    store.release()
    assert store.acquire() == first + 1


def test_the_lock_of_a_killed_process_is_free_at_once(store):
    """After a kill the next instance takes over without waiting."""
    code = (
        "import os, signal, sys, pathlib\n"
        "from tests.doubles.vault import sealed_store\n"
        "from ejsync.runtime import SystemClock\n"
        "sealed_store(pathlib.Path(sys.argv[1]), SystemClock()).acquire()\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(store.path)], check=False)
    assert done.returncode == -9
    assert store.acquire() == 2


def test_what_is_no_database_is_told_without_its_content(tmp_path, clock):
    """A file that is no database gives a store error that names the file and the kind of trouble only."""
    (tmp_path / "x.db").write_text("Тестова Анна " * 100)
    with pytest.raises(StoreError) as caught:
        sealed_store(tmp_path / "x.db", clock)
    assert "NOTADB" in caught.value.reason
    assert "Тестова" not in str(caught.value)


def test_a_place_that_cannot_be_written_is_told(tmp_path, clock):
    """A folder that is a file gives a store error, when opening and when taking the lease."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError):
        sealed_store(tmp_path / "file" / "ejsync.db", clock)
    store = sealed_store(tmp_path / "ejsync.db", clock)
    (tmp_path / "ejsync.db.lock").mkdir()
    with pytest.raises(StoreError):
        store.acquire()
    store.close()


def test_a_failed_statement_is_told_without_its_parameters(store):
    """A foreign error becomes ours, without the values that travelled in the statement."""
    with pytest.raises(StoreError) as caught, store.begin("school-7") as tx:
        tx.records.connection.exec_driver_sql("INSERT INTO nosuch VALUES (?)", ("Тестова",))
    assert "Тестова" not in str(caught.value)


def test_schools_with_records_are_listed(world):
    """A school appears once it has a record."""
    assert world.store.schools() == []
    world.read(marks(["1001"], mark()))
    assert world.store.schools() == ["school-7"]


def test_an_older_store_is_upgraded_when_opened_and_backed_up_before(tmp_path, clock):
    """Opening brings the schema up to date, says so, and keeps the store as it was; the next opening does nothing."""
    engine = create_engine(f"sqlite:///{tmp_path / 'x.db'}")
    with engine.begin() as connection:
        upgrade(connection, to="0004")
        fill(connection)
    engine.dispose()
    with closing(sealed_store(tmp_path / "x.db", clock)) as store:
        done = store.upgraded
        with store.read("school-7") as tx:
            assert tx.records.live_counts() == {Kind.MARK: 1}
    assert (done.before, done.after) == ("0004", NEWEST)
    assert health(done.backup).version == NEWEST  # brought up with the store: nothing unsealed is left lying about
    with closing(sealed_store(tmp_path / "x.db", clock)) as store:
        assert store.upgraded is None
        assert store.rolled_back == {}


def test_a_full_disk_is_told_and_heals_by_itself(store, clock):
    """A store that may not grow refuses a commit whole, in words, reads on, and goes on once there is room."""

    def grow():
        with store.begin("school-7") as tx:
            tx.audit.append("big", {"reason": "x" * 500_000}, clock.now())

    def limit(connection, record, proxy):
        connection.execute(f"PRAGMA max_page_count={pages}")

    pages = 1  # SQLite takes the present size where less is asked for
    event.listen(store._engine, "checkout", limit)
    with pytest.raises(StoreError) as caught:
        grow()
    assert "SQLITE_FULL" in caught.value.reason
    assert caught.value.remedy()
    with store.read("school-7") as tx:
        assert tx.audit.head()[0] == 0
    pages = 2**20
    grow()
    with store.read("school-7") as tx:
        assert tx.audit.head()[0] == 1


def test_a_locked_store_is_told_and_heals_by_itself(tmp_path, clock, monkeypatch):
    """While another program keeps the store locked a commit is refused in words; reads go on, and later commits."""
    monkeypatch.setattr("ejsync.store.connecting.BUSY_TIMEOUT_MS", 1)
    with closing(sealed_store(tmp_path / "x.db", clock)) as store:
        other = sqlite3.connect(store.path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError) as caught, store.begin("school-7"):
            pass
        assert "SQLITE_BUSY" in caught.value.reason
        with store.read("school-7") as tx:
            assert tx.audit.head()[0] == 0
        other.execute("ROLLBACK")
        other.close()
        with store.begin("school-7") as tx:
            tx.audit.append("x", {}, clock.now())
