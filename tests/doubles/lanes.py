"""What lets the fast lane be fast: few examples there and all in the slow one, stores in memory, statements once."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from ejsync.store import connecting

_MEMORY = Path("/dev/shm")
_ROOM_BYTES = 4_000_000_000


def lanes(fast, full):
    """Run a test with `examples` as few as the fast lane can pay, and in the slow lane with all of them."""
    values = [pytest.param(fast, id="some"), pytest.param(full, id="all", marks=pytest.mark.slow)]
    return pytest.mark.parametrize("examples", values)


def fold_in_memory():
    """Let temporary folders lie where no disk has to be waited for, if there is room: a test commits by the dozen."""
    if _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ROOM_BYTES and os.access(_MEMORY, os.W_OK):
        os.environ.setdefault("TMPDIR", str(_MEMORY))
        tempfile.tempdir = None  # asked anew


def share_statements():
    """Let all stores of this process share what SQLAlchemy compiles: it does so for each engine, we open thousands."""
    made = connecting.create_engine
    first = made("sqlite://")

    def sharing(*arguments, **named):
        engine = made(*arguments, **named)
        engine.dialect, engine._compiled_cache = first.dialect, first._compiled_cache
        return engine

    connecting.create_engine = sharing
