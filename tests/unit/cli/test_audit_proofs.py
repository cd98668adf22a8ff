"""`audit verify`, `export`, `checkpoint`, `key`: what others can check."""

import json
import sqlite3

from ejsync.contracts import Contracts


def test_a_sound_chain_verifies(lived, ask, run):
    """Every entry is counted, and the head is named."""
    (school,) = ask("audit", "verify")["schools"]
    assert school["entries"] > 5
    assert "unbroken" in run("audit", "verify").stdout


def test_an_altered_entry_ends_with_exit_8(lived, run, ask):
    """One changed word breaks the chain: exit 8, the entry named, and the next command."""
    with sqlite3.connect(lived.home / "state" / "ejsync.db") as database:
        database.execute("UPDATE audit_event SET event = 'x' WHERE seq = 2")
    database.close()
    result = run("audit", "verify")
    assert result.exit_code == 8
    assert "EJ-701" in result.stderr
    assert ask("audit", "verify", code=8)["code"] == "EJ-701"


def test_a_cut_tail_is_found_against_a_kept_head(lived, run, ask):
    """The chain without its last entry verifies by itself, and ends in exit 8 against the head printed before."""
    (school,) = ask("audit", "verify")["schools"]
    assert run("audit", "verify", "--head", school["head"]).exit_code == 0
    with sqlite3.connect(lived.home / "state" / "ejsync.db") as database:
        database.execute("DELETE FROM audit_event WHERE seq = (SELECT max(seq) FROM audit_event)")
    database.close()
    silent = run("audit", "verify")
    assert (silent.exit_code, "elsewhere" in silent.stderr) == (0, True)
    result = run("audit", "verify", "--head", school["head"])
    assert (result.exit_code, "EJ-701" in result.stderr) == (8, True)
    assert run("audit", "verify", "--head", "12ab").exit_code == 2


def test_an_export_keeps_its_contract_and_overwrites_nothing(lived, run):
    """Each entry is as contracts/audit/v1 has it, a checkpoint of all ends it; a file that is there stays."""
    assert run("audit", "export", "log.jsonl").exit_code == 0
    lines = (lived.home / "log.jsonl").read_text(encoding="utf-8").splitlines()
    *entries, end = map(json.loads, lines)
    contracts = Contracts()
    assert [contracts.faults("audit/v1/event", entry) for entry in entries] == [()] * len(entries)
    assert end["checkpoint"]["size"] == len(entries)
    assert run("audit", "export", "log.jsonl").exit_code == 2
    assert run("audit", "export", "log.jsonl", "--force").exit_code == 0
    assert run("audit", "export", "-").stdout.splitlines() == lines


def test_an_export_holds_the_earlier_checkpoints(lived, run, ask):
    """What was signed before stands behind the entry it was signed at, and the whole verifies with the school's key."""
    (first,) = ask("audit", "checkpoint")["checkpoints"]
    assert run("consent", "withdraw", lived.pupil, "--yes").exit_code == 0
    assert run("audit", "export", "log.jsonl").exit_code == 0
    lines = (lived.home / "log.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(lines[first["size"]])["checkpoint"] == {n: v for n, v in first.items() if n != "line"}
    assert json.loads(lines[-1])["checkpoint"]["number"] == 2
    key = ask("audit", "key")["key"]
    (told,) = ask("audit", "verify", "--file", "log.jsonl", "--key", key)["schools"]
    assert (told["checkpoints"], told["signed"]) == (2, told["entries"])


def test_a_checkpoint_is_made_once(lived, run, ask):
    """A log that has not grown keeps its newest checkpoint, which is printed as the line to keep."""
    made = run("audit", "checkpoint").stdout
    assert run("audit", "checkpoint").stdout == made == f"{ask('audit', 'checkpoint')['checkpoints'][0]['line']}\n"
    assert (lived.home / "state" / "ejsync.db.checkpoints").read_text() == made


def test_the_key_is_the_one_that_signs(lived, run, ask):
    """The public key of the verb is the key of the checkpoints, and verifies them."""
    key = run("audit", "key").stdout.strip()
    assert ask("audit", "checkpoint")["checkpoints"][0]["key"] == key
    assert run("audit", "verify", "--key", key).exit_code == 0
    assert run("audit", "verify", "--key", "0" * 64).exit_code == 8
    assert run("audit", "verify", "--key", "0").exit_code == 2


def test_an_older_store_put_back_is_found(lived, run, ask):
    """A copy put in the place of a later store does not fit what was kept: beside it, elsewhere, by the diary."""
    database = lived.home / "state" / "ejsync.db"
    copy = database.read_bytes()
    run("consent", "withdraw", lived.pupil, "--yes")
    (lived.home / "kept.txt").write_text(run("audit", "checkpoint").stdout)
    assert run("audit", "verify", "--against", "kept.txt").exit_code == 0
    database.write_bytes(copy)
    for name in ("-wal", "-shm"):
        database.with_name(f"ejsync.db{name}").unlink(missing_ok=True)
    told = run("audit", "verify")
    assert (told.exit_code, "older database" in told.stderr or "other entries" in told.stderr) == (8, True)
    assert run("audit", "checkpoint").exit_code == 8
    assert run("audit", "checkpoint", "--anew").exit_code == 0
    assert run("audit", "verify").exit_code == 0
    assert "checkpoint.put_aside" in run("audit", "tail").stdout
    assert run("audit", "verify", "--against", "kept.txt").exit_code == 8


def test_what_is_no_checkpoint_is_bad_input(lived, run):
    """A file of anything else, and a diary that keeps nothing, end in exit 2: nothing was compared."""
    assert run("audit", "verify", "--against", "ejsync.toml").exit_code == 2
    assert run("audit", "verify", "--against", "none.txt").exit_code == 2
    assert run("audit", "verify", "--against", "ed").exit_code == 2
