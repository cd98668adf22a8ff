"""The file of wrapped keys."""

import sqlite3
import stat
from contextlib import closing

import pytest

from ejsync.errors import StoreError
from ejsync.vault.key_file import FileMark, KeyFile, key_copies_of, key_copy_of, key_file_of

HERE, THERE = ("school-7", "a"), ("school-7", "b")
SECRET = b"WRAPPED-KEY-THAT-IS-STRUCK-OUT-LATER"


@pytest.fixture
def file(tmp_path):
    """A key file with two keys."""
    made = KeyFile(tmp_path / "x.db.keys")
    with made.writing():
        made.make(FileMark("id", 0), "master")
        made.put([(HERE, SECRET), (THERE, b"other")])
    yield made
    made.close()


def test_what_was_written_is_there_for_the_next(file):
    """Keys, head and generation are read by another connection as they were written."""
    again = KeyFile(file.path)
    assert again.wrapped() == {HERE: (SECRET, False), THERE: (b"other", False)}
    head = again.head()
    assert (head.mark, head.master, head.reference) == (FileMark("id", 1), "master", "")
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    again.close()


def test_a_block_that_raises_writes_nothing(file):
    """What a block wrote before it raised is taken back."""

    def cut_off():
        with file.writing():
            file.put([(HERE, b"never")])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        cut_off()
    assert file.wrapped()[HERE] == (SECRET, False)


def test_a_struck_key_leaves_its_row_and_no_byte(file):
    """A destroyed key is known as destroyed, no byte of it remains, and one of its name may be made anew."""
    with file.writing():
        file.strike([HERE, ("school-7", "never there")])
    file.scrub()
    assert file.wrapped() == {HERE: (None, True), THERE: (b"other", False), ("school-7", "never there"): (None, True)}
    assert SECRET not in file.path.read_bytes()
    assert [path.name for path in file.path.parent.iterdir()] == ["x.db.keys"]
    with file.writing():
        file.put([(HERE, b"new")])
    assert file.wrapped()[HERE] == (b"new", True)


def test_writing_by_others_is_noticed(file):
    """The version changes when another connection has written, and not before."""
    before, other = file.version(), KeyFile(file.path)
    assert file.version() == before
    with other.writing():
        other.put([(HERE, b"changed")])
    assert file.version() != before
    other.close()


def test_a_copy_is_whole_and_its_owners_alone(file, tmp_path):
    """A copy holds what the file held, replaces the last copy, and nobody else may read it."""
    store = tmp_path / "x.db"
    for _ in range(2):
        with file.writing():
            file.copy_to(key_copy_of(store))
    (copy,) = key_copies_of(store)
    assert (copy.name, stat.S_IMODE(copy.stat().st_mode)) == ("x.keys", 0o600)
    again = KeyFile(copy)
    assert again.wrapped() == file.wrapped()
    again.close()
    assert key_file_of(store) == file.path


def test_a_file_that_is_not_there_has_no_head_and_is_not_made(tmp_path):
    """Looking for a head makes nothing; an empty file and a foreign database have none."""
    missing = KeyFile(tmp_path / "none.keys")
    assert missing.head() is None
    assert not missing.path.exists()
    (tmp_path / "empty.keys").touch()
    assert KeyFile(tmp_path / "empty.keys").head() is None
    with closing(sqlite3.connect(tmp_path / "foreign.keys")) as foreign:
        foreign.execute("CREATE TABLE other (x)")
    assert KeyFile(tmp_path / "foreign.keys").head() is None


def test_a_damaged_file_is_told_by_its_name(tmp_path):
    """What is no database is an error of the store that names the file and nothing in it."""
    (tmp_path / "x.keys").write_bytes(b"Anna " * 500)
    with pytest.raises(StoreError) as caught:
        KeyFile(tmp_path / "x.keys").head()
    assert (caught.value.path, caught.value.reason) == (str(tmp_path / "x.keys"), "SQLITE_NOTADB")


def test_a_mark_comes_back_from_its_text():
    """What a store remembers of its key file is read as it was written."""
    assert FileMark.parse(str(FileMark("abc", 12))) == FileMark("abc", 12)
