"""Wrapping: which master a key file stands under."""

import pytest

from ejsync.errors import ConfigError, KeysUnfit
from ejsync.vault.key_file import FileMark, KeyFile
from ejsync.vault.masters import Master
from ejsync.vault.wrapping import Wrapping, wrapped

MASTER, OTHER, PLACE = Master(b"k" * 32), Master(b"o" * 32), ("school-7", "a")


@pytest.fixture
def file(tmp_path):
    """A key file with one key under a master."""
    made = KeyFile(tmp_path / "x.keys")
    with made.writing():
        made.make(FileMark("id", 0), MASTER.id)
        made.put(wrapped(MASTER.seal(), {PLACE: b"the key"}))
    yield made
    made.close()


def test_the_master_of_the_settings_opens_the_file(file):
    """Every key of the file is unwrapped."""
    assert Wrapping(file.path, file, lambda: MASTER.secret).all_keys() == {PLACE: b"the key"}


def test_a_noted_master_goes_before_the_settings_as_long_as_it_is_there(file, tmp_path):
    """What the last change noted opens the file; gone or changed, the settings must name the right one."""
    (tmp_path / "new").write_bytes(MASTER.secret)
    with file.writing():
        file.wrap_under(MASTER.id, f"file:{tmp_path / 'new'}")
    wrapping = Wrapping(file.path, file, lambda: OTHER.secret)
    assert wrapping.all_keys() == {PLACE: b"the key"}
    for content in (b"short", OTHER.secret):
        (tmp_path / "new").write_bytes(content)
        wrapping.forget()
        with pytest.raises(ConfigError):
            wrapping.all_keys()


def test_a_key_moved_to_another_place_is_damaged(file):
    """A wrapped key opens at its own place alone, and the error names the file."""
    sealed, _ = file.wrapped()[PLACE]
    with pytest.raises(KeysUnfit) as caught:
        Wrapping(file.path, file, lambda: MASTER.secret).open(("school-7", "b"), sealed)
    assert caught.value.path == str(file.path)


def test_without_a_file_there_is_nothing_to_open(tmp_path):
    """A key file that is missing is told as missing."""
    with pytest.raises(KeysUnfit) as caught:
        Wrapping(tmp_path / "none", KeyFile(tmp_path / "none"), lambda: MASTER.secret).all_keys()
    assert caught.value.reason == "it is missing"
