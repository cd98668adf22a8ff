"""`keys`: status, check, rotate, start-anew."""

import sqlite3
from contextlib import closing

import pytest

from ejsync.vault import Master, Vault
from tests.doubles.clock import VirtualClock
from tests.doubles.vault import MASTER, sealed_store

NEW = b"another master secret, of enough bytes"


@pytest.fixture
def new(lived):
    """Another master secret in a file."""
    (lived.home / "master.new").write_bytes(NEW)
    return lived.home / "master.new"


def test_status_counts_keys_and_shows_none(lived, ask, run):
    """The id of the master, numbers and places are told; no key and no secret is."""
    told = ask("keys", "status")
    assert (told["ok"], told["master"], told["destroyed"], told["copies"]) == (True, Master(MASTER).id, 0, 0)
    assert told["keys"] >= 7  # own ones, the school's, two pupils'
    shown = run("keys", "status").stdout
    assert Master(MASTER).id in shown
    assert "kkkk" not in shown


def test_check_opens_everything(lived, ask, run):
    """All is well with the right master, and a value that does not open is counted."""
    assert ask("keys", "check")["shut"] == 0
    assert "all that is sealed" in run("keys", "check").stdout
    spoil(lived.home / "state" / "ejsync.db")
    assert ask("keys", "check", code=4)["shut"] == 2
    assert "start-anew" in run("keys", "check").stdout
    assert [one["name"] for one in ask("db", "check", code=4)["findings"]] == ["shut"]


def spoil(path):
    """Damage what is sealed of one pupil."""
    from sqlalchemy import text

    store = sealed_store(path, VirtualClock())
    with store.begin("school-7") as tx:
        spoiling = text("UPDATE record SET payload = x'01020304' WHERE key IN ('1001', '10А')")
        assert tx.records.connection.execute(spoiling).rowcount == 2
    store.close()


def test_a_wrong_master_says_what_is_wanted(lived, run):
    """Every verb that needs the keys ends with exit 4 and names setting, id and way out."""
    (lived.home / "master.key").write_bytes(NEW)
    for words in (("keys", "check"), ("status",), ("sync",)):
        done = run(*words)
        assert done.exit_code == 4, words
        assert Master(MASTER).id in done.stderr
        assert "start-anew" in done.stderr


def test_the_master_is_changed_step_by_step(lived, new, ask, run):
    """Rotated, the settings may still name the old secret; once they name the new one, the old one may go."""
    shown = run("keys", "rotate", "--to", "file:master.new").stdout
    assert Master(NEW).id in shown
    assert f"file:{new}" in shown
    assert ask("keys", "check")["ok"]
    told = ask("keys", "status")
    assert (told["ok"], told["settings_name_master"], told["master"]) == (False, False, Master(NEW).id)
    assert f"file:{new}" in run("keys", "status").stdout
    new.replace(lived.home / "master.key")
    assert ask("keys", "status")["ok"]
    assert ask("keys", "check")["ok"]
    assert not ask("keys", "rotate", "--to", "file:master.key")["keys"] < 7


@pytest.mark.parametrize(("words", "code"), [(("--to", "secret"), 2), (("--to", "file:none"), 4), ((), 2)])
def test_a_new_master_is_named_and_never_typed(lived, run, words, code):
    """What is no reference, or leads nowhere, changes nothing."""
    assert run("keys", "rotate", *words).exit_code == code
    assert run("keys", "check").exit_code == 0


def test_a_lost_master_is_left_behind(lived, ask, run):
    """With another master the store begins anew: what was lost is told, and every verb works again."""
    (lived.home / "master.key").write_bytes(NEW)
    assert run("keys", "start-anew").exit_code == 2
    told = ask("keys", "start-anew", "--yes")
    assert told["lost"]["record"] > 5
    assert ".keys.lost-" in told["kept"]
    assert ask("keys", "check")["ok"]
    (older,) = ask("db", "check")["rolled_back"]
    assert older["reason"] == "keys_lost"
    assert "0 values were lost" in run("keys", "start-anew", "--yes").stdout


def test_a_key_file_that_is_gone_is_told_with_its_copy(lived, run):
    """Nothing is made in the place of keys that something was sealed with."""
    assert run("db", "backup").exit_code == 0
    (lived.home / "state" / "ejsync.db.keys").unlink()
    done = run("status")
    assert done.exit_code == 4
    assert "EJ-505" in done.stderr
    assert "backups/ejsync.keys" in done.stderr.replace("\n", "")
    assert not (lived.home / "state" / "ejsync.db.keys").exists()
    (lived.home / "state" / "backups" / "ejsync.keys").replace(lived.home / "state" / "ejsync.db.keys")
    assert run("keys", "check").exit_code == 0


def test_what_cannot_be_looked_through_is_not_called_well(lived, run):
    """A store that is still to be upgraded, or is damaged, is told as such: nothing of it was opened."""
    path = lived.home / "state" / "ejsync.db"
    with closing(sqlite3.connect(path)) as store, store:
        store.execute("UPDATE alembic_version SET version_num = '0005'")
    done = run("keys", "check")
    assert done.exit_code == 4
    assert "older than this ejsync" in done.stderr
    assert "Every key opens" not in done.stdout


def test_a_copy_that_a_killed_change_left_behind_is_told(lived, new, ask, run, monkeypatch):
    """Killed before the copy was renewed, the change is not complete: `check` says so until it is repeated."""
    assert run("db", "backup").exit_code == 0

    def killed(_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Vault, "back_up", killed)
        assert run("keys", "rotate", "--to", "file:master.new").exit_code == 130
    assert ask("keys", "check", code=4)["copy_left_behind"].endswith("backups/ejsync.keys")
    assert "ejsync db backup" in run("keys", "check").stdout
    assert ask("keys", "rotate", "--to", "file:master.new")["ok"]
    assert ask("keys", "check")["copy_left_behind"] is None


def test_the_next_command_names_the_settings_again(lived, run):
    """Whoever typed --config is told the next verb of this family with it."""
    config = lived.home / "ejsync.toml"
    shown = run("--config", config, "keys", "rotate", "--to", "file:master.key").stdout
    assert f"ejsync --config {config} keys check" in shown


@pytest.mark.parametrize("lost", ["ejsync.db.keys", "master"])
def test_the_log_is_whole_after_keys_were_lost(lived, run, home, lost):
    """Signed, lost, begun anew: it verifies and can be handed out, and the outsider's program calls it whole."""
    assert run("audit", "checkpoint").exit_code == 0
    if lost == "master":
        (home / "master.key").write_bytes(b"z" * 32)
    else:
        (home / "state" / lost).unlink()
    assert run("keys", "start-anew", "--yes").exit_code == 0
    assert run("audit", "verify").exit_code == 0
    assert run("audit", "export", home / "audit.jsonl").exit_code == 0
    assert run("audit", "verify", "--file", home / "audit.jsonl").exit_code == 0


def test_a_family_is_told_that_the_log_may_not_know_it_any_more(lived, run, ask, home):
    """With the keys the pseudonyms may be lost: an answer of nothing sent would be untrue without that."""
    assert ask("privacy", "report", lived.pupil)["keys_renewed_at"] is None
    run("audit", "checkpoint")
    (home / "master.key").write_bytes(b"z" * 32)
    run("keys", "start-anew", "--yes")
    assert ask("privacy", "report", lived.pupil)["keys_renewed_at"] is not None
    assert "may not be found" in run("privacy", "report", lived.pupil).stdout
