"""The whole service in seeded worlds on a virtual clock: every promise kept, in every fortnight."""

import pytest

from tests.simulation.crowd import Crowd, hunted
from tests.simulation.planted import PLANTED
from tests.simulation.reach import missed

FEW, MANY, DAYS = 20, 2000, 14


def test_a_few_worlds_keep_every_promise():
    """Twenty fortnights of faults lose nothing, double nothing, and end with the diary showing the permitted truth."""
    assert Crowd.of(0, FEW).findings == {}


def test_a_seed_lives_the_same_life_again():
    """Two processes that hash differently write the same event logs, byte for byte."""
    one, other = (Crowd.of(100, 6, PYTHONHASHSEED=hashing) for hashing in ("1", "2"))
    assert one.digests == other.digests


@pytest.mark.slow
def test_two_thousand_worlds_keep_every_promise(tally):
    """Two thousand fortnights keep every promise, and reach every fault, crash point, transition and item state."""
    crowd = Crowd.of(0, MANY)
    faults = crowd.faults()
    lost = sum("shown as" in sentence for found in crowd.findings.values() for sentence in found)
    tally.append(
        f"simulation: {crowd.seeds} seeds, {crowd.seeds * DAYS} virtual days, {crowd.kills} kills, "
        f"{sum(faults.values())} faults of {len(faults)} kinds, {crowd.records} records checked, "
        f"{lost} lost, {crowd.doubled} doubled"
    )
    assert crowd.findings == {}
    assert missed(crowd.reach, crowd.seeds) == {}


@pytest.mark.slow
def test_every_planted_bug_is_found(tally):
    """Each deliberate bug, switched on alone, breaks a promise within five hundred seeds."""
    found = {told["bug"]: told for told in hunted(sorted(PLANTED))}
    tally.append(f"planted bugs found: {sum(told['seed'] is not None for told in found.values())} of {len(PLANTED)}")
    tally.extend(f"  {told['bug']}: seed {told['seed']}: {told['found']}" for told in found.values())
    assert [name for name in PLANTED if found[name]["seed"] is None] == []
