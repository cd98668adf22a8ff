"""Alembic migrations, forward only; an open store is always at the newest version."""

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from ejsync.errors import StoreError

NEWEST = "0006"


def version_of(connection: Connection) -> str | None:
    """Return the schema version of a database, or None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def upgrade(connection: Connection, *, to: str = NEWEST) -> None:
    """Bring a database to the newest version, or to an older one, inside the caller's transaction.

    Raises:
        StoreError: the database was written by a newer ejsync.
    """
    found = version_of(connection)
    if found == to:
        return
    if found is not None and found > NEWEST:
        raise StoreError(path=str(connection.engine.url.database), reason=f"schema {found} is newer than {NEWEST}")
    from alembic import command  # noqa: PLC0415 - slow to load and rarely needed
    from alembic.config import Config  # noqa: PLC0415 - as above

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    command.upgrade(config, to)
