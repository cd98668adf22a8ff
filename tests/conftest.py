"""What every test may ask for; the doubles themselves stand in `tests/doubles`, one file a port."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))  # so that `tests.doubles` can be imported under plain `pytest` too


def pytest_configure(config):
    """Search whatever this session logs, raises and audits for secrets and people."""
    from tests import leak_hooks

    leak_hooks.pytest_configure(config)


@pytest.fixture
def clock():
    """A clock that moves only when it is told to."""
    from tests.doubles.clock import VirtualClock

    return VirtualClock()


@pytest.fixture
def world(tmp_path):
    """One school, wired: a real store, a scripted journal, one strict diary."""
    from tests.doubles.world import World

    made = World(tmp_path / "world")
    yield made
    made.close()


@pytest.fixture
def two_diaries(tmp_path):
    """The same school with two diaries, `ed` and `region`."""
    from tests.doubles.world import World

    made = World(tmp_path / "world", sinks=("ed", "region"))
    yield made
    made.close()
