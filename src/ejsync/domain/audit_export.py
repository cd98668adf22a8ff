"""The audit logs as a file for outsiders: one JSON object a line, entries and checkpoints, school after school.

The format stands in `docs/audit-format.md`. What keeps it can be written in one way only: any other byte is found.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ejsync.domain.audit import AuditEvent
from ejsync.domain.checkpoints import MISSING, Checkpoint
from ejsync.domain.fingerprints import canonical
from ejsync.errors import AuditBroken
from ejsync.wording import N_

UNSIGNED_END = N_("no checkpoint stands for the entries from here on")
DISORDER = N_("the school's log does not stand in one piece, or not in its place")
UNREADABLE = N_("this line of the file is not as it was exported")
_INTEGER = re.compile("-?[0-9]+")
_ENTRY = {"school": str, "seq": int, "at": str, "event": str, "details": dict, "previous": str, "hash": str}


@dataclass(slots=True)
class ExportedLog:
    """The part of a file that is one school's."""

    school: str
    events: list[AuditEvent] = field(default_factory=list)
    checkpoints: list[Checkpoint] = field(default_factory=list)


def exported(events: Iterable[AuditEvent], checkpoints: Iterable[Checkpoint]) -> Iterator[str]:
    """Write a school's log up to its last checkpoint, each checkpoint behind the entry that it ends with."""
    rest = iter(events)
    for checkpoint in checkpoints:
        for event in rest:
            yield _written(event.document())
            if event.seq == checkpoint.size:
                break
        yield _written({"checkpoint": checkpoint.document()})


def logs_in(content: bytes, name: str) -> list[ExportedLog]:
    """Read a file; whether its entries and checkpoints are true remains to be seen.

    Args:
        content: the whole file.
        name: what the file is called where a line of it cannot be read.

    Raises:
        AuditBroken: names the first line that no export holds, or holds there.
    """
    lines = content.split(b"\n")
    if lines.pop() != b"":
        raise AuditBroken(school=name, seq=len(lines) + 1, reason=UNREADABLE)
    found: list[ExportedLog] = []
    for number, raw in enumerate(lines, start=1):
        read = _read(raw)
        if read is None:
            raise AuditBroken(school=name, seq=number, reason=UNREADABLE)
        if not found or found[-1].school != read.school:
            _ended(found[-1:])
            if found and found[-1].school > read.school:
                raise AuditBroken(school=read.school, seq=1, reason=DISORDER)
            found.append(ExportedLog(read.school))
        _take(found[-1], read)
    _ended(found[-1:])
    return found


def _take(log: ExportedLog, read: AuditEvent | Checkpoint) -> None:
    if isinstance(read, AuditEvent):
        log.events.append(read)
    elif read.size != len(log.events):
        raise AuditBroken(school=log.school, seq=min(read.size, len(log.events) + 1), reason=MISSING)
    else:
        log.checkpoints.append(read)


def _ended(last: list[ExportedLog]) -> None:
    """See to it that a school's log does not end before its last checkpoint stands for all of it."""
    for log in last:
        signed = log.checkpoints[-1].size if log.checkpoints else 0
        if signed != len(log.events):
            raise AuditBroken(school=log.school, seq=signed + 1, reason=UNSIGNED_END)


def _read(raw: bytes) -> AuditEvent | Checkpoint | None:
    """Read a line; None where it is not byte for byte what an export writes."""
    try:
        told = json.loads(raw, parse_int=_whole, parse_float=_whole, parse_constant=_whole)
        if not isinstance(told, dict) or _written(told).encode() != raw:
            return None
        canonical(told)  # what has no canonical form was never written
        if told.keys() == {"checkpoint"}:
            return _checkpoint(told["checkpoint"])
    except (ValueError, TypeError, RecursionError):
        return None
    shape = {name: type(value) for name, value in told.items()}
    return AuditEvent(**told) if shape == _ENTRY else None


def _checkpoint(told: Any) -> Checkpoint | None:
    """Read a checkpoint's members; its line tells whether each has its form."""
    if not isinstance(told, dict) or set(told) != set(Checkpoint.__slots__):
        return None
    made = Checkpoint(**told)
    return made if Checkpoint.read(made.line()) == made else None


def _whole(text: str) -> int:
    """Read a whole number of 64 bits: no other is ever written."""
    if not _INTEGER.fullmatch(text) or not -(2**63) <= int(text) < 2**64:
        raise ValueError(text)
    return int(text)


def _written(told: Mapping[str, Any]) -> str:
    return json.dumps(told, ensure_ascii=True, sort_keys=True)
