"""The only room that speaks SQL: tables, unit of work, one file per table family, migrations."""

from ejsync.store.database import SqlStore
from ejsync.store.sealed_memory import StoreMemory

__all__ = ["SqlStore", "StoreMemory"]
