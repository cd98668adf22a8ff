"""Batches that an operator means: by their id or its beginning, or by choice, in whichever school has them."""

from typing import TYPE_CHECKING

from ejsync.errors import NotFound
from ejsync.wording import N_, say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ejsync.bootstrap import Exchange
    from ejsync.domain.decisions import Selection
    from ejsync.domain.standing import BatchRow
    from ejsync.pipeline.ports import Wiring

SHORT_ID = 8
MOST = 100_000


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
    found = (locate(exchange, school, batch) for batch in batches)
    return list({row.batch: (wiring, row) for wiring, row in found}.values())


def chosen(
    exchange: "Exchange", school: str | None, selection: "Callable[[Wiring], Selection]"
) -> "list[tuple[Wiring, BatchRow]]":
    """Find every batch that is chosen, oldest first; rows without their items and bodies."""
    found = []
    for wiring in exchange.school(school):
        with exchange.store.read(wiring.school) as tx:
            found += [(wiring, row) for row in reversed(tx.decisions.find(selection(wiring), MOST))]
    return found
