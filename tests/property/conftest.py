"""What the property tests count, told at the end of the run."""

import pytest

_TALLY = pytest.StashKey()


def pytest_terminal_summary(terminalreporter, config):
    """Print how many cases were compared."""
    for line in config.stash.get(_TALLY, []):
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def tally(pytestconfig):
    """Lines to be printed at the end of the run."""
    return pytestconfig.stash.setdefault(_TALLY, [])
