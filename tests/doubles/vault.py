"""The keys of a test: beside its store, under a master secret that everybody knows."""

from ejsync.store import SqlStore
from ejsync.vault import Vault

MASTER = b"k" * 32


def keys_of(path, master=MASTER):
    """The vault beside a store."""
    return Vault(path, lambda: master)


def sealed_store(path, clock, master=MASTER):
    """A store with its keys beside it."""
    return SqlStore(path, clock, keys_of(path, master))
