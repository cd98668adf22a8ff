"""The audit chain on disk."""

import sqlite3
from contextlib import closing

import pytest

from ejsync.domain.audit import GENESIS, verify
from ejsync.domain.fingerprints import canonical
from ejsync.errors import AuditBroken


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


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("details", '{"number": 1}'),
        ("details", '{"number":1'),
        ("details", "[1]"),
        ("details", b'{"number":"\xff"}'),
        ("hash", b"\xff"),
        ("event", b"fir\xfft"),
    ],
    ids=["a space JSON ignores", "no JSON", "no object", "no text", "hash no text", "event no text"],
)
def test_bytes_that_were_not_written_break_the_chain(world, column, value):
    """An entry whose bytes are not those that were written is AuditBroken with its number, however it is read."""
    with world.tx() as tx:
        tx.audit.append("first", {"number": 1}, world.clock.now())
    with closing(sqlite3.connect(world.store.path)) as database, database:
        database.execute(f"UPDATE audit_event SET {column} = CAST(? AS TEXT)", (value,))
    with world.tx() as tx:
        for read in (lambda: list(tx.audit.walk()), lambda: tx.audit.tail(5)):
            with pytest.raises(AuditBroken) as caught:
                read()
            assert caught.value.seq == 1


def test_a_head_that_is_no_text_is_a_broken_chain(world):
    """Nothing is appended to an entry whose hash cannot be read."""
    with world.tx() as tx:
        tx.audit.append("first", {}, world.clock.now())
    with closing(sqlite3.connect(world.store.path)) as database, database:
        database.execute("UPDATE audit_event SET hash = CAST(? AS TEXT)", (b"\xff",))
    with world.tx() as tx, pytest.raises(AuditBroken):
        tx.audit.head()
