"""normalise: from a page to canonical records that keep their contract; broken ones are set aside with pointers."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from ejsync.domain.changes import Fingerprinted
from ejsync.domain.fingerprints import canonical
from ejsync.domain.records import Record
from ejsync.domain.standing import Broken, Normalised
from ejsync.pipeline.ports import Wiring

CONTRACT = "ed/v1"
WHOLE = ("",)


def normalise(wiring: Wiring, records: Iterable[Record]) -> Normalised:
    """Check each record against the contract of its kind; neighbours of a broken one go on."""
    entries: dict[tuple[str, str], Fingerprinted] = {}
    broken: dict[tuple[str, str], Broken] = {}
    for record in records:
        payload, pointers = _judged(wiring, record)
        if pointers:
            broken[record.kind, record.key] = _broken(record, payload, pointers)
        else:
            entries[record.kind, record.key] = Fingerprinted(record, payload, wiring.keyring.fingerprint(payload))
    return Normalised(tuple(entries.values()), tuple(broken.values()))


def _judged(wiring: Wiring, record: Record) -> tuple[bytes, tuple[str, ...]]:
    """Return a record's payload and the places where it breaks its contract; "" stands for the whole of it."""
    pointers: tuple[str, ...]
    try:
        pointers = faults_of(wiring, record.kind, record.data)
    except (TypeError, ValueError, OverflowError):  # it holds what JSON has no word for
        pointers = WHOLE
    try:
        return canonical(record.data), pointers
    except (TypeError, ValueError, OverflowError):  # so do numbers beyond 64 bits and halves of a character
        return json.dumps(record.data, ensure_ascii=True, default=str, skipkeys=True).encode(), pointers or WHOLE


def faults_of(wiring: Wiring, kind: str, data: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the JSON pointers at which a payload breaks the contract of its kind."""
    return wiring.contracts.faults(f"{CONTRACT}/{kind}", data)


def _broken(record: Record, payload: bytes, pointers: tuple[str, ...]) -> Broken:
    day = record.day.isoformat() if record.day else None
    return Broken(
        record.kind, record.key, record.owner, record.pupil, day, f"{CONTRACT}/{record.kind}", pointers, payload
    )
