"""`audit show --record`: every entry that a record went through, without the lines of other records."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import click

from ejsync.cli.audit_pupil import own_lines
from ejsync.domain.audit import unbroken
from ejsync.domain.records import Kind
from ejsync.wording import N_, say

if TYPE_CHECKING:
    from ejsync.bootstrap import Exchange
    from ejsync.pipeline.ports import Wiring


def identity(named: str) -> str:
    """Return what pseudonyms of records are made of: `KIND:KEY`.

    Raises:
        click.UsageError: it does not begin with a kind, or has no key.
    """
    kind, _, key = named.partition(":")
    if kind not in set(Kind) or not key:
        raise click.UsageError(say(N_("Name a record as KIND:KEY, with one of the kinds: {kinds}."), kinds=_kinds()))
    return named


def _kinds() -> str:
    return ", ".join(kind.value for kind in Kind)


def followed(exchange: "Exchange", wirings: Iterable["Wiring"], named: str) -> Iterator[dict[str, Any]]:
    """Yield the entries about a record, and what came of the batches it travelled in, from the verified logs.

    Raises:
        AuditBroken: a log does not verify; nothing is answered out of it.
    """
    for wiring in wirings:
        pseudonym, batches = wiring.keyring.pseudonym(named), set[Any]()
        with exchange.store.read(wiring.school) as tx:
            for event in unbroken(wiring.school, tx.audit.walk()):
                batch = event.details.get("batch")
                if not _names(event.details, pseudonym) and (batch is None or batch not in batches):
                    continue
                batches.add(batch)
                yield {**event.document(), "details": own_lines(event.details, {pseudonym})}


def _names(value: Any, pseudonym: str) -> bool:
    """Tell whether a pseudonym stands anywhere in an entry's details."""
    if isinstance(value, dict):
        return any(_names(one, pseudonym) for one in value.values())
    if isinstance(value, list):
        return any(_names(one, pseudonym) for one in value)
    return bool(value == pseudonym)
