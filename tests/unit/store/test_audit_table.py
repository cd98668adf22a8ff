"""The audit chain on disk."""

from ejsync.domain.audit import GENESIS, verify
from ejsync.domain.fingerprints import canonical


def test_an_empty_chain_begins_at_genesis(world):
    """Before the first entry the head is number 0."""
    with world.tx() as tx:
        assert tx.audit.head() == (0, GENESIS)


def test_entries_come_back_as_they_were_sealed(world):
    """What is read from disk verifies, whatever JSON its details hold."""
    details = {"nested": {"b": [1, None, True], "a": "é"}, "number": 1.5}
    with world.tx() as tx:
        assert tx.audit.append("first", details, world.clock.now()) == 1
        assert tx.audit.append("second", {}, world.clock.now()) == 2
        chain = list(tx.audit.walk())
        assert verify("school-7", chain) == tx.audit.head()
    assert canonical(chain[0].details) == canonical(details)


def test_a_walk_starts_where_asked_and_keeps_to_one_event(world):
    """Entries after a number, or of one event, come in order; the tail is the last ones, oldest first."""
    with world.tx() as tx:
        for number in range(5):
            tx.audit.append("odd" if number % 2 else "even", {}, world.clock.now())
        assert [entry.seq for entry in tx.audit.walk(3)] == [4, 5]
        assert [entry.seq for entry in tx.audit.walk(event="odd")] == [2, 4]
        assert [entry.seq for entry in tx.audit.tail(2)] == [4, 5]


def test_each_school_has_a_chain_of_its_own(world):
    """Another school's entries neither count nor show."""
    with world.tx() as tx:
        tx.audit.append("here", {}, world.clock.now())
    with world.store.begin("school-8") as tx:
        assert tx.audit.append("there", {}, world.clock.now()) == 1
        assert [entry.event for entry in tx.audit.walk()] == ["there"]
