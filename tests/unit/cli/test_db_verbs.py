"""`db upgrade`, `backup`, `restore`."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from ejsync.store.inspection import health
from ejsync.store.migrations import NEWEST, upgrade
from tests.doubles.clock import VirtualClock
from tests.doubles.old_store import fill
from tests.doubles.vault import sealed_store


@pytest.fixture
def old(home):
    """A store of an older ejsync."""
    (home / "state").mkdir()
    engine = create_engine(f"sqlite:///{home / 'state' / 'ejsync.db'}")
    with engine.begin() as connection:
        upgrade(connection, to="0004")
        fill(connection)
    engine.dispose()
    return home / "state" / "ejsync.db"


def test_an_upgrade_that_is_due_is_told_and_done(old, ask, run):
    """--check changes nothing and exits 6; without it the schema is the newest, and the backup is named."""
    told = ask("db", "upgrade", "--check", code=6)
    assert (told["ok"], told["due"], told["before"], told["backup"]) == (False, True, "0004", None)
    assert "ejsync db upgrade" in run("db", "upgrade", "--check").stdout
    assert health(old).version == "0004"
    done = ask("db", "upgrade")
    assert (done["before"], done["newest"]) == ("0004", NEWEST)
    assert health(Path(done["backup"])).version == NEWEST
    assert health(old).version == NEWEST
    assert not ask("db", "upgrade", "--check")["due"]
    assert "nothing to do" in run("db", "upgrade").stdout


def test_people_are_told_where_the_old_store_is(old, run):
    """The backup taken before an upgrade stands in words too."""
    assert "backups/ejsync-before-" in run("db", "upgrade").stdout


def test_a_store_that_is_not_there_is_named(home, run):
    """No verb of the group makes a store by the way."""
    for words in (("upgrade",), ("backup",), ("check",)):
        assert run("db", *words).exit_code == 2
    assert not (home / "state").exists()


def test_backups_are_told_with_their_heads_and_pruned(lived, ask, run):
    """Size, head of every chain, and how many old ones went; a file that is there is not overwritten."""
    with (
        closing(sealed_store(lived.home / "state" / "ejsync.db", VirtualClock())) as store,
        store.read("school-7") as tx,
    ):
        head = tx.audit.head()
    told = [ask("db", "backup", "--keep", "2") for _ in range(3)]
    assert [one["pruned"] for one in told] == [0, 0, 1]
    assert told[-1]["audit"]["school-7"] == list(head)
    assert told[-1]["size_bytes"] == Path(told[-1]["path"]).stat().st_size
    shown = run("db", "backup", "copy.db", "--keep", "1").stdout
    assert head[1] in shown
    assert "1 old backup deleted" in shown
    refused = run("db", "backup", "copy.db")
    assert refused.exit_code == 4
    assert "already" in refused.stderr


def test_a_restore_puts_the_store_back_and_names_consents(lived, ask, run):
    """What was withdrawn since is named and stays withdrawn; the replaced store is kept."""
    ask("db", "backup", "copy.db")
    run("consent", "withdraw", lived.pupil, "--yes")
    done = ask("db", "restore", "copy.db", "--yes")
    assert done["consents_ended"] == [{"school": "school-7", "pupil": lived.pupil, "scope": "results"}]
    assert (done["consents_lost"], done["compared"]) == ([], True)
    assert Path(done["kept"]).is_file()
    with closing(sqlite3.connect(lived.home / "state" / "ejsync.db")) as connection:
        assert connection.execute("SELECT count(*) FROM consent WHERE withdrawn_at IS NULL").fetchone() == (0,)
    shown = run("db", "restore", "copy.db", "--yes").stdout
    assert lived.pupil in shown
    assert "ejsync run" in shown


def test_people_are_told_of_consents_that_are_lost_and_of_a_store_that_could_not_be_read(lived, run):
    """Consents given since the backup have to be registered again, and so all of them if nothing could be compared."""
    run("db", "backup", "copy.db")
    heads = "ученик;область;решение;кем дано;документ;действует с;действует до"
    row = "1002;результаты;согласие;родитель;2;01.09.2025;"
    (lived.home / "new.csv").write_text(f"{heads}\n{row}\n", encoding="utf-8")
    assert run("consent", "import", "new.csv").exit_code == 0
    assert "ejsync consent import" in run("db", "restore", "copy.db", "--yes").stdout
    (lived.home / "state" / "ejsync.db").write_bytes(b"ruins" * 1000)
    assert "could not be read" in run("db", "restore", "copy.db", "--yes").stdout


def test_a_restore_asks_first_and_is_refused_while_ejsync_runs(lived, run):
    """Without a terminal --yes is needed; a running instance is not replaced."""
    run("db", "backup", "copy.db")
    assert run("db", "restore", "copy.db").exit_code == 2
    with closing(sealed_store(lived.home / "state" / "ejsync.db", VirtualClock())) as store:
        store.acquire()
        assert run("db", "restore", "copy.db", "--yes").exit_code == 10
