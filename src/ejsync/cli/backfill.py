"""Reading days by order (`sync --from --to`): resumable, and every few minutes what every cycle reads comes first."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ejsync.bootstrap import Exchange
    from ejsync.domain.reads import Order
    from ejsync.domain.records import Feed
    from ejsync.domain.windows import Days
    from ejsync.pipeline.ports import Wiring
    from ejsync.pipeline.sync import FeedReport, Progress


def order_days(exchange: "Exchange", wiring: "Wiring", feeds: Iterable["Feed"], days: "Days") -> list["Order"]:
    """Order days of feeds to be read; what an interrupted run ordered and did not finish goes on where it stopped."""
    from ejsync.domain.reads import Order

    at = exchange.clock.now()
    with exchange.store.begin(wiring.school) as tx:
        return [tx.readings.order(Order(feed, days, at)) for feed in feeds]


class Backfill:
    """Carries orders of one school out.

    Args:
        breathe: called between two reads when hot days are due again; it reads them, and delivers.
    """

    def __init__(self, exchange: "Exchange", wiring: "Wiring", breathe: Callable[[], None]) -> None:
        self._exchange, self._wiring, self._breathe = exchange, wiring, breathe
        self._pause_s = 60 * min(exchange.settings.feeds.of(feed).every_minutes for feed in exchange.feeds())
        self._breath_at = exchange.clock.monotonic()

    def carry(self, order: "Order", progress: "Progress") -> "FeedReport":
        """Read what an order still asks for, in slices; their reports are summed up.

        After a slice in which nothing could be read the rest is left to the next run.
        """
        from ejsync.domain.reads import ordered
        from ejsync.pipeline.sync import sync_feed

        whole: FeedReport | None = None
        fruitful = True
        while whole is None or (whole.stopped and fruitful):
            if self._is_due():
                self._breathe()
                self._breath_at = self._exchange.clock.monotonic() + self._pause_s
            demands = (ordered(order),)
            report = sync_feed(self._wiring, order.feed, demands, stopped=self._is_due, progress=progress)
            whole, fruitful = _together(whole, report), report.well > 0
        return whole

    def _is_due(self) -> bool:
        return self._exchange.clock.monotonic() >= self._breath_at


def _together(before: "FeedReport | None", after: "FeedReport") -> "FeedReport":
    """Sum up: what was not read well before was asked for again after."""
    if before is not None:
        after.counts.update(before.counts)
        after.windows += before.well
        after.well += before.well
    return after
