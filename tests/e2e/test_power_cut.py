"""The store after power cuts: whatever was not synced may be lost, in any part; what was acknowledged is there."""

import subprocess
from pathlib import Path
from random import Random

import pytest

from tests.doubles.records import mark
from tests.e2e.power_cut import ROUNDS, WITHDRAWS, Disk, cells_after, found_after, recorded, run_on, state_of

CUTS, RUNS_ON = 200, 16


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    """The preloaded library, compiled; a machine without a C compiler fails here."""
    built = tmp_path_factory.mktemp("library") / "disk_log.so"
    source = Path(__file__).with_name("disk_log.c")
    command = ["gcc", "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", str(built), str(source), "-ldl", "-lpthread"]
    subprocess.run(command, check=True)
    return built


def cuts(folder, library, *, synchronous="", count=CUTS):
    """Yield for many moments: the disk at that moment, every acknowledgement ever, the files found, a folder."""
    works = folder / "works"
    works.mkdir()
    events = recorded(works, folder / "log", library, synchronous=synchronous)
    whole = Disk(works)
    for event in events:
        whole.take(event)
    rng, disk = Random(1), Disk(works)
    moments = set(rng.sample(range(len(events)), min(count, len(events))))
    for number, event in enumerate(events):
        disk.take(event)
        if number in moments and disk.acks:
            yield disk, whole.acks, disk.cut(rng), folder / f"cut-{number}"


def wrong(disk, acks, files, folder):
    """Return what is wrong after one cut; nothing if all is well."""
    found = found_after(folder, files)
    if found:
        return found
    # The commit that was under way may be there or not; each before it is.
    possible = acks[len(disk.acks) - 1 : len(disk.acks) + 1]
    return "" if state_of(folder / "ejsync.db") in possible else "acknowledged and lost"


@pytest.mark.slow
def test_an_acknowledged_commit_outlives_a_power_cut(tmp_path, library, tally):
    """After each cut the store is whole and holds what was acknowledged; going on loses and doubles nothing."""
    truth = {
        mark(who, raw, lesson_id=lesson).key: raw
        for (who, lesson), raw in cells_after(ROUNDS).items()
        if who != WITHDRAWS
    }
    checked = torn = gone_on = 0
    for disk, acks, files, folder in cuts(tmp_path, library):
        assert wrong(disk, acks, files, folder) == "", folder
        checked += 1
        torn += any(inode.pending for inode in disk.names.values())
        if checked % (CUTS // RUNS_ON) == 0:
            assert run_on(folder, disk) == (truth, []), folder
            gone_on += 1
    assert (checked > CUTS * 0.8, torn > 50, gone_on > RUNS_ON * 0.8) == (True, True, True)
    tally.append(
        f"power cuts: {checked} ({torn} with writes not yet synced), {len(acks)} commits, {gone_on} runs on;"
        " broken 0, acknowledged and lost 0, doubled 0"
    )


@pytest.mark.slow
@pytest.mark.parametrize("synchronous", ["OFF", "NORMAL"])
def test_a_store_that_syncs_less_is_found_out(tmp_path, library, synchronous):
    """Without the sync at each commit, acknowledged commits are lost: the test above can fail."""
    found = {wrong(*one) for one in cuts(tmp_path, library, synchronous=synchronous, count=100)}
    assert "acknowledged and lost" in found
