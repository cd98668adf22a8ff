"""ports.Memory: what every memory promises, on the store and in the double that tests use."""

import pytest

from ejsync.sealing import Seal
from ejsync.store import StoreMemory
from tests.doubles.memory import DictMemory
from tests.doubles.vault import sealed_store


@pytest.fixture(params=["store", "double"])
def memory(request, tmp_path, clock):
    """Each memory in turn, empty."""
    if request.param == "double":
        yield DictMemory()
        return
    store = sealed_store(tmp_path / "ejsync.db", clock)
    yield StoreMemory(store, "lyceum", Seal.from_master(b"m" * 32), clock)
    store.close()


def test_nothing_is_remembered_at_first(memory):
    """A name under which nothing was kept gives nothing, and may be forgotten all the same."""
    memory.forget("token/bridge")
    assert memory.recall("token/bridge") is None


@pytest.mark.parametrize("value", [b"", b"token", bytes(range(256)) * 400])
def test_what_was_kept_comes_back_byte_for_byte(memory, value):
    """Any bytes come back as they were, as often as they are asked for."""
    memory.keep("token/bridge", value)
    assert (memory.recall("token/bridge"), memory.recall("token/bridge")) == (value, value)


def test_the_latest_value_counts(memory):
    """Keeping again replaces; forgetting ends; other names are not touched."""
    memory.keep("token/bridge", b"one")
    memory.keep("rights/Учитель", b"other")
    memory.keep("token/bridge", b"two")
    assert memory.recall("token/bridge") == b"two"
    memory.forget("token/bridge")
    assert (memory.recall("token/bridge"), memory.recall("rights/Учитель")) == (None, b"other")
