"""Keepsakes of an account."""

import orjson

from ejsync.sources.eljur.client.keepsakes import Keepsakes
from tests.doubles.memory import LostMemory

PROOF = b'{"login":"bridge-login","password":"hidden-password"}'


def test_a_keepsake_is_there_in_the_next_run(memory):
    """What one run kept the next one recalls, under the account's own name."""
    Keepsakes("bridge", memory).keep("rights", PROOF, roles=["helper"])
    assert Keepsakes("bridge", memory).recall("rights", PROOF)["roles"] == ["helper"]
    assert Keepsakes("service", memory).recall("rights", PROOF) is None
    assert list(memory.held) == ["rights/bridge"]


def test_another_proof_recalls_nothing(memory):
    """What was kept under other credentials is as good as not kept."""
    keepsakes = Keepsakes("bridge", memory)
    keepsakes.keep("rights", PROOF)
    assert keepsakes.recall("rights", PROOF + b" ") is None


def test_a_mark_tells_nothing_of_the_proof(memory):
    """The same credentials leave another mark each time, and none of them in clear."""
    keepsakes, kept = Keepsakes("bridge", memory), []
    for _ in range(2):
        keepsakes.keep("rights", PROOF)
        kept.append(memory.held["rights/bridge"])
    marks = {orjson.loads(one)["mark"] for one in kept}
    assert len(marks) == 2
    assert not any(part in one for one in kept for part in (b"bridge-login", b"hidden-password"))


def test_another_release_s_format_is_as_good_as_none(memory):
    """A keepsake whose format this release does not know is not read."""
    keepsakes = Keepsakes("bridge", memory)
    keepsakes.keep("rights", PROOF)
    document = orjson.loads(memory.held["rights/bridge"])
    memory.held["rights/bridge"] = orjson.dumps({**document, "format": 2})
    assert keepsakes.recall("rights", PROOF) is None


def test_what_is_forgotten_is_gone_for_every_run(memory):
    """Forgetting ends a keepsake, whatever credentials it was kept under."""
    keepsakes = Keepsakes("bridge", memory)
    keepsakes.keep("failure", PROOF)
    keepsakes.forget("failure")
    assert keepsakes.recall("failure", PROOF) is None
    assert memory.held == {}


def test_a_run_remembers_for_itself():
    """Where the memory keeps nothing, the run that kept something still knows it, and the next one does not."""
    lost = LostMemory()
    keepsakes = Keepsakes("bridge", lost)
    keepsakes.keep("failure", PROOF, times=2)
    assert keepsakes.recall("failure", PROOF)["times"] == 2
    assert Keepsakes("bridge", lost).recall("failure", PROOF) is None


def test_the_other_process_s_keepsake_counts(memory):
    """What another process kept later replaces what this one kept itself."""
    daemon, doctor = Keepsakes("bridge", memory), Keepsakes("bridge", memory)
    daemon.keep("token", PROOF, token="old")
    doctor.keep("token", PROOF, token="new")
    assert daemon.recall("token", PROOF)["token"] == "new"
