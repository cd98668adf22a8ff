"""`db check`."""

import sqlite3
from contextlib import closing

import pytest

from ejsync.cli.db_check import REASONS
from ejsync.store import rollback


def broken(lived, words):
    """Put something wrong into the store."""
    with closing(sqlite3.connect(lived.home / "state" / "ejsync.db")) as connection:
        connection.execute(words)
        connection.commit()


def test_a_store_that_is_well_tells_its_sizes(lived, ask, run):
    """Schema, sizes, heads and the age of the last backup; nothing is found."""
    assert ask("db", "check")["last_backup_age_s"] is None
    run("db", "backup")
    told = ask("db", "check")
    assert (told["ok"], told["findings"], told["rolled_back"]) == (True, [], [])
    assert told["size_bytes"] > 0
    assert len(told["backups"]) == 1
    assert told["last_backup_age_s"] >= 0
    assert told["audit"]["school-7"]["entries"] > 0
    assert "All is well." in run("db", "check").stdout


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("audit_broken", "UPDATE audit_event SET event = 'other' WHERE seq = 1"),
        ("items_miscounted", "UPDATE batch SET items = items + 1 WHERE state = 'partial'"),
        ("upgrade_due", "UPDATE alembic_version SET version_num = '0004'"),
        ("delivered_beyond_record", "UPDATE delivered SET version = 99"),
    ],
)
def test_what_is_wrong_is_told_with_the_next_command(lived, ask, run, name, words):
    """Each finding has a sentence and a command, and the exit code says whether it is the audit."""
    broken(lived, words)
    code = 8 if name == "audit_broken" else 4
    (found,) = [one for one in ask("db", "check", code=code)["findings"] if one["name"] == name]
    assert found["found"]
    assert "ejsync " in found["next_step"]
    shown = run("db", "check")
    assert shown.exit_code == code
    assert f"→ {found['next_step']}" in shown.stdout
    assert "All is well" not in shown.stdout


def test_a_store_that_was_put_back_says_so(lived, ask, run):
    """Why and since when, and that diaries were not compared yet; it is no fault any more."""
    run("db", "backup", "copy.db")
    run("db", "restore", "copy.db", "--yes")
    (told,) = ask("db", "check")["rolled_back"]
    assert (told["reason"], told["compared"]) == ("copy", False)
    assert "a backup was put in the place of the store" in run("db", "check").stdout


def test_every_reason_has_words():
    """No store is called older for a reason that people are not told."""
    names = {rollback.IS_COPY, rollback.NO_HEAD, rollback.OLD_EPOCH, rollback.BEHIND, rollback.OTHER}
    names |= {rollback.KEYS_LOST, "sink_is_ahead"}
    assert set(REASONS) == names
