"""Migrations make exactly the tables that the code knows."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect, text
from sqlmodel import SQLModel

from ejsync.domain.records import Feed
from ejsync.errors import StoreError
from ejsync.store import SqlStore, tables
from ejsync.store.migrations import NEWEST, upgrade, version_of
from tests.doubles.records import final_mark, finals, mark, marks


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
    from ejsync.store import database

    def cut_off(connection):
        upgrade(connection)
        raise KeyboardInterrupt

    monkeypatch.setattr(database, "upgrade", cut_off)
    with pytest.raises(KeyboardInterrupt):
        SqlStore(tmp_path / "y.db", clock)
    monkeypatch.undo()
    bare = create_engine(f"sqlite:///{tmp_path / 'y.db'}")
    assert inspect(bare).get_table_names() == []
    bare.dispose()
    SqlStore(tmp_path / "y.db", clock).close()


def test_a_store_of_a_newer_ejsync_is_refused(tmp_path, clock):
    """A database from the future is left alone and told so."""
    store = SqlStore(tmp_path / "z.db", clock)
    with store.begin("school-7") as tx:
        tx.records.connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    store.close()
    with pytest.raises(StoreError) as caught:
        SqlStore(tmp_path / "z.db", clock)
    assert "9999" in caught.value.reason


def test_final_results_that_wait_when_the_clock_comes_are_owed_since_they_were_queued(world):
    """Version 0004 takes up what waits in the outbox, in open batches and as dead letters, and no other kind."""
    world.consent("1001")
    world.ed.reject["final_mark", final_mark(period="dead").key] = "poison"
    world.read(finals(["1001"], final_mark(period="dead")), feed=Feed.FINALS)
    world.deliver()
    world.ed.faults.append("unavailable")
    kept = final_mark(period="dead")
    world.read(finals(["1001"], kept, final_mark(period="batch")), feed=Feed.FINALS)
    world.deliver()
    world.read(finals(["1001"], kept, final_mark(period="batch"), final_mark(period="waits")), feed=Feed.FINALS)
    world.read(marks(["1001"], mark()))
    owed = text("SELECT key, version, seen_at FROM owed ORDER BY key")
    with world.tx() as tx:
        connection = tx.records.connection
        before = connection.execute(owed).all()
        connection.execute(text("DROP TABLE owed"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0003'"))
        upgrade(connection)
        assert connection.execute(owed).all() == before
    assert len(before) == 3
