"""Operators' files: read whole, written whole or not at all; what fails is said in words."""

import codecs
import errno
import os
from collections.abc import Iterable
from pathlib import Path
from tempfile import mkstemp

from ejsync.errors import BadInput
from ejsync.wording import N_, say

_WORDS = {
    errno.ENOENT: N_("there is no such file or folder"),
    errno.EACCES: N_("this user may not use it"),
    errno.EPERM: N_("this user may not use it"),
    errno.EISDIR: N_("it is a folder, not a file"),
    errno.ENOTDIR: N_("a part of its path is no folder"),
    errno.ENOSPC: N_("the disk is full"),
    errno.EROFS: N_("the disk can only be read"),
}


def in_words(error: OSError) -> str:
    """Say what the system reported."""
    sentence = _WORDS.get(error.errno or 0)
    return say(sentence) if sentence else error.strerror or type(error).__name__


def content(path: Path, *, most: int = -1) -> bytes:
    """Read a file.

    Args:
        path: the file.
        most: how many bytes of it at most; all by default.

    Raises:
        BadInput: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return file.read(most)
    except OSError as error:
        raise BadInput(what=str(path), faults=(in_words(error),)) from None


def put(path: Path, lines: Iterable[str], *, force: bool, encoding: str = "utf-8") -> int:
    """Write lines to a file that only its owner reads and return their number; see `put_parts`."""
    encoder = codecs.getincrementalencoder(encoding)()
    return put_parts(path, (encoder.encode(text + "\n") for text in lines), force=force)


def put_parts(path: Path, parts: Iterable[bytes], *, force: bool) -> int:
    """Write parts to a file that only its owner reads and return their number.

    They are written beside it first: if anything goes wrong on the way, what stood there stands there still.

    Raises:
        BadInput: it is there already and `force` is not given, or it cannot be written.
    """
    if path.exists() and not force:
        raise BadInput(what=str(path), faults=(say(N_("It is there already; --force overwrites it.")),))
    try:
        return _put(path, parts)
    except OSError as error:
        raise BadInput(what=str(path), faults=(in_words(error),)) from None


def _put(path: Path, parts: Iterable[bytes]) -> int:
    number, name = mkstemp(dir=path.parent, prefix=f".{path.name}.")
    beside = Path(name)
    try:
        with os.fdopen(number, "wb") as file:
            count = sum(1 for part in parts if file.write(part))
            file.flush()
            os.fsync(number)
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    return count
