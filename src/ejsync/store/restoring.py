"""Putting a backup back: checked first, the replaced store kept aside, ends of consents carried over."""

import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, select
from sqlalchemy.exc import SQLAlchemyError

from ejsync.domain.audit import verify
from ejsync.domain.consent import Consent, Decision
from ejsync.errors import StoreError
from ejsync.pipeline.ports import Clock
from ejsync.store.audit_table import AuditTable
from ejsync.store.backup import mark_as_copy, place_for
from ejsync.store.connecting import engine_of
from ejsync.store.consent_table import ConsentTable
from ejsync.store.database import SqlStore
from ejsync.store.drafts import draft_of
from ejsync.store.inspection import reading, unusable
from ejsync.store.lock import locked
from ejsync.store.mark_table import KEY_FILE
from ejsync.store.statements import table_of
from ejsync.store.tables import AuditRow, ConsentRow
from ejsync.store.upgrading import bring_up
from ejsync.store.withdrawals import Ended, WithdrawalFile
from ejsync.vault import Vault
from ejsync.wording import N_

Register = Mapping[str, list[Consent]]
"""Every decision of a store, by school, in the order of their registration."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did.

    Attributes:
        kept: where the replaced store is; None where there was none.
        entries: how many audit entries the backup holds, by school.
        ended: consents that the backup knows as standing and that had ended since: (school, pupil, scope).
        lost: consents given since, which the backup does not know: (school, pupil, scope). They are to be given again.
        readable: whether the replaced store could be compared with the backup.
    """

    kept: Path | None
    entries: Mapping[str, int]
    ended: tuple[tuple[str, str, str], ...]
    lost: tuple[tuple[str, str, str], ...]
    readable: bool


def restore(store: Path, backup: Path, clock: Clock, keys: Vault) -> Restored:
    """Put a backup in the place of a store, and let the store know that it is older than it was.

    Raises:
        InstanceRunning: an instance works on the store.
        StoreError: the backup is damaged, of a newer ejsync or no store at all, or a file cannot be written.
        AuditBroken: the backup's audit chain does not verify.
    """
    with held(store), draft_of(store) as draft:
        _settle(keys, backup)
        entries, known = _prepared(backup, draft, keys, clock.now())
        before = _register(store, keys)
        ended, lost = _differences(before or {}, known)
        kept = _put_aside(store, clock.now())
        for school, one in ended:
            WithdrawalFile(store).add(school, [one])
    with closing(SqlStore(store, clock, keys)) as made:  # it finds the mark of a copy, and doubts what it says
        for school in made.rolled_back:
            made.checkpoint_file.put_aside(school)  # that its log is the shorter one is known, and stands in it
    told = tuple((school, one.pupil, one.scope) for school, one in ended)
    return Restored(kept, entries, told, lost, before is not None)


@contextmanager
def held(store: Path) -> Iterator[None]:
    """Keep every instance away."""
    try:
        store.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = locked(store)
    except OSError as error:
        raise unusable(store, error) from None
    with lock:
        try:
            yield
        except (OSError, sqlite3.Error, SQLAlchemyError) as error:
            raise unusable(store, error) from None


def _settle(keys: Vault, backup: Path) -> None:
    """Take the keys that are here; a backup that is newer than they are cannot be put back with them."""
    told = None
    with suppress(sqlite3.Error), closing(reading(backup)) as connection:
        row = connection.execute("SELECT value FROM store_mark WHERE school = '' AND name = ?", (KEY_FILE,)).fetchone()
        told = row[0] if row else None
    keys.settle(told)


