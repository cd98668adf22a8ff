"""Beginning anew with keys that are lost: what cannot be read any more is read again, and nothing is doubled.

Keys, versions and consents of records are not sealed: whatever the journal shows next takes the place of what was
lost, under the same key and the next version, and a sink replaces what it holds.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from ejsync.domain.checkpoints import RENEWED
from ejsync.domain.erasure import Step
from ejsync.pipeline.ports import Clock
from ejsync.signing import Signature
from ejsync.store.audit_table import AuditTable
from ejsync.store.checkpoint_table import CheckpointTable
from ejsync.store.erasure_table import ErasureTable
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
        erased: how many pupils were erased of whom only the acts tell now who they are: reading brings them back.
    """

    kept: Path | None
    lost: Mapping[str, int]
    erased: int = 0


def start_anew(store: Path, clock: Clock, keys: Vault) -> Anew:
    """Take the keys that are left, or make new ones, and let the store read and offer everything again.

    Raises:
        InstanceRunning: an instance works on the store.
        ConfigError: there is no master secret to wrap keys with.
        StoreError: a file cannot be written.
    """
    at, lost, erased = clock.now(), Counter[str](), 0
    with held(store):
        kept = keys.renew(at)
        with connected(store) as connection:
            bring_up(connection, keys, at)
            for school in sorted({school for table in SEALED for school in schools_of(connection, table)}):
                doubt(connection, school, WithdrawalFile(store), KEYS_LOST, at)
                lost.update(shut(connection, school, keys.of(school)))
                erased += len(ErasureTable(connection, school, keys.of(school)).kept_out()) if kept else 0
                _close_erasures(connection, school, keys, at)
                _witness(connection, school, keys, at)
            MarkTable(connection, EVERY_SCHOOL).put(KEY_FILE, keys.mark, at)
    return Anew(kept, lost, erased)


def _close_erasures(connection: Connection, school: str, keys: Vault, at: datetime) -> None:
    """End erasures under way of which nobody knows any more whom they are about: they are to be ordered again."""
    erasures = ErasureTable(connection, school, keys.of(school))
    for one in erasures.unfinished():
        if one.order is None and one.step not in {Step.WITNESSED, Step.DONE}:
            erasures.advance(one, Step.DONE, at)
            told = {"erasure": one.number, "pupil": one.pseudonym}
            AuditTable(connection, school).append("erasure.abandoned", told, at)


def _witness(connection: Connection, school: str, keys: Vault, at: datetime) -> None:
    """Write into the log that another key signs from now on; what the former one has signed stays whole by that."""
    newest, log = CheckpointTable(connection, school).newest(), AuditTable(connection, school)
    if newest is None or newest.key == Signature.from_seed(keys.own("signing")).public:
        return
    if newest.key not in {entry.details.get("former") for entry in log.walk(event=RENEWED)}:
        log.append(RENEWED, {"former": newest.key}, at)
