"""The file lock of one instance."""

import os

import pytest

from ejsync.errors import InstanceRunning
from ejsync.store.lock import locked


def test_one_holds_and_the_other_is_told_who(tmp_path):
    """A second taker is refused with the number of the first; closing lets go."""
    with locked(tmp_path / "x.db"):
        with pytest.raises(InstanceRunning) as caught:
            locked(tmp_path / "x.db")
        assert caught.value.pid == os.getpid()
    locked(tmp_path / "x.db").close()
