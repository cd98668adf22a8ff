"""Operators' files."""

import errno

import pytest

from ejsync.cli.files import content, in_words, put
from ejsync.errors import BadInput
from ejsync.wording import use_language


@pytest.mark.parametrize(("number", "words"), [(errno.ENOENT, "no such file"), (errno.ENOSPC, "the disk is full")])
def test_the_systems_errors_are_said_in_words(number, words):
    """What the system reports is a sentence of ours; what we have no sentence for keeps its own."""
    use_language("en")
    assert words in in_words(OSError(number, "x"))
    assert in_words(OSError(errno.EFBIG, "File too large")) == "File too large"


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    """If the lines end in an error, what stood there stands there still, and nothing else is left behind."""

    def breaking():
        yield "one"
        raise ValueError("torn")

    path = tmp_path / "log"
    assert put(path, ["old"], force=False) == 1
    with pytest.raises(ValueError, match="torn"):
        put(path, breaking(), force=True)
    assert content(path) == b"old\n"
    assert list(tmp_path.iterdir()) == [path]
    assert path.stat().st_mode & 0o077 == 0


def test_what_is_there_is_overwritten_only_by_force(tmp_path):
    """A file that is there stays, unless force is used."""
    path = tmp_path / "log"
    put(path, ["old"], force=False)
    with pytest.raises(BadInput):
        put(path, ["new"], force=False)
    assert put(path, ["new", "newer"], force=True) == 2
    assert content(path) == b"new\nnewer\n"


def test_a_place_that_cannot_be_used_is_bad_input(tmp_path):
    """A folder that is not there, or a file that is not, is named as bad input."""
    with pytest.raises(BadInput):
        put(tmp_path / "none" / "log", [], force=False)
    with pytest.raises(BadInput):
        content(tmp_path / "none")
