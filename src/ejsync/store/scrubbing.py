"""Which rows of a store are a pupil's, and their deletion: in the store itself and in copies of it, old ones too.

A row is his by its owner, its pupil (with the scope behind it: `1001/contacts`), or a key of his alone
(`pupil:1001/…`). What has neither owner nor pupil is found by the key of a record of his; no record was ever deleted.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from ejsync.domain.consent import Scope, subject_of
from ejsync.domain.records import owner_pupil

_SUBJECT = "(pupil = :pupil OR pupil = :contacts)"
_ALONE = "(key >= :alone AND key < :beyond)"
_OWNED = f"school = :school AND (owner = :owner OR {_SUBJECT} OR {_ALONE})"
_HIS_KEYS = f"(kind, key) IN (SELECT kind, key FROM record WHERE {_OWNED})"  # noqa: S608 - our own words
_BY_KEY = f"school = :school AND ({_ALONE} OR {_HIS_KEYS})"
_BY_PUPIL = f"school = :school AND ({_SUBJECT} OR {_ALONE} OR {_HIS_KEYS})"
_SUBJECTS = f"school = :school AND {_SUBJECT}"
HIS: Mapping[str, str] = {
    "outbox": _BY_PUPIL,
    "delivered": _BY_KEY,
    "owed": _BY_KEY,
    "batch_item": _BY_PUPIL,
    "quarantine": _OWNED,
    "office_row": "school = :school AND pupil = :pupil",
    "permission": _SUBJECTS,
    "consent": _SUBJECTS,
    "reading": "school = :school AND owner = :owner",
    "record": _OWNED,
}
"""The condition of his rows by table; `record` last, because others are found by it."""
_CARRYING = f"batch IN (SELECT batch FROM batch_item WHERE {_BY_PUPIL})"  # noqa: S608 - our own words
_BODIES = f"UPDATE batch SET body = x'' WHERE school = :school AND {_CARRYING}"  # noqa: S608 - as above
_PAGES = "DELETE FROM page WHERE school = :school"
"""The key of a page is a plain hash of a question that names pupils: it could be guessed."""
Run = Callable[[str, Mapping[str, str]], int]
"""Runs a statement with its values and tells how many rows that changed."""


def values_of(school: str, pupil: str) -> dict[str, str]:
    """Return what the conditions are filled with; `0` is the character behind `/`."""
    owner = owner_pupil(pupil)
    return {
        "school": school,
        "pupil": pupil,
        "contacts": subject_of(pupil, Scope.CONTACTS),
        "owner": owner,
        "alone": f"{owner}/",
        "beyond": f"{owner}0",
    }


def scrub(run: Run, tables: set[str], school: str, pupil: str) -> dict[str, int]:
    """Delete a pupil's rows; returns how many of each table.

    Args:
        tables: which tables there are; an old copy has not all of them.
    """
    values = values_of(school, pupil)
    if "batch_item" in tables:
        run(_BODIES, values)
    if "page" in tables:
        run(_PAGES, values)
    deleted = {name: run(f"DELETE FROM {name} WHERE {where}", values) for name, where in HIS.items() if name in tables}  # noqa: S608 - our own words
    return {name: count for name, count in deleted.items() if count}


def scrub_copy(path: Path, school: str, pupil: str, *, wait_s: float = 5.0) -> int:
    """Delete a pupil's rows from a copy of a store, free pages included; returns how many that were.

    Args:
        wait_s: how long others who use the copy are waited for.

    Raises:
        sqlite3.Error: it is no store, is damaged, or somebody else works on it.
        OSError: it is not there, or may not be written.
    """
    before = path.stat()
    with closing(sqlite3.connect(path, timeout=wait_s, isolation_level=None)) as copy:
        copy.execute("PRAGMA secure_delete=ON")
        copy.execute("BEGIN IMMEDIATE")
        deleted = scrub(_running(copy), set(_tables(copy)), school, pupil)
        copy.execute("COMMIT")
        copy.execute("VACUUM")  # every time: who was killed just before it finds no row any more, but all free pages
        copy.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))  # a copy is as old as what it holds
    return sum(deleted.values())


def _running(copy: sqlite3.Connection) -> Run:
    def run(statement: str, values: Mapping[str, Any]) -> int:
        return copy.execute(statement, dict(values)).rowcount

    return run


def _tables(copy: sqlite3.Connection) -> Iterator[str]:
    for (name,) in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'"):
        yield name
