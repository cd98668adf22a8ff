"""The daemon, the journal and the diary as processes, killed and disturbed at random."""

import pytest

from tests.e2e.chaos import rampage


@pytest.mark.slow
def test_diary_equals_journal_after_kills_and_faults(tmp_path):
    """After random edits, faults and SIGKILLs of daemon and diary, the diary holds exactly what it must, once."""
    found = rampage(tmp_path, seconds=40, seed=20)
    assert found["equal"]
    assert (found["lost"], found["duplicated"], found["unexpected"], found["version_regressions"]) == (0, 0, 0, 0)
    assert found["stopped_s"] < 10
    assert found["actions"].keys() >= {"edit", "kill_daemon", "kill_diary"}
