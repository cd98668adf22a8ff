"""How ejsync connects to its database."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from ejsync.store import connecting


def test_even_a_table_is_taken_back_by_a_rollback(tmp_path):
    """A transaction is real for the schema too."""
    engine = connecting.engine_of(tmp_path / "x.db")

    def cut_off():
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE made (x)"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        cut_off()
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM sqlite_master")).scalar_one() == 0
    engine.dispose()


def test_writers_queue_from_their_beginning_and_readers_do_not(tmp_path, monkeypatch):
    """A second writer cannot even begin; a reader can."""
    monkeypatch.setattr(connecting, "BUSY_TIMEOUT_MS", 1)
    engine = connecting.engine_of(tmp_path / "x.db")
    with engine.begin():
        with pytest.raises(OperationalError), engine.begin():
            pass
        with engine.connect() as plain, plain.execution_options(reading=True).begin():
            pass
    engine.dispose()
