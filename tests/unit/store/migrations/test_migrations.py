"""Migrations make exactly the tables that the code knows."""

import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect, text
from sqlmodel import SQLModel

from ejsync.errors import StoreError
from ejsync.store import tables
from ejsync.store.migrations import NEWEST, upgrade, version_of
from tests.doubles.old_store import BATCH, FILLED, ITEM, OUTBOX, VERSIONS, content, fill, put
from tests.doubles.vault import sealed_store


@pytest.fixture
def engine(tmp_path):
    """An empty database."""
    made = create_engine(f"sqlite:///{tmp_path / 'x.db'}")
    yield made
    made.dispose()


def test_the_migrated_schema_is_the_one_of_the_models(engine):
    """After all migrations nothing differs from the tables, and the tables are all there."""
    assert tables.RecordRow.__tablename__ in SQLModel.metadata.tables
    with engine.begin() as connection:
        upgrade(connection)
        found = compare_metadata(MigrationContext.configure(connection), SQLModel.metadata)
        assert found == []
        assert version_of(connection) == NEWEST


def test_an_upgrade_of_the_newest_changes_nothing(engine):
    """Upgrading twice is upgrading once."""
    with engine.begin() as connection:
        assert version_of(connection) is None
        upgrade(connection)
        upgrade(connection)
        assert version_of(connection) == NEWEST


def test_an_upgrade_that_is_cut_off_leaves_nothing(tmp_path, clock, monkeypatch):
    """A kill in the middle of the first migration leaves an empty database that the next start completes."""
    from ejsync.store import upgrading

    def cut_off(connection):
        upgrade(connection)
        raise KeyboardInterrupt

    monkeypatch.setattr(upgrading, "upgrade", cut_off)
    with pytest.raises(KeyboardInterrupt):
        sealed_store(tmp_path / "y.db", clock)
    monkeypatch.undo()
    bare = create_engine(f"sqlite:///{tmp_path / 'y.db'}")
    assert inspect(bare).get_table_names() == []
    bare.dispose()
    sealed_store(tmp_path / "y.db", clock).close()


def test_a_store_of_a_newer_ejsync_is_refused(tmp_path, clock):
    """A database from the future is left alone and told so."""
    store = sealed_store(tmp_path / "z.db", clock)
    with store.begin("school-7") as tx:
        tx.records.connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    store.close()
    with pytest.raises(StoreError) as caught:
        sealed_store(tmp_path / "z.db", clock)
    assert "9999" in caught.value.reason


def test_final_results_that_wait_when_the_clock_comes_are_owed_since_they_were_queued(engine):
    """Version 0004 takes up what waits in the outbox, in open batches and as dead letters, and no other kind."""
    seen = "2026-10-01 08:00:00.000000"
    with engine.begin() as connection:
        upgrade(connection, to="0003")
        for key, kind, priority in (("waits", "final_mark", 1), ("ended", "final_mark", 0), ("mark", "mark", 5)):
            put(connection, "outbox", OUTBOX | {"key": key, "kind": kind, "priority": priority, "queued_at": seen})
        for state, fate in (("pending", "waiting"), ("partial", "dead"), ("delivered", "delivered")):
            named = {"batch": state, "idempotency_key": state, "state": state}
            put(connection, "batch", BATCH | named | {"created_at": seen})
            put(connection, "batch_item", ITEM | {"batch": state, "key": f"in {state}", "state": fate})
        upgrade(connection, to="0004")
        owed = connection.execute(text("SELECT kind, key, version, seen_at FROM owed ORDER BY key")).all()
    assert owed == [("final_mark", key, 1, seen) for key in ("in partial", "in pending", "waits")]


@pytest.mark.parametrize("version", VERSIONS)
def test_every_version_can_be_built_and_carried_on(engine, version):
    """A database of any older version is made by the same migrations and goes on to the newest."""
    with engine.begin() as connection:
        upgrade(connection, to=version)
        assert version_of(connection) == version
        upgrade(connection)
        assert version_of(connection) == NEWEST


def filled(path, version):
    """Make a database of an older version with rows in it."""
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        upgrade(connection, to=version)
        fill(connection)
    engine.dispose()


BEFORE, AFTER = "before_cursor_execute", "after_cursor_execute"
KILLS = {None: BEFORE, "0001": AFTER, "0002": BEFORE, "0003": AFTER, "0004": AFTER, "0005": BEFORE}


@pytest.fixture(scope="module")
def kills(tmp_path_factory):
    """What was there before, and what each kill left, by the version that a migration began with."""
    places = {version: tmp_path_factory.mktemp("killed") / f"{version}.db" for version in KILLS}
    for version, path in places.items():
        filled(path, version) if version else path.touch()
    before = {version: content(path) for version, path in places.items()}
    words = [word for version, path in places.items() for word in (str(path), KILLS[version])]
    done = subprocess.run(
        [sys.executable, "-m", "tests.doubles.killed_migration", *words],
        capture_output=True, text=True, check=True, cwd=Path(__file__).parents[4],
    )  # fmt: skip
    told = [line.split() for line in done.stdout.splitlines()]
    left = {version: [found for name, found in told if name == path.name] for version, path in places.items()}
    return places, before, left


@pytest.mark.slow
@pytest.mark.parametrize("version", KILLS)
def test_a_kill_at_any_statement_of_a_migration_leaves_what_was_before_it(kills, version):
    """A process killed at each statement leaves the old schema with all its rows; then the next one goes through."""
    places, before, left = kills
    *killed, last = left[version]
    assert len(killed) >= 5
    assert set(killed) == {before[version]}
    assert last == content(places[version])
    engine = create_engine(f"sqlite:///{places[version]}")
    with engine.connect() as connection:
        assert version_of(connection) == NEWEST
        assert compare_metadata(MigrationContext.configure(connection), SQLModel.metadata) == []
        found = [connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one() for name in FILLED]
    engine.dispose()
    assert found == [0 if version is None else 1] * len(FILLED)
