"""The tables: where personal data may stand, and that instants are instants."""

from datetime import UTC, datetime, timedelta, timezone

from sqlalchemy import LargeBinary
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel

from ejsync.domain.standing import SinkMark
from ejsync.store.tables import Instant


def test_only_payload_columns_hold_bytes():
    """Payloads, batch bodies and the sealed memory are the only columns made for content."""
    found = {
        (table.name, column.name)
        for table in SQLModel.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, LargeBinary)
    }
    rows = {(table, "payload") for table in ("record", "quarantine", "office_row", "consent", "erasure")}
    assert found == {*rows, ("batch", "body"), ("memory", "sealed")}


def test_an_instant_comes_back_aware_and_in_utc(world):
    """Whatever zone an instant was written in, it is the same instant in UTC when read."""
    moscow = datetime(2026, 11, 16, 11, 0, 0, 7, tzinfo=timezone(timedelta(hours=3)))
    with world.tx() as tx:
        tx.marks.save_sink(SinkMark("ed", moscow, 0, None, None))
        read = tx.marks.sink("ed").retry_at
    assert (read, read.tzinfo) == (moscow, UTC)


def test_a_database_with_zones_gets_the_instant_as_it_is():
    """Only SQLite needs the zone taken off."""
    moment = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)
    assert Instant().process_bind_param(moment, postgresql.dialect()) is moment
    assert Instant().process_bind_param(moment, sqlite.dialect()).tzinfo is None
    assert Instant().process_bind_param(None, sqlite.dialect()) is None
