"""The daemon, the journal and the diary as processes, killed and disturbed at random and at every named place."""

import pytest

from tests.e2e.chaos import rampage
from tests.e2e.kills import besiege

KILLS = 300


@pytest.mark.slow
def test_diary_equals_journal_after_kills_and_faults(tmp_path):
    """After random edits, faults and SIGKILLs of daemon and diary, the diary holds exactly what it must, once."""
    found = rampage(tmp_path, seconds=40, seed=20)
    assert found["equal"]
    assert (found["lost"], found["duplicated"], found["unexpected"], found["version_regressions"]) == (0, 0, 0, 0)
    assert found["stopped_s"] < 10
    assert found["actions"].keys() >= {"edit", "kill_daemon", "kill_diary"}


@pytest.mark.slow
def test_three_hundred_kills_lose_double_and_reorder_nothing(tmp_path, tally):
    """Life after life ends by SIGKILL, at each named place and at random; the diary ends with what it must hold."""
    found = besiege(tmp_path, kills=KILLS, seed=20)
    tally.append(
        "kills: {kills} of {lives} lives, {records} records and {effects} effects checked, lost {lost}, doubled"
        " {doubled}, reordered {reordered}; receipts replayed {receipts_replayed}".format(**found)
    )
    tally.append("kills by place: " + ", ".join(f"{place} {times}" for place, times in found["by_point"].items()))
    assert found["equal"]
    assert found["kills"] >= KILLS
    assert (found["lost"], found["doubled"], found["unexpected"], found["reordered"]) == (0, 0, 0, 0)
