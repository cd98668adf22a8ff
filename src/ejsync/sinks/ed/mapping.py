"""Batches and receipts as `contracts/ed/v1` shapes them."""

import gzip
import re
from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import Any, TypeGuard

import orjson
import zstandard

from ejsync.domain.batches import ItemAnswer, Parcel, Status
from ejsync.domain.changes import Op
from ejsync.domain.comparing import Digest, Holding, HoldingPage
from ejsync.domain.records import Kind
from ejsync.domain.standing import Sendable

CONTRACT = "ed/v1"
VERSION_CONFLICT = "version_conflict"
UNREADABLE = "unreadable"
GREATEST_VERSION = 2**53 - 2  # so that the next one is still a version
_STATUSES = frozenset(Status)
_KEY = re.compile(r"[^\x00-\x1f\x7f]{1,300}")
_SHA256, _FINGERPRINT = re.compile(r"[0-9a-f]{64}"), re.compile(r"[0-9a-f]{32}")
CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")
_POINTER = re.compile(r"(/[a-z0-9_]{0,40}){0,10}")


def batch_body(school: str, batch: str, sendables: Sequence[Sendable]) -> bytes:
    """Return the JSON of a batch; payloads go in as the canonical bytes that were fingerprinted."""
    document = {"contract": CONTRACT, "school": school, "batch": batch, "items": [_item(s) for s in sendables]}
    return orjson.dumps(document)


def _item(sendable: Sendable) -> dict[str, Any]:
    entry = sendable.entry
    live = entry.op is Op.UPSERT
    return {
        "op": entry.op.value,
        "kind": entry.kind.value,
        "key": entry.key,
        "version": entry.version,
        "fingerprint": entry.fingerprint if live else None,
        "data": orjson.Fragment(sendable.payload) if live else None,
    }


def compressed(body: bytes, compression: str) -> tuple[bytes, str]:
    """Return the body and its `Content-Encoding`; the same input always gives the same bytes."""
    if compression == "gzip":
        return gzip.compress(body, 1, mtime=0), "gzip"
    if compression == "zstd":
        return zstandard.ZstdCompressor(level=1).compress(body), "zstd"
    return body, "identity"


def answers(document: Any, parcel: Parcel) -> list[ItemAnswer]:
    """Read a receipt: one answer an item, in order.

    Raises:
        ValueError: the receipt is not about this batch, or does not answer each item once.
    """
    if not isinstance(document, dict) or document.get("batch") != parcel.batch:
        raise ValueError("receipt of another batch")
    results = document.get("results")
    if not isinstance(results, list) or not all(isinstance(result, dict) for result in results):
        raise ValueError("receipt without results")
    found = sorted((_answer(result) for result in results), key=lambda answer: answer.position)
    if [answer.position for answer in found] != [item.position for item in parcel.items]:
        raise ValueError("receipt does not answer each item once")
    return found


def _answer(result: dict[str, Any]) -> ItemAnswer:
    position, status, held = result.get("position"), result.get("status"), result.get("held_version")
    readable = isinstance(status, str) and status in _STATUSES and (held is None or _is_version(held))
    if type(position) is not int or not readable:
        raise ValueError("receipt with an unreadable item")
    code, pointer = _plain(result, "code", CODE), _plain(result, "pointer", _POINTER)
    if held is None and status == Status.STALE:
        return ItemAnswer(position, Status.REJECTED, "stale")  # a person must look: nobody knows how far behind we are
    if code == VERSION_CONFLICT and held is not None:
        status = Status.STALE  # the service holds this very version with other content: our store is the older one
    return ItemAnswer(position, Status(str(status)), code, pointer, held)


def _is_version(held: object) -> TypeGuard[int]:
    return type(held) is int and 0 < held <= GREATEST_VERSION


def _plain(result: dict[str, Any], name: str, form: re.Pattern[str]) -> str | None:
    """Return a code or pointer; one of another form might hold somebody's name, and both stand in the audit."""
    value = result.get(name)
    if not isinstance(value, str):
        return None
    return value if form.fullmatch(value) else UNREADABLE


def digests(document: Any, kinds: Collection[Kind]) -> dict[Kind, Digest]:
    """Read digests (`digest.schema.json`).

    Raises:
        ValueError: they are unreadable, or a kind is missing.
    """
    entries = document.get("kinds") if isinstance(document, dict) else None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ValueError("unreadable digest")
    by_name = {entry.get("kind"): entry for entry in entries if isinstance(entry.get("kind"), str)}
    if not {kind.value for kind in kinds} <= by_name.keys():
        raise ValueError("digest without all kinds")
    return {kind: _digest(by_name[kind.value]) for kind in kinds}


def _digest(entry: dict[str, Any]) -> Digest:
    count, digest = entry.get("count"), entry.get("digest")
    if type(count) is not int or count < 0 or not isinstance(digest, str) or not _SHA256.fullmatch(digest):
        raise ValueError("unreadable digest")
    return Digest(count, digest)


def holdings(document: Any, kind: Kind, after: str) -> HoldingPage:
    """Read a page of held records (`records.schema.json`) without their data.

    Raises:
        ValueError: it is no page, or what follows it would not come to an end.
    """
    well = isinstance(document, dict) and isinstance(document.get("records"), list)
    if not well:
        raise ValueError("unreadable page of records")
    rows = document["records"]
    named = [row for row in rows if isinstance(row, dict) and _is_key(row.get("key"))]
    keys = [row["key"] for row in named]
    if any(later <= earlier for earlier, later in pairwise([after, *keys])):
        raise ValueError("records out of order")
    following = document.get("next")
    if following is not None and not (isinstance(following, str) and following >= (keys or [after])[-1] > after):
        raise ValueError("unreadable page of records")
    held = tuple(_holding(row, kind) for row in named)
    return HoldingPage(held, following, nameless=len(rows) - len(named))


def _is_key(key: object) -> bool:
    return isinstance(key, str) and _KEY.fullmatch(key) is not None


def _holding(row: dict[str, Any], kind: Kind) -> Holding:
    version, fingerprint = row.get("version"), row.get("fingerprint")
    whole = row.get("kind") == kind.value and isinstance(row.get("data"), dict)
    readable = isinstance(fingerprint, str) and _FINGERPRINT.fullmatch(fingerprint)
    return Holding(row["key"], version if _is_version(version) else None, fingerprint if whole and readable else None)


def erased(document: Any, pupil: str) -> int:
    """Read the confirmation of an erasure (`erasure.schema.json`): how many live records were destroyed.

    Raises:
        ValueError: it confirms nothing, or of somebody else.
    """
    if not isinstance(document, dict) or document.get("pupil") != pupil:
        raise ValueError("of another pupil")
    count = document.get("erased")
    if type(count) is not int or count < 0:
        raise ValueError("without a count")
    return count
