"""Batches and receipts as `contracts/ed/v1` shapes them."""

import gzip
import re
from collections.abc import Sequence
from typing import Any

import orjson
import zstandard

from ejsync.domain.batches import ItemAnswer, Parcel, Status
from ejsync.domain.changes import Op
from ejsync.domain.standing import Sendable

CONTRACT = "ed/v1"
VERSION_CONFLICT = "version_conflict"
UNREADABLE = "unreadable"
GREATEST_VERSION = 2**53 - 2  # so that the next one is still a version
_STATUSES = frozenset(Status)
_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")
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
    if not isinstance(position, int) or not readable:
        raise ValueError("receipt with an unreadable item")
    code, pointer = _plain(result, "code", _CODE), _plain(result, "pointer", _POINTER)
    if held is None and status == Status.STALE:
        return ItemAnswer(position, Status.REJECTED, "stale")  # a person must look: nobody knows how far behind we are
    if code == VERSION_CONFLICT and held is not None:
        status = Status.STALE  # the service holds this very version with other content: our store is the older one
    return ItemAnswer(position, Status(str(status)), code, pointer, held)


def _is_version(held: object) -> bool:
    return isinstance(held, int) and 0 < held <= GREATEST_VERSION


def _plain(result: dict[str, Any], name: str, form: re.Pattern[str]) -> str | None:
    """Return a code or pointer; one of another form might hold somebody's name, and both stand in the audit."""
    value = result.get(name)
    if not isinstance(value, str):
        return None
    return value if form.fullmatch(value) else UNREADABLE
