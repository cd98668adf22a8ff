"""Ends of consents, kept in a file of their own beside the store: an older copy of the store must not bring one back.

A line is added, down to the disk, before the commit that it belongs to: one too many ends a consent that stands, one
too few would let a pupil's results leave against the family's will.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import astuple, dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, update

from ejsync.domain.consent import Decision
from ejsync.store.drafts import draft_of
from ejsync.store.statements import table_of
from ejsync.store.tables import ConsentRow

C = table_of(ConsentRow).c
OWNER_ONLY = 0o600


@dataclass(frozen=True, slots=True)
class Ended:
    """A consent that ended: withdrawn, or followed by a refusal. It is known again by when it was registered."""

    pupil: str
    scope: str
    registered_at: datetime
    at: datetime


class WithdrawalFile:
    """The file `<store>.withdrawn`: one JSON list a line."""

    def __init__(self, store: Path) -> None:
        self.path = Path(f"{store}.withdrawn")

    def add(self, school: str, ended: Iterable[Ended]) -> None:
        """Write ends of consents through to the disk."""
        lines = [orjson.dumps([school, *astuple(one)]) + b"\n" for one in ended]
        if not lines:
            return
        is_new = not self.path.exists()
        number = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, OWNER_ONLY)
        try:
            os.write(number, b"\n" + b"".join(lines))  # a line that a power cut left unfinished spoils no later one
            os.fsync(number)
        finally:
            os.close(number)
        if is_new:
            _sync_folder(self.path.parent)

    def forget(self, school: str, pupil: str) -> None:
        """Write the file anew without a pupil who was erased: no copy of the store holds a consent of his any more."""
        self._keep(lambda told: told[:2] != [school, pupil])

    def forget_before(self, school: str, at: datetime) -> None:
        """Write the file anew without what ended before an instant: no copy is as old as that."""
        self._keep(lambda told: told[0] != school or datetime.fromisoformat(told[4]) >= at)

    def _keep(self, stays: Callable[[list[Any]], bool]) -> None:
        """Only inside a writing transaction of the store: ends of consents are added by writers."""
        lines = [line for line in self.path.read_bytes().splitlines() if line] if self.path.exists() else []
        kept = [line for line in lines if (told := _read(line)) and stays(told)]
        if len(kept) < len(lines):
            with draft_of(self.path) as draft:
                draft.write_bytes(b"".join(line + b"\n" for line in kept))

    def of(self, school: str) -> Iterator[Ended]:
        """Yield what ended in a school; a line that a power cut left unfinished is passed over."""
        content = self.path.read_bytes() if self.path.exists() else b""
        for line in content.splitlines():
            try:
                name, pupil, scope, registered_at, at = orjson.loads(line)
            except ValueError:
                continue
            if name == school:
                yield Ended(pupil, scope, datetime.fromisoformat(registered_at), datetime.fromisoformat(at))

    def apply(self, connection: Connection, school: str) -> int:
        """End again what ended and stands in this copy of the store; returns how many decisions that were."""
        return sum(_end(connection, school, one) for one in self.of(school))


def _read(line: bytes) -> list[Any] | None:
    """Return what a line says; one that a power cut left unfinished says nothing."""
    try:
        told = orjson.loads(line)
    except ValueError:
        return None
    return told if isinstance(told, list) and len(told) == len(fields(Ended)) + 1 else None


def _sync_folder(folder: Path) -> None:
    """Write a folder's new entry through to the disk."""
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _end(connection: Connection, school: str, ended: Ended) -> int:
    """End one decision; what the family granted after it stands."""
    ending = update(table_of(ConsentRow)).where(
        C.school == school, C.pupil == ended.pupil, C.scope == ended.scope, C.registered_at == ended.registered_at,
        C.decision == Decision.GRANTED.value, C.withdrawn_at.is_(None),
    )  # fmt: skip
    return connection.execute(ending.values(withdrawn_at=ended.at)).rowcount
