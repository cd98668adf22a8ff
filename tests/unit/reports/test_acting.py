"""acting: the act as files beside the store."""

import json
import stat
from hashlib import sha256

import pytest

from ejsync.domain.erasure import Step
from ejsync.errors import StoreError
from ejsync.pipeline.erase import advance, begin
from ejsync.store.old_files import acts_of
from tests.doubles.erasing import HIM, ORDER, filled, paperwork


@pytest.fixture
def done(world):
    """An erasure that came to its end."""
    filled(world)
    number = begin(world.wiring, ORDER).number
    world.deliver()
    return advance(world.wiring, number, paperwork(world))


def test_the_act_stands_beside_the_store_for_its_owner_only(world, done):
    """PDF and JSON, and their digests are in the audit."""
    files = {path.name: path for path in acts_of(world.store.path).iterdir()}
    [witnessed] = world.audit("erasure.witnessed")
    assert witnessed.details["act"] == {name: sha256(path.read_bytes()).hexdigest() for name, path in files.items()}
    assert {stat.S_IMODE(path.stat().st_mode) for path in files.values()} == {0o600}
    assert stat.S_IMODE(acts_of(world.store.path).stat().st_mode) == 0o700


def test_the_json_says_what_the_paper_says(world, done):
    """Fields by name, and the entries of the log with their hashes as they stand in the log."""
    [path] = acts_of(world.store.path).glob("*.json")
    told = json.loads(path.read_bytes())
    assert any(HIM in field["text"] for field in told["act"])
    log = {entry.seq: entry.hash for entry in world.audit()}
    assert [log[int(one["seq"])] for one in told["entries"]] == [one["hash"] for one in told["entries"]]
    assert [one["event"] for one in told["entries"]] == [
        "consent.withdrawn", "erasure.begun", "erasure.told", "erasure.deleted", "erasure.swept",
    ]  # fmt: skip
    assert done.step is Step.DONE


def test_a_folder_that_cannot_be_written_leaves_the_erasure_open(world):
    """The act is no less a part of it: once the folder can be written the erasure goes on."""
    filled(world)
    number = begin(world.wiring, ORDER).number
    world.deliver()
    acts_of(world.store.path).write_text("in the way")
    with pytest.raises(StoreError):
        advance(world.wiring, number, paperwork(world))
    acts_of(world.store.path).unlink()
    assert advance(world.wiring, number, paperwork(world)).step is Step.DONE
