"""The demo's story with real processes: whatever went wrong on the way, at the end the ED holds what it must."""

import pytest

from ejsync.sandbox.story import play

NAMES = [
    "consents", "first_sync", "nothing_changed", "school_edits", "consent_withdrawn", "outage", "lost_answer",
    "poison_item", "replay", "quarantine", "quarantine_mended", "mass_change_held", "mass_change_healed",
    "empty_answers", "office", "forecast", "deferral", "statistic", "contacts", "contacts_called_back", "extract",
    "audit", "comparison",
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("seed", [7, 11])
def test_the_story_ends_with_the_diary_equal_to_the_journal(seed):
    """Whatever the seed, every step holds, nothing is lost or doubled, and the audit chain verifies."""
    steps = []
    document = play(pupils=40, seed=seed, tell=steps.append)
    assert [step.name for step in steps if not step.ok] == []
    assert [step.name for step in steps] == NAMES == [step["name"] for step in document["steps"]]
    assert all(step.sentence for step in steps)
    assert document["ok"] is True
    assert document["audit_verified"] is True
    counts = {name: document[name] for name in ("lost", "unexpected", "duplicated", "quarantined", "dead")}
    assert counts == dict.fromkeys(counts, 0)
    assert document["withheld"] > 0
    assert document["delivered"] + document["withheld"] == document["journal_records"] > 0
