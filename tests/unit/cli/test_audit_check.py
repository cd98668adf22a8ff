"""Chains checked in a store or in a file alone."""

import pytest

from ejsync.cli.audit_check import check_file
from ejsync.errors import AuditBroken, BadInput


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
        check_file(exported, None, None)


def test_a_cut_file_is_found_against_a_kept_head(exported):
    """Without its last line the file verifies, but not against the head of the whole."""
    ((_, whole),) = [(one["school"], one["head"]) for one in check_file(exported, None, None)]
    exported.write_bytes(b"".join(exported.read_bytes().splitlines(keepends=True)[:-1]))
    assert check_file(exported, "school-7", None)[0]["head"] != whole
    with pytest.raises(AuditBroken):
        check_file(exported, None, whole)


def test_a_file_without_entries_is_bad_input(exported):
    """A file that holds nothing of the school proves nothing."""
    with pytest.raises(BadInput):
        check_file(exported, "school-8", None)
    with pytest.raises(AuditBroken):
        check_file(exported.parent / "ejsync.toml", None, None)
