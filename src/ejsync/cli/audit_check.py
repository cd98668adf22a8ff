"""`audit verify`: the chains of a store, or those of an exported file alone."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import orjson

from ejsync.cli.files import content
from ejsync.domain.audit import ALTERED, AuditEvent, verify
from ejsync.errors import AuditBroken, BadInput
from ejsync.wording import N_, say

if TYPE_CHECKING:
    from ejsync.bootstrap import Exchange

_FIELDS = {"school": str, "seq": int, "at": str, "event": str, "details": dict, "previous": str, "hash": str}


def check_store(exchange: "Exchange", school: str | None, kept: str | None) -> list[dict[str, Any]]:
    """Verify the chain of each school.

    Raises:
        AuditBroken: one does not verify, or has no entry with the head that was kept.
        click.UsageError: a head is given, and it is not said of which school.
    """
    wirings = exchange.school(school)
    _one_chain(len(wirings), kept)
    found = []
    for wiring in wirings:
        with exchange.store.read(wiring.school) as tx:
            found.append(_checked(wiring.school, tx.audit.walk(), kept))
    return found


def check_file(path: Path, school: str | None, kept: str | None) -> list[dict[str, Any]]:
    """Verify every chain of an exported file.

    Raises:
        AuditBroken: one does not verify, or a line is not as it was exported.
        BadInput: the file cannot be read, or holds no entries of the school.
        click.UsageError: a head is given, and it is not said of which school.
    """
    chains: dict[str, list[AuditEvent]] = {}
    for event in _events(path):
        chains.setdefault(event.school, []).append(event)
    wanted = {name: chain for name, chain in chains.items() if school in {None, name}}
    if not wanted:
        raise BadInput(what=str(path), faults=(say(N_("it holds no entries")),))
    _one_chain(len(wanted), kept)
    return [_checked(name, iter(chain), kept) for name, chain in wanted.items()]


def _one_chain(count: int, kept: str | None) -> None:
    if kept is not None and count > 1:
        raise click.UsageError(say(N_("Each school has a head of its own: say --school NAME.")))


def _checked(school: str, events: Iterator[AuditEvent], kept: str | None) -> dict[str, Any]:
    entries, head = verify(school, events, kept)
    return {"school": school, "entries": entries, "head": head}


def _events(path: Path) -> Iterator[AuditEvent]:
    for number, row in enumerate(content(path).splitlines(), start=1):
        told = _entry(row)
        if told is None:
            raise AuditBroken(school=path.name, seq=number, reason=ALTERED)
        yield AuditEvent(**told)


def _entry(row: bytes) -> Mapping[str, Any] | None:
    """Read a line; None where it is not byte for byte what an export writes."""
    try:
        told = orjson.loads(row)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(told, dict) or {name: type(value) for name, value in told.items()} != _FIELDS:
        return None
    return told if line(told).encode() == row else None


def line(told: Mapping[str, Any]) -> str:
    """Write an entry as one line of an exported file."""
    return json.dumps(told, ensure_ascii=True, sort_keys=True)
