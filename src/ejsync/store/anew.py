"""Beginning anew with keys that are lost: what cannot be read any more is read again, and nothing is doubled.

Keys, versions and consents of records are not sealed: whatever the journal shows next takes the place of what was
lost, under the same key and the next version, and a sink replaces what it holds.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ejsync.pipeline.ports import Clock
from ejsync.store.mark_table import EVERY_SCHOOL, KEY_FILE, MarkTable
from ejsync.store.restoring import connected, held
from ejsync.store.rollback import KEYS_LOST, doubt
from ejsync.store.sealed_columns import SEALED, schools_of, shut
from ejsync.store.upgrading import bring_up
from ejsync.store.withdrawals import WithdrawalFile
from ejsync.vault import Vault


@dataclass(frozen=True, slots=True)
class Anew:
    """What was done.

    Attributes:
        kept: where the key file is that could not be used; None where it could, or there was none.
        lost: how many values could not be read any more, by table.
    """

    kept: Path | None
    lost: Mapping[str, int]


def start_anew(store: Path, clock: Clock, keys: Vault) -> Anew:
    """Take the keys that are left, or make new ones, and let the store read and offer everything again.

    Raises:
        InstanceRunning: an instance works on the store.
        ConfigError: there is no master secret to wrap keys with.
        StoreError: a file cannot be written.
    """
    at, lost = clock.now(), Counter[str]()
    with held(store):
        kept = keys.renew(at)
        with connected(store) as connection:
            bring_up(connection, keys, at)
            for school in sorted({school for table in SEALED for school in schools_of(connection, table)}):
                doubt(connection, school, WithdrawalFile(store), KEYS_LOST, at)
                lost.update(shut(connection, school, keys.of(school)))
            MarkTable(connection, EVERY_SCHOOL).put(KEY_FILE, keys.mark, at)
    return Anew(kept, lost)
