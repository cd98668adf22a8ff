"""What every test may ask for; the doubles themselves stand in `tests/doubles`, one file a port."""

import sys
from pathlib import Path

import pytest

_TALLY = pytest.StashKey()
sys.path.insert(0, str(Path(__file__).parents[1]))  # so that `tests.doubles` can be imported under plain `pytest` too


def pytest_configure(config):
    """Search whatever this session logs, raises and audits for secrets and people; make the fast lane fast."""
    from tests import leak_hooks
    from tests.doubles import lanes

    if config.option.markexpr == "not slow":
        lanes.fold_in_memory()
        lanes.share_statements()
    leak_hooks.pytest_configure(config)


def pytest_terminal_summary(terminalreporter, config):
    """Print what the tests have counted."""
    for line in config.stash.get(_TALLY, []):
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def tally(pytestconfig):
    """Lines to be printed at the end of the run: what was counted and proved."""
    return pytestconfig.stash.setdefault(_TALLY, [])


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
