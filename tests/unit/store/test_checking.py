"""What a look at a store finds."""

import sqlite3
from contextlib import closing

import pytest

from ejsync.domain.records import Feed
from ejsync.errors import StoreError
from ejsync.store.checking import AUDIT, INVARIANTS, UPGRADE_DUE, examine
from ejsync.store.migrations import NEWEST
from tests.doubles.records import lesson, lessons, mark, marks
from tests.doubles.world import STRICT


@pytest.fixture
def lived(world):
    """A school with delivered, dead, held, waiting and travelling changes, and a batch that waits for its next try."""
    world.consent("1001")
    dead = mark(column=1)
    world.ed.reject["mark", dead.key] = "poison"
    week = [lesson(number) for number in range(1, 7)]
    world.read(lessons(["10А"], *week), feed=Feed.TIMETABLE)
    world.read(marks(["1001"], mark(), dead))
    world.deliver()
    world.guarded(STRICT)
    world.read(lessons(["10А"], week[0]), feed=Feed.TIMETABLE)
    world.ed.faults.append("unavailable")
    world.read(marks(["1001"], mark(raw="2"), dead))
    world.deliver()
    world.read(marks(["1001"], mark(raw="3"), dead))
    return world


def test_a_store_that_lived_is_well(lived):
    """Whatever became of its batches, nothing is found; the audit's head is the store's own."""
    found = examine(lived.store.path)
    assert (found.version, found.findings, found.rolled_back) == (NEWEST, (), ())
    with lived.tx() as tx:
        assert found.heads == {"school-7": tx.audit.head()}


BREACHES = {
    "item_without_batch": "INSERT INTO batch_item (batch, position, school, op, kind, key, version, fingerprint, state)"
    " VALUES ('nosuch', 0, 'school-7', 'upsert', 'mark', 'k', 1, 'f', 'waiting')",
    "items_miscounted": "UPDATE batch SET items = items + 1 WHERE state = 'pending'",
    "open_without_body": "UPDATE batch SET body = x'' WHERE state = 'pending'",
    "settled_with_body": "UPDATE batch SET body = x'00' WHERE state = 'partial'",
    "outbox_without_record": "UPDATE outbox SET key = 'nosuch' WHERE hold IS NULL",
    "outbox_without_hold": "UPDATE outbox SET hold = 'nosuch' WHERE hold IS NULL",
    "delivered_beyond_record": "UPDATE delivered SET version = 99 WHERE kind = 'mark'",
    "several_in_flight": "UPDATE batch SET state = 'in_flight', body = x'00'",
    AUDIT: "UPDATE audit_event SET event = 'other' WHERE seq = 2",
    UPGRADE_DUE: "UPDATE alembic_version SET version_num = '0001'",
}


@pytest.mark.parametrize("name", BREACHES)
def test_each_breach_is_found_by_its_name(lived, name):
    """One thing put wrong is found as that thing, and nothing is changed by looking."""
    with closing(sqlite3.connect(lived.store.path)) as connection:
        connection.execute(BREACHES[name])
        connection.commit()
    first, again = examine(lived.store.path), examine(lived.store.path)
    assert name in {finding.name for finding in first.findings}
    assert [one.name for one in first.findings] == [one.name for one in again.findings]


def test_every_invariant_is_breached_once_above():
    """No invariant is there that cannot fail."""
    assert set(INVARIANTS) <= set(BREACHES)


def test_a_store_in_doubt_tells_so_until_its_sinks_are_compared(lived):
    """The reason stands with its instant, as pending until every sink that joined was compared whole."""
    with lived.tx() as tx:
        tx.store_marks.doubt("copy", lived.clock.now())
    (told,) = examine(lived.store.path).rolled_back
    assert (told.school, told.reason, told.pending) == ("school-7", "copy", True)
    lived.clock.move(minutes=1)
    with lived.tx() as tx:
        tx.store_marks.compared("ed", lived.clock.now())
    (told,) = examine(lived.store.path).rolled_back
    assert not told.pending


def test_what_is_no_database_is_told(tmp_path):
    """A store error, no page of traceback."""
    (tmp_path / "x.db").write_bytes(b"no database" * 1000)
    with pytest.raises(StoreError):
        examine(tmp_path / "x.db")
