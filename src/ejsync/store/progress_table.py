"""Where feeds and sinks stand, and the lease that says which instance may commit."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Row, bindparam, select

from ejsync.domain.standing import FeedMark, SinkMark
from ejsync.errors import LeaseLost
from ejsync.store.statements import table_of, upsert_into
from ejsync.store.tables import FeedRow, LeaseRow, SinkRow

F, S, L = table_of(FeedRow).c, table_of(SinkRow).c, table_of(LeaseRow).c
LEASE = "writer"
# asked by every commit and every turn: built once
_EPOCH = select(L.epoch).where(L.name == LEASE)
_FEEDS = select(table_of(FeedRow)).where(F.school == bindparam("school")).order_by(F.feed)
_SINKS = select(S.sink, S.retry_at, S.failures, S.error, S.delivered_at, S.batch_items).where(
    S.school == bindparam("school")
)
_SINK = _SINKS.where(S.sink == bindparam("sink"))


def _feed(row: Row[Any]) -> FeedMark:
    uncovered, counts = orjson.loads(row.uncovered), orjson.loads(row.counts)
    return FeedMark(row.feed, row.read_at, row.error, row.windows, row.failed, uncovered, counts)


@dataclass(frozen=True, slots=True)
class ProgressTable:
    """ports.Marks on SQL."""

    connection: Connection
    school: str

    def feed(self, feed: str) -> FeedMark | None:
        """Return how a feed stands, or None before its first cycle."""
        return next((mark for mark in self.feeds() if mark.feed == feed), None)

    def feeds(self) -> list[FeedMark]:
        """Return how every feed stands."""
        return [_feed(row) for row in self.connection.execute(_FEEDS, {"school": self.school})]

    def save_feed(self, mark: FeedMark) -> None:
        """Remember how a feed stands."""
        row = {
            "school": self.school,
            "feed": mark.feed,
            "read_at": mark.read_at,
            "error": mark.error,
            "windows": mark.windows,
            "failed": mark.failed,
            "uncovered": orjson.dumps(dict(mark.uncovered)).decode(),
            "counts": orjson.dumps(dict(mark.counts)).decode(),
        }
        upsert_into(self.connection, table_of(FeedRow), [row], key=("school", "feed"))

    def sink(self, sink: str) -> SinkMark:
        """Return how a sink stands."""
        row = self.connection.execute(_SINK, {"school": self.school, "sink": sink}).first()
        return SinkMark(*row) if row else SinkMark(sink, None, 0, None, None)

    def known_sinks(self) -> set[str]:
        """Return the sinks that have a mark: those that have joined."""
        return set(self.connection.execute(_SINKS, {"school": self.school}).scalars())

    def save_sink(self, mark: SinkMark) -> None:
        """Remember how a sink stands."""
        row = {
            "school": self.school,
            "sink": mark.sink,
            "retry_at": mark.retry_at,
            "failures": mark.failures,
            "error": mark.error,
            "delivered_at": mark.delivered_at,
            "batch_items": mark.batch_items,
        }
        upsert_into(self.connection, table_of(SinkRow), [row], key=("school", "sink"))

    def require_epoch(self, epoch: int) -> None:
        """Refuse to go on if another instance has taken the lease since.

        Raises:
            LeaseLost: the lease has another epoch now.
        """
        held = current_epoch(self.connection)
        if held != epoch:
            raise LeaseLost(path="lease", reason=f"epoch {held} instead of {epoch}")


def current_epoch(connection: Connection) -> int:
    """Return the epoch of the lease; 0 before it was ever taken."""
    return connection.execute(_EPOCH).scalar_one_or_none() or 0


def take_lease(connection: Connection, *, pid: int, at: datetime) -> int:
    """Take the lease under the next epoch and return it."""
    epoch = current_epoch(connection) + 1
    set_epoch(connection, epoch, pid=pid, at=at)
    return epoch


def set_epoch(connection: Connection, epoch: int, *, pid: int, at: datetime) -> None:
    """Give the lease an epoch."""
    row = {"name": LEASE, "epoch": epoch, "pid": pid, "taken_at": at}
    upsert_into(connection, table_of(LeaseRow), [row], key=("name",))
