"""cycle: one feed of one school, wherever it comes from: the journal, or what we know already."""

from collections.abc import Sequence

from ejsync.domain.reads import Demand
from ejsync.domain.records import Feed
from ejsync.pipeline.conclude import conclude
from ejsync.pipeline.ports import Wiring
from ejsync.pipeline.sync import FeedReport, Progress, Stopped, sync_feed


def read_feed(
    wiring: Wiring,
    feed: Feed,
    demands: Sequence[Demand],
    *,
    stopped: Stopped = lambda: False,
    progress: Progress = lambda _window, _done, _total: None,
) -> FeedReport:
    """Read what is due of a feed, or work out what follows from all others.

    Raises:
        StoreError: the database cannot be used, or another instance took over.
    """
    if feed is Feed.DERIVED:
        return conclude(wiring, stopped=stopped, progress=progress) if demands else FeedReport(feed)
    return sync_feed(wiring, feed, demands, stopped=stopped, progress=progress)
