"""Sealing with the keys of one school."""

import pytest

from ejsync.errors import KeysUnfit
from tests.doubles.vault import keys_of


@pytest.fixture
def keys(tmp_path):
    """The keys of a school."""
    vault = keys_of(tmp_path / "x.db")
    vault.settle(None)
    yield vault.of("school-7")
    vault.close()


def test_what_is_sealed_opens_at_its_place_alone(keys):
    """At another place, with another pupil's key, or changed by one bit it does not open, and says so."""
    sealed = keys.close(b"five", "1001", "record", "mark")
    assert keys.open(sealed, "1001", "record", "mark") == b"five"
    keys.prepare(["1002"])
    for value, pupil, place in [
        (sealed, "1001", "other"),
        (sealed, "1002", "mark"),
        (sealed[:-1] + b"x", "1001", "mark"),
    ]:
        with pytest.raises(KeysUnfit):
            keys.open(value, pupil, "record", place)


def test_what_was_never_sealed_does_not_open(keys):
    """An open payload that somebody put into the store is not taken for a sealed one."""
    keys.prepare(["1001"])
    with pytest.raises(KeysUnfit):
        keys.open(b'{"raw":"5"}', "1001", "record", "mark")


def test_nothing_is_sealed_as_nothing(keys):
    """An empty value stays empty, with and without a key."""
    assert keys.close(b"", "1001", "x") == keys.open(b"", "1001", "x") == keys.close_joint(b"", ["1001"], "x") == b""
    assert keys.open_joint(b"", ["1001"], "x") == b""


def test_a_subject_with_a_scope_has_the_key_of_its_pupil(keys):
    """Contacts go with the pupil."""
    sealed = keys.close(b"phone", "1001/contacts", "x")
    assert keys.open(sealed, "1001", "x") == b"phone"
    keys.destroy(["1001"])
    assert keys.is_destroyed("1001/contacts")
    assert keys.open(sealed, "1001/contacts", "x") == b""


def test_what_has_no_pupil_is_the_schools(keys):
    """The school's own key seals what belongs to no pupil, and is never destroyed."""
    sealed = keys.close(b"lesson", None, "x")
    keys.destroy(["1001"])
    assert keys.open(sealed, None, "x") == b"lesson"
    assert not keys.is_destroyed(None)


def test_what_a_destroyed_key_sealed_reads_as_nothing(keys):
    """It is no error: whoever destroyed the key meant it; also when the pupil has a new key since."""
    sealed = keys.close(b"five", "1001", "x")
    keys.destroy(["1001"])
    assert (keys.open(sealed, "1001", "x"), keys.opened(sealed, "1001", "x")) == (b"", None)
    new = keys.close(b"four", "1001", "x")
    assert (keys.open(sealed, "1001", "x"), keys.open(new, "1001", "x")) == (b"", b"four")


def test_what_holds_several_pupils_needs_every_key(keys):
    """In any order the same keys open it; without any one of them nothing does."""
    sealed = keys.close_joint(b"body", ["1001", "1002", None], "batch", "b")
    assert keys.open_joint(sealed, [None, "1002", "1001"], "batch", "b") == b"body"
    assert keys.open_joint(sealed, ["1001"], "batch", "b") is None
    assert keys.open_joint(sealed, ["1001", "1002"], "batch", "c") is None
    keys.destroy(["1002"])
    assert keys.open_joint(sealed, ["1001", "1002"], "batch", "b") is None
    keys.prepare(["1002"])
    assert keys.open_joint(sealed, ["1001", "1002"], "batch", "b") is None
