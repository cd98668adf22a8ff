"""The diary's tables guard themselves."""

import sqlite3

import pytest

from ejsync.sandbox import diary_sql as sql


@pytest.fixture
def connection(tmp_path):
    """A file with the diary's tables and one record at version 5."""
    connection = sqlite3.connect(tmp_path / "diary.db", isolation_level=None)
    connection.executescript(sql.SCHEMA)
    connection.execute(sql.APPLY, ("s", "mark", "h", "k", 5, "f", b"{}", "1001", "now"))
    yield connection
    connection.close()


def test_commits_reach_the_disk(connection):
    """The file is in WAL mode and every commit is synchronised in full."""
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)


def test_version_that_goes_back_is_counted(connection):
    """Even a statement that ignores the version rule leaves its trace."""
    connection.execute(sql.APPLY, ("s", "mark", "h", "k", 4, "f", b"{}", "1001", "now"))
    assert dict(connection.execute(sql.COUNTS))["version_regressions"] == 1


def test_version_cannot_be_forgotten(connection):
    """A row that holds a version cannot be deleted."""
    with pytest.raises(sqlite3.IntegrityError, match="never forgotten"):
        connection.execute("DELETE FROM records")


def test_doubled_effect_is_seen(connection):
    """The same version of a key applied twice counts as one doubled effect."""
    for _ in range(2):
        connection.execute(sql.EFFECT, ("s", "h", 5))
    counts = dict(connection.execute(sql.COUNTS))
    assert (counts["effects"], counts["doubled"]) == (2, 1)


def test_schema_may_be_laid_again(connection):
    """Opening a file that exists changes nothing in it."""
    connection.executescript(sql.SCHEMA)
    assert connection.execute("SELECT version FROM records").fetchall() == [(5,)]
