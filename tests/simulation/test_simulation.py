"""The whole service in seeded worlds on a virtual clock: every promise kept, in every fortnight."""

import pytest

from tests.simulation.crowd import Crowd, hunted, lines
from tests.simulation.planted import PLANTED
from tests.simulation.reach import missed

FEW, MANY, DAYS, SEARCHED = 20, 2000, 14, 25


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
def test_no_log_and_no_file_of_a_world_holds_a_name_or_a_secret(tally):
    """Every personal field and secret is a token, that the diary gets and no line at debug level nor any file holds."""
    shares = list(lines([("--searched", first, SEARCHED) for first in (0, SEARCHED)]))
    total = {name: sum(share[name] for share in shares) for name in ("seeds", "carried", "lines", "files", "bytes")}
    hits = [hit for share in shares for hit in share["hits"]]
    tally.append(
        f"canaries in the simulation: {total['seeds']} seeds, {total['carried']} tokens carried to the diary,"
        f" {total['lines']} log lines and {total['files']} files ({total['bytes'] / 1e6:.0f} MB) searched:"
        f" {len(hits)} hits"
    )
    assert hits == []
    assert min(total.values()) > SEARCHED


@pytest.mark.slow
def test_every_planted_bug_is_found(tally):
    """Each deliberate bug, switched on alone, breaks a promise within five hundred seeds."""
    found = {told["bug"]: told for told in hunted(sorted(PLANTED))}
    tally.append(f"planted bugs found: {sum(told['seed'] is not None for told in found.values())} of {len(PLANTED)}")
    tally.extend(f"  {told['bug']}: seed {told['seed']}: {told['found']}" for told in found.values())
    assert [name for name in PLANTED if found[name]["seed"] is None] == []