def _prepared(backup: Path, draft: Path, keys: Vault, at: datetime) -> tuple[dict[str, int], Register]:
    """Copy a backup, check the copy, bring it to the newest schema, and mark it; returns its audit and its register."""
    try:
        with closing(reading(backup)) as original, closing(sqlite3.connect(draft)) as copy:
            original.backup(copy)
            (found,) = copy.execute("PRAGMA integrity_check(1)").fetchone()
            is_store = copy.execute("SELECT count(*) FROM sqlite_master WHERE name = 'audit_event'").fetchone()[0]
    except (sqlite3.Error, OSError) as error:
        raise unusable(backup, error) from None
    if found != "ok":
        raise StoreError(path=str(backup), reason=N_("its pages are damaged"))
    if not is_store:
        raise StoreError(path=str(backup), reason=N_("it holds no store of ejsync"))
    with connected(draft) as connection:
        bring_up(connection, keys, at)
        entries = _verified(connection)
        known = _decisions(connection, keys)
    with closing(sqlite3.connect(draft)) as copy:
        copy.execute("PRAGMA journal_mode=DELETE")  # what follows it under another name has no companions
        mark_as_copy(copy, at)
    return entries, known


def _verified(connection: Connection) -> dict[str, int]:
    schools = connection.execute(select(table_of(AuditRow).c.school).distinct()).scalars().all()
    return {school: verify(school, AuditTable(connection, school).walk())[0] for school in sorted(schools)}


def _decisions(connection: Connection, keys: Vault) -> Register:
    schools = connection.execute(select(table_of(ConsentRow).c.school).distinct()).scalars().all()
    return {
        school: sorted(
            (one for of in ConsentTable(connection, school, keys.of(school)).of().values() for one in of), key=_number
        )
        for school in sorted(schools)
    }


def _number(consent: Consent) -> int:
    return consent.number


def _register(store: Path, keys: Vault) -> Register | None:
    """Return the decisions of the store that is to be replaced; None where it cannot be read any more."""
    if not store.exists():
        return None
    with suppress(SQLAlchemyError, ValueError, StoreError), connected(store) as connection:
        return _decisions(connection, keys)
    return None


@contextmanager
def connected(file: Path) -> Iterator[Connection]:
    """Open one transaction on a database that nobody else works on."""
    engine = engine_of(file)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def _differences(before: Register, after: Register) -> tuple[list[tuple[str, Ended]], tuple[tuple[str, str, str], ...]]:
    """Compare two registers: consents of the later state `before` that `after` has as standing or does not know."""
    ended: list[tuple[str, Ended]] = []
    lost: list[tuple[str, str, str]] = []
    for school, decided in before.items():
        standing = {_identity(one) for one in after.get(school, ()) if _stands(one)}
        known = {_identity(one) for one in after.get(school, ())}
        for one in decided:
            over = _ended_at(one, decided)
            if over is not None and _identity(one) in standing:
                ended.append((school, Ended(one.pupil, one.scope.value, one.registered_at, over)))
            elif over is None and one.decision is Decision.GRANTED and _identity(one) not in known:
                lost.append((school, one.pupil, one.scope.value))
    return ended, tuple(lost)


def _identity(consent: Consent) -> tuple[str, str, str, datetime]:
    return consent.pupil, consent.scope.value, consent.decision.value, consent.registered_at


def _stands(consent: Consent) -> bool:
    return consent.decision is Decision.GRANTED and consent.withdrawn_at is None


def _ended_at(consent: Consent, decided: list[Consent]) -> datetime | None:
    """Return when a consent was withdrawn or followed by a refusal; None where it stands."""
    if consent.withdrawn_at is not None or consent.decision is not Decision.GRANTED:
        return consent.withdrawn_at
    later = (one for one in decided if (one.pupil, one.scope) == (consent.pupil, consent.scope))
    refused = [one for one in later if one.number > consent.number and one.decision is Decision.REFUSED]
    return refused[0].registered_at if refused else None


def _put_aside(store: Path, at: datetime) -> Path | None:
    """Keep the store that is to be replaced among its backups, and let nothing of it be taken for the new one's."""
    if not store.exists():
        return None
    kept = place_for(store, at, "replaced")
    kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(sqlite3.Error), closing(sqlite3.connect(store)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy2(store, kept)
    for companion in ("-wal", "-shm"):
        beside = Path(f"{store}{companion}")
        if beside.exists():
            beside.replace(f"{kept}{companion}")
    return kept
