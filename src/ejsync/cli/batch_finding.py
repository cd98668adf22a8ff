"""Batches that an operator names: by their id or its beginning, in whichever school has them."""

from typing import TYPE_CHECKING

from ejsync.errors import NotFound
from ejsync.wording import N_, say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ejsync.bootstrap import Exchange
    from ejsync.domain.standing import BatchRow
    from ejsync.pipeline.ports import Wiring

SHORT_ID = 8


def locate(exchange: "Exchange", school: str | None, batch: str) -> "tuple[Wiring, BatchRow]":
    """Find a batch among the schools, by its id or an unambiguous beginning of it.

    Raises:
        NotFound: no school has it.
    """
    for wiring in exchange.school(school):
        with exchange.store.read(wiring.school) as tx:
            try:
                return wiring, tx.batches.get(batch)
            except NotFound:
                continue
    raise NotFound(what=say(N_("batch")), name=batch, listing="ejsync batches list")


def named(exchange: "Exchange", school: str | None, batches: "Iterable[str]") -> "list[tuple[Wiring, BatchRow]]":
    """Find every batch that was named.

    Raises:
        NotFound: no school has one of them.
    """
    return [locate(exchange, school, batch) for batch in batches]


def with_dead_letters(exchange: "Exchange", school: str | None, sink: str | None) -> "list[tuple[Wiring, BatchRow]]":
    """Find every batch that has dead letters left."""
    found = []
    for wiring in exchange.school(school):
        with exchange.store.read(wiring.school) as tx:
            found += [(wiring, row) for row in tx.batches.with_dead_letters(sink=sink)]
    return found
