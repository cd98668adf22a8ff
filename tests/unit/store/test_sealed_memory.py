"""ports.Memory on the store."""

import pytest
import structlog

from ejsync.errors import StoreError
from ejsync.sealing import Seal
from ejsync.store import SqlStore, StoreMemory
from tests.doubles.vault import sealed_store

SECRET = b"token-of-an-account"


@pytest.fixture
def remember(tmp_path, clock):
    """Open the memory of a school in one database, as a new run does."""
    stores = []

    def make(*, school="lyceum", master=b"m" * 32):
        stores.append(sealed_store(tmp_path / "ejsync.db", clock))
        return StoreMemory(stores[-1], school, Seal.from_master(master), clock)

    yield make
    for store in stores:
        store.close()


def test_what_was_kept_is_there_in_the_next_run(remember):
    """A value comes back under its name in another process, until it is forgotten."""
    remember().keep("token/bridge", SECRET)
    again = remember()
    assert again.recall("token/bridge") == SECRET
    again.forget("token/bridge")
    assert remember().recall("token/bridge") is None


def test_nothing_readable_stands_on_the_disk(remember, tmp_path):
    """The files of the database hold the value sealed only."""
    remember().keep("token/bridge", SECRET)
    assert all(SECRET not in path.read_bytes() for path in tmp_path.iterdir())


def test_another_master_and_another_school_recall_nothing(remember):
    """What does not open counts as never kept."""
    remember().keep("token/bridge", SECRET)
    assert remember(master=b"x" * 32).recall("token/bridge") is None
    assert remember(school="gymnasium").recall("token/bridge") is None


def test_a_value_under_another_name_does_not_open(remember):
    """Whoever can write to the database cannot hand one account the token of another."""
    memory = remember()
    memory.keep("token/bridge", SECRET)
    with memory.store.begin("lyceum") as tx:
        tx.memory.keep("token/service", tx.memory.recall("token/bridge"), memory.clock.now())
    assert memory.recall("token/service") is None


def test_a_lost_memory_is_a_line_in_the_log(remember, monkeypatch):
    """A database that cannot be used stops nothing here: nothing is recalled, and the log says so in allowed words."""
    memory = remember()

    def refused(_school):
        raise StoreError(path="state", reason="OperationalError SQLITE_FULL")

    monkeypatch.setattr(SqlStore, "begin", lambda _self, school: refused(school))
    monkeypatch.setattr(SqlStore, "read", lambda _self, school: refused(school))
    with structlog.testing.capture_logs() as lines:
        memory.keep("token/bridge", SECRET)
        memory.forget("token/bridge")
        assert memory.recall("token/bridge") is None
    told = {"event": "memory.lost", "log_level": "warning", "school": "lyceum", "code": "EJ-501"}
    reason = "OperationalError SQLITE_FULL"
    assert lines == [{**told, "op": op, "reason": reason} for op in ("keep", "forget", "recall")]
