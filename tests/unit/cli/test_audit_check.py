"""Chains checked in a store or in a file alone."""

import sqlite3
from types import SimpleNamespace

import pytest

from ejsync.cli.audit_check import Elsewhere, check_file, kept_by_diaries, kept_in
from ejsync.errors import AuditBroken, BadInput
from ejsync.pipeline.witnessing import sign_log
from tests.doubles.audit_file import FORGER, kept


@pytest.fixture
def exported(lived, run):
    """The exported log of a school, and a way to change its lines."""
    assert run("audit", "export", "log.jsonl").exit_code == 0
    return lived.home / "log.jsonl"


def test_an_exported_file_verifies_alone(exported, ask, run):
    """The file has the entries and the head of the store, and needs no store."""
    assert ask("audit", "verify", "--file", exported)["schools"] == ask("audit", "verify")["schools"]
    (exported.parent / "ejsync.toml").unlink()
    assert run("audit", "verify", "--file", exported).exit_code == 0


@pytest.mark.parametrize(
    ("old", "new"),
    [(b'"batch.claimed"', b'"batch.claimes"'), (b'"details": ', b'"details":  '), (b'"seq": 2', b'"seq": "2"')],
    ids=["a word", "a space", "a type"],
)
def test_a_changed_byte_of_the_file_is_found(exported, old, new):
    """Whatever byte is changed, its line is named."""
    exported.write_bytes(exported.read_bytes().replace(old, new, 1))
    with pytest.raises(AuditBroken):
        check_file(exported, Elsewhere())


def test_a_shorter_file_is_found_against_what_was_kept(exported, run):
    """An export of an older store verifies alone, but not against the head or the checkpoint of the newer."""
    (whole,), older = check_file(exported, Elsewhere()), exported.read_bytes()
    with sqlite3.connect(exported.parent / "state" / "ejsync.db") as database:
        database.execute("DELETE FROM checkpoint")
        database.execute("DELETE FROM audit_event WHERE seq > 5")
    database.close()
    kept = kept_in(exported.parent / "state" / "ejsync.db.checkpoints")
    assert run("audit", "export", "log.jsonl", "--force").exit_code == 8
    (exported.parent / "state" / "ejsync.db.checkpoints").unlink()
    assert run("audit", "export", "log.jsonl", "--force").exit_code == 0
    assert exported.read_bytes() != older
    assert check_file(exported, Elsewhere("school-7"))[0]["entries"] == 6  # that it is older was found when it opened
    for known in (Elsewhere(head=whole["head"]), Elsewhere(checkpoints=kept)):
        with pytest.raises(AuditBroken):
            check_file(exported, known)


def test_a_file_without_entries_is_bad_input(exported):
    """A file that holds nothing of the school proves nothing; one that is no export at all is broken."""
    with pytest.raises(BadInput):
        check_file(exported, Elsewhere("school-8"))
    with pytest.raises(AuditBroken):
        check_file(exported.parent / "ejsync.toml", Elsewhere())


def test_only_the_trusted_key_is_believed(exported):
    """Another key than the one that signed is refused, whoever made it."""
    made = kept_in(exported.parent / "state" / "ejsync.db.checkpoints")[0]
    assert check_file(exported, Elsewhere(key=made.key))[0]["signed"] == made.size
    with pytest.raises(AuditBroken):
        check_file(exported, Elsewhere(key=FORGER.public))


def test_a_file_of_checkpoints_holds_nothing_else(tmp_path):
    """Empty lines are passed over; a file of anything else, or of nothing, is not used in part."""
    line, path = kept()[0].line(), tmp_path / "kept.txt"
    path.write_text(f"\n  {line}  \n\n")
    assert kept_in(path) == [kept()[0]]
    for wrong in ("", f"{line}\nx\n", "é"):
        path.write_text(wrong)
        with pytest.raises(BadInput):
            kept_in(path)


@pytest.fixture
def asked(world):
    """What the diaries of a school answer when they are asked for the newest checkpoint."""
    exchange = SimpleNamespace(school=lambda name: [world.wiring])
    return lambda: kept_by_diaries(exchange, None)


def test_a_diary_tells_the_checkpoint_it_was_sent(world, asked):
    """What came with the last batch is what it is asked for."""
    with world.tx() as tx:
        tx.audit.append("feed.read", {}, world.clock.now())
        made = sign_log(world.wiring, tx)
    world.ed.checkpoints.append(made.line())
    assert asked() == [made]


def test_a_diary_that_keeps_none_or_nonsense_proves_nothing(world, asked):
    """No checkpoint, something else, and the checkpoint of another school are told, not passed over."""
    for answers in ([], ["x"], [kept()[0].line()]):
        world.ed.checkpoints = answers
        with pytest.raises(BadInput):
            asked()
