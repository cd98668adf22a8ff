"""The diary's own SQLite file: a batch, its effects and its receipt are one transaction, or nothing.

Every key leaves one row for ever, so that its version can never go back. A retracted or erased row is a tombstone:
a keyed hash of the key and a version, and nothing else that could be read.
"""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import orjson

from ejsync.sandbox import diary_sql as sql
from ejsync.sandbox.diary_items import Held, Item, Verdict, judge

if TYPE_CHECKING:
    from pathlib import Path

Screen: TypeAlias = Callable[[Item], Verdict | None]
_BUSY_TIMEOUT_S = 30.0
_HASH_BYTES = 16


@dataclass(frozen=True, slots=True)
class Submission:
    """One batch as it arrived: whose, under which idempotency key, and a hash to know its body by."""

    school: str
    idempotency_key: str
    body_hash: str
    batch: str
    items: Sequence[Item]


@dataclass(frozen=True, slots=True)
class StoredReceipt:
    """A receipt given before, and the hash of the body it was given for."""

    body_hash: str
    receipt: bytes


@dataclass(frozen=True, slots=True)
class Page:
    """Which live records of a school are asked for: one kind, after a key, at most so many, of one pupil or all."""

    kind: str
    after: str
    limit: int
    pupil: str | None = None


class DiaryStore:
    """Records, receipts and effect counts on disk; safe to call from several threads."""

    def __init__(self, database: Path) -> None:
        self._lock = threading.Lock()
        self._aside = database.with_name(f"{database.name}.snapshot")
        self._connection = sqlite3.connect(
            database, timeout=_BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
        )
        self._connection.executescript(sql.SCHEMA)
        self._connection.execute(sql.KEEP_HASH_KEY, (secrets.token_hex(_HASH_BYTES),))
        self._hash_key = bytes.fromhex(self._connection.execute(sql.HASH_KEY).fetchone()[0])

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    def hash_of(self, *parts: bytes) -> str:
        """A hash under this file's own secret: what is short enough to be guessed cannot be guessed from it."""
        return hashlib.blake2b(b"\0".join(parts), key=self._hash_key, digest_size=_HASH_BYTES).hexdigest()

    def receipt(self, school: str, *, idempotency_key: str) -> StoredReceipt | None:
        """The receipt given under an idempotency key, or None."""
        with self._lock:
            row = self._connection.execute(sql.RECEIPT, (school, idempotency_key)).fetchone()
        return StoredReceipt(*row) if row else None

    def note_replay(self) -> None:
        """Count that a stored receipt was handed out again."""
        with self._writing() as connection:
            connection.execute(sql.COUNT, (1, "replayed"))

    def note_checkpoint(self, school: str, *, line: str, size: int) -> None:
        """Keep a checkpoint of the sender's log, unless one over as many entries or more is kept."""
        with self._writing() as connection:
            connection.execute(sql.KEEP_CHECKPOINT, (school, line, size))

    def checkpoint(self, school: str) -> str | None:
        """The newest checkpoint of a school's log, as it came; None before the first."""
        with self._lock:
            row = self._connection.execute(sql.CHECKPOINT, (school,)).fetchone()
        return row[0] if row else None

    def settle(self, submission: Submission, *, screen: Screen, at: str) -> bytes:
        """Apply a batch and store its receipt, both or neither.

        Args:
            submission: The batch.
            screen: Judges an item by anything but its version; None lets it through to the version rule.
            at: RFC 3339 instant to note on applied records.

        Returns:
            The receipt, as it is to be sent now and at every repetition.
        """
        hashes = [self.hash_of(item.kind.encode(), item.key.encode()) for item in submission.items]
        with self._writing() as connection:
            held = self._held(submission.school, hashes)
            verdicts = _verdicts(submission.items, hashes=hashes, held=held, screen=screen)
            self._write(submission, list(zip(submission.items, hashes, verdicts, strict=True)), at)
            results = [verdict.as_result(position) for position, verdict in enumerate(verdicts)]
            receipt = orjson.dumps({"batch": submission.batch, "results": results})
            row = (submission.school, submission.idempotency_key, submission.body_hash, receipt)
            connection.execute(sql.KEEP_RECEIPT, row)
        return receipt

    def digest(self, school: str, *, kind: str) -> tuple[int, str]:
        """How many live records of a kind are held, and the contract's hash over them."""
        with self._lock:
            rows = self._connection.execute(sql.DIGEST, (school, kind)).fetchall()
        lines = "".join(f"{key}\t{version}\t{fingerprint}\n" for key, version, fingerprint in rows)
        return len(rows), hashlib.sha256(lines.encode()).hexdigest()

    def records(self, school: str, *, page: Page) -> list[dict[str, object]]:
        """Live records of one kind, ordered by key in code point order."""
        by = (school, page.kind, page.after)
        with self._lock:
            if page.pupil is None:
                rows = self._connection.execute(sql.PAGE, (*by, page.limit)).fetchall()
            else:
                rows = self._connection.execute(sql.PUPIL_PAGE, (*by, page.pupil, page.limit)).fetchall()
        return [_record(row, kind=page.kind) for row in rows]

    def erase(self, school: str, *, pupil: str) -> int:
        """Destroy a pupil's data, also in the free pages and the log of the file; count what went."""
        with self._writing() as connection:
            erased = connection.execute(sql.ERASE, (school, pupil)).rowcount
        with self._lock:
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return erased

    def snapshot(self) -> None:
        """Copy the whole file aside, receipts included: the backup that a restore brings back."""
        with self._lock, closing(sqlite3.connect(self._aside)) as aside:
            self._connection.backup(aside)

    def restore(self) -> None:
        """Put the copy in the place of what is held now; what came after it is forgotten, its receipts too.

        Raises:
            FileNotFoundError: Nothing was ever copied aside.
        """
        if not self._aside.exists():
            raise FileNotFoundError
        with self._lock, closing(sqlite3.connect(self._aside)) as aside:
            aside.backup(self._connection)

    def state(self) -> dict[str, object]:
        """Everything held, and what a test wants to know about how it came to be."""
        with self._lock:
            rows = self._connection.execute(sql.LIVE).fetchall()
            counts = dict(self._connection.execute(sql.COUNTS).fetchall())
            kept = self._connection.execute(sql.CHECKPOINTS).fetchall()
        records = [{"school": row[0], **_record(row[2:6], kind=row[1]), "applied_at": row[6]} for row in rows]
        checkpoints = {school: {"newest": line, "contradicted": times} for school, line, times in kept}
        return {"records": records, "checkpoints": checkpoints, **counts}

    def _held(self, school: str, hashes: Sequence[str]) -> dict[str, Held]:
        rows = self._connection.execute(sql.HELD, (school, orjson.dumps(hashes).decode()))
        return {row[0]: Held(row[1], row[2]) for row in rows}

    def _write(self, submission: Submission, judged: Sequence[tuple[Item, str, Verdict]], at: str) -> None:
        applied = [(item, name) for item, name, verdict in judged if verdict.status == "applied"]
        school = submission.school
        self._connection.executemany(sql.APPLY, [_row(school, item, name, at) for item, name in applied])
        self._connection.executemany(sql.EFFECT, [(school, name, item.version) for item, name in applied])
        tally: dict[str, int] = {}
        for _, _, verdict in judged:
            tally[verdict.status] = tally.get(verdict.status, 0) + 1
        self._connection.executemany(sql.COUNT, [(times, status) for status, times in tally.items()])

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")


def _verdicts(items: Sequence[Item], *, hashes: Sequence[str], held: dict[str, Held], screen: Screen) -> list[Verdict]:
    verdicts = []
    for item, name in zip(items, hashes, strict=True):
        known = held.get(name)
        verdict = screen(item)
        if verdict is None:
            verdict = judge(item, held=known)
        elif known is not None:
            verdict = Verdict(verdict.status, known.version, verdict.code, verdict.pointer)
        if verdict.status == "applied":
            # A later item of the same batch is judged against this one.
            held[name] = Held(item.version, item.fingerprint)
        verdicts.append(verdict)
    return verdicts


def _row(school: str, item: Item, name: str, at: str) -> tuple[object, ...]:
    if item.data is None:
        return (school, item.kind, name, None, item.version, None, None, None, None)
    data = orjson.dumps(item.data)
    return (school, item.kind, name, item.key, item.version, item.fingerprint, data, item.pupil, at)


def _record(row: Sequence[object], *, kind: str) -> dict[str, object]:
    key, version, fingerprint, data = row
    assert isinstance(data, bytes)
    return {
        "kind": kind,
        "key": key,
        "version": version,
        "fingerprint": fingerprint,
        "data": orjson.Fragment(data),
    }
