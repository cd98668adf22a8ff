"""Sealing what older stores kept open, and removing its traces."""

import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import create_engine, text

from ejsync.store import database
from ejsync.store.backup import back_up, backups_of, place_for
from ejsync.store.inspection import health
from ejsync.store.migrations import NEWEST, upgrade
from tests.doubles.old_store import BATCH, CONSENT, ITEM, RECORD, put
from tests.doubles.vault import sealed_store

WORD = b"CANARY-OF-THE-OLD-STORE"
PAYLOAD = b'{"raw":"' + WORD + b'"}'


@pytest.fixture
def old(tmp_path, clock):
    """A store of version 0005 with everything open in it, in its free pages, and in a backup of that time."""
    path = tmp_path / "ejsync.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        upgrade(connection, to="0005")
        for number in range(3000):  # pages enough for some to be freed, and more than are sealed at once
            put(
                connection,
                "record",
                RECORD | {"key": f"m-{number}", "pupil": str(1000 + number % 7), "payload": PAYLOAD},
            )
        put(connection, "consent", CONSENT | {"document": WORD.decode()})
        put(connection, "batch", BATCH | {"batch": "a", "idempotency_key": "a", "state": "pending", "body": PAYLOAD})
        put(connection, "batch_item", ITEM | {"batch": "a", "key": "f", "pupil": "1001"})
        connection.execute(text("DELETE FROM record WHERE id > 2500"))
    engine.dispose()
    back_up(path, place_for(path, clock.now()), clock.now())
    assert WORD in path.read_bytes()
    return path


def traces(path):
    """The files in which the word still stands."""
    files = [file for file in path.parent.rglob("*") if file.is_file()]
    return sorted(file.name for file in files if WORD in file.read_bytes())


def test_after_an_upgrade_nothing_open_is_left_anywhere(old, clock):
    """Store, free pages, log of writes and every backup are sealed; all that was known is known still."""
    with closing(sealed_store(old, clock)) as store:
        assert (store.upgraded.before, store.upgraded.after) == ("0005", NEWEST)
        with store.read("school-7") as tx:
            keys = [(row.kind, row.key) for row in tx.records.known_of("pupil:1001")]
            assert set(tx.records.payloads(keys).values()) == {PAYLOAD}
            assert len(keys) == 2500
            assert tx.batches.parcel("a").body == PAYLOAD
            assert tx.consents.of()["1001"][0].document == WORD.decode()
        assert traces(old) == []
    backups = backups_of(old)
    assert [health(one.path).version for one in backups] == [NEWEST, NEWEST]


def test_a_backup_of_the_old_time_is_put_back_as_it_was(old, clock):
    """What was sealed afterwards is a backup like any other."""
    from ejsync.store.restoring import restore
    from tests.doubles.vault import keys_of

    saved = backups_of(old)[0].path
    sealed_store(old, clock).close()
    restore(old, saved, clock, keys_of(old))
    with closing(sealed_store(old, clock)) as store, store.read("school-7") as tx:
        keys = [(row.kind, row.key) for row in tx.records.known_of("pupil:1001")]
        assert set(tx.records.payloads(keys).values()) == {PAYLOAD}
    assert traces(old) == []


def test_traces_that_cannot_be_removed_now_are_removed_at_the_next_opening(old, clock):
    """While somebody reads the old state, the store works and remembers what is due."""
    reader = sqlite3.connect(old, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM record").fetchone()
    sealed_store(old, clock).close()
    assert traces(old) != []
    reader.close()
    sealed_store(old, clock).close()
    assert traces(old) == []


def test_killed_before_the_traces_are_gone_the_next_opening_removes_them(old, clock, monkeypatch):
    """The upgrade itself is whole; what it owes is remembered in it."""

    def cut_off(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(database, "remove_traces", cut_off)
        with pytest.raises(KeyboardInterrupt):
            sealed_store(old, clock)
    assert traces(old) != []
    sealed_store(old, clock).close()
    assert traces(old) == []


def test_a_backup_that_cannot_be_sealed_is_told_until_it_is_gone(old, clock):
    """A damaged backup stays as it is, the store keeps saying so, and once it is removed it does not."""
    damaged = old.parent / "backups" / "ejsync-damaged.db"
    damaged.write_bytes(WORD * 1000)
    sealed_store(old, clock).close()
    assert traces(old) == [damaged.name]
    assert due(old)
    damaged.unlink()
    sealed_store(old, clock).close()
    assert not due(old)


def due(path):
    """Whether the store remembers that traces are to be removed."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT count(*) FROM store_mark WHERE name = 'traces'").fetchone()[0]


def test_a_backup_with_a_log_of_writes_beside_it_is_sealed_whole(old, clock):
    """A store that was put aside in the midst of its work keeps what its log holds, and plays nothing open back."""
    aside = old.parent / "backups" / "ejsync-replaced-1.db"
    with closing(sqlite3.connect(aside)) as made, closing(sqlite3.connect(old)) as original:
        original.backup(made)
    with closing(sqlite3.connect(aside, isolation_level=None)) as writer:
        writer.execute("PRAGMA journal_mode=WAL")
        writer.execute("PRAGMA wal_autocheckpoint=0")
        writer.execute("UPDATE record SET payload = ? WHERE id <= 500", (PAYLOAD.replace(b"raw", b"was"),))
        pages, log = aside.read_bytes(), aside.with_name(f"{aside.name}-wal").read_bytes()
    aside.write_bytes(pages)
    aside.with_name(f"{aside.name}-wal").write_bytes(log)
    sealed_store(old, clock).close()
    assert (traces(old), due(old), health(aside).integrity) == ([], 0, "ok")
    with closing(sqlite3.connect(aside)) as sealed:
        told = [len(payload) for (payload,) in sealed.execute("SELECT payload FROM record WHERE id IN (500, 501)")]
    assert told[0] == told[1] > len(PAYLOAD)


def test_drafts_of_a_killed_sealing_are_gone_when_the_traces_are(old, clock):
    """A process killed while it sealed a backup leaves an open copy under a draft's name; it is a trace too."""
    (old.parent / "backups" / ".ejsync-before-0006.db.x.draft").write_bytes(WORD)
    (old.parent / ".ejsync.db.y.draft").write_bytes(WORD)
    sealed_store(old, clock).close()
    assert (traces(old), due(old)) == ([], 0)
