"""Rows of older schema versions, written in plain SQL: what a store of an older ejsync held."""

import sqlite3
from contextlib import closing
from hashlib import sha256

from sqlalchemy import text

FILLED = ("record", "outbox", "batch", "batch_item", "consent")
VERSIONS = ("0001", "0002", "0003", "0004", "0005", "0006")
SEEN = "2026-10-01 08:00:00.000000"
_CHANGE = {"school": "school-7", "kind": "final_mark", "op": "upsert", "version": 1, "fingerprint": "f"}
RECORD = {
    "school": "school-7", "kind": "mark", "key": "m-1", "owner": "pupil:1001", "version": 1, "fingerprint": "f",
    "gone": 0, "payload": b"{}", "changed_at": SEEN,
}  # fmt: skip
OUTBOX = _CHANGE | {"sink": "ed", "rank": 1, "priority": 1, "queued_at": SEEN}
BATCH = {
    "school": "school-7", "sink": "ed", "reason": "changes", "created_at": SEEN, "due_at": SEEN, "attempts": 1,
    "epoch": 1, "items": 1, "dead": 0, "body": b"{}", "encoding": "identity",
}  # fmt: skip
ITEM = _CHANGE | {"position": 0, "state": "waiting"}
CONSENT = {
    "school": "school-7", "pupil": "1001", "scope": "results", "decision": "granted", "given_by": "parent",
    "document": "1-К", "valid_from": "2026-09-01", "registered_at": SEEN,
}  # fmt: skip


def put(connection, table, row):
    """Insert one row as it is."""
    names = ", ".join(row)
    connection.execute(text(f"INSERT INTO {table} ({names}) VALUES (:{', :'.join(row)})"), row)


def fill(connection):
    """Put a record, a waiting change, an open batch with its item and a consent into a store of any version."""
    put(connection, "record", RECORD)
    put(connection, "outbox", OUTBOX | {"key": "waits"})
    put(connection, "batch", BATCH | {"batch": "a", "idempotency_key": "a", "state": "pending"})
    put(connection, "batch_item", ITEM | {"batch": "a", "key": "travels"})
    put(connection, "consent", CONSENT)


def content(path):
    """A hash of a database's whole schema and content."""
    with closing(sqlite3.connect(path)) as connection:
        return sha256("\n".join(connection.iterdump()).encode()).hexdigest()
