"""The master secret: what tells one from another, and how it is read."""

import pytest

from ejsync.credentials import SecretRef
from ejsync.errors import ConfigError
from ejsync.vault.masters import Master, master_of

MASTER = Master(b"k" * 32)


def test_an_id_tells_masters_apart_and_holds_nothing_of_them():
    """Two masters have two ids, one has always the same, and neither id nor repr shows the secret."""
    assert MASTER.id == Master(b"k" * 32).id != Master(b"l" * 32).id
    assert len(MASTER.id) == 16
    assert "kkk" not in repr(MASTER) + MASTER.id


def test_only_the_same_master_opens_what_it_wrapped():
    """A wrap opens with the seal of the same master and with no other."""
    wrapped = MASTER.seal().close(b"key", "place")
    assert MASTER.seal().open(wrapped, "place") == b"key"
    assert Master(b"l" * 32).seal().open(wrapped, "place") is None


@pytest.mark.parametrize(("text", "found"), [("ab" * 32, bytes.fromhex("ab" * 32)), ("я" * 20, ("я" * 20).encode())])
def test_a_master_is_hex_or_any_text(tmp_path, text, found):
    """Hex digits stand for bytes, any other text for itself."""
    (tmp_path / "key").write_text(f"{text}\n", encoding="utf-8")
    assert master_of(SecretRef.parse("file:key", tmp_path)) == found


@pytest.mark.parametrize("content", [None, "", "short"])
def test_a_master_that_is_not_there_or_too_short_is_a_fault_of_the_settings(tmp_path, content):
    """What is missing, empty or short is told by its place, never by its content."""
    if content is not None:
        (tmp_path / "key").write_text(content)
    with pytest.raises(ConfigError) as caught:
        master_of(SecretRef.parse("file:key", tmp_path))
    assert caught.value.faults[0].key == "keys.master"
    assert "short" not in caught.value.faults[0].file + caught.value.sentence()
