"""Which days of whom were read and when, the pages last taken in, and days that an operator ordered to be read."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

import orjson
from sqlalchemy import ColumnElement, Connection, delete, select, update

from ejsync.domain.reads import History, Order, PageMark, Read, noted
from ejsync.domain.records import Feed
from ejsync.domain.windows import Days
from ejsync.store.reading_tables import PageRow, ReadingRow, ReadOrderRow
from ejsync.store.statements import chunked, table_of, upsert_into

R, P, D = table_of(ReadingRow).c, table_of(PageRow).c, table_of(ReadOrderRow).c


@dataclass(frozen=True, slots=True)
class ReadingTable:
    """ports.Readings on SQL."""

    connection: Connection
    school: str

    def history(self, feed: str, owners: Iterable[str] | None = None) -> dict[str, History]:
        """Return what one feed has read of these owners (of all by default), by owner."""
        wanted = select(R.owner, R.spans, R.changed_at).where(R.school == self.school, R.feed == feed)
        asked = [wanted] if owners is None else [wanted.where(R.owner.in_(some)) for some in chunked(owners)]
        rows = (row for one in asked for row in self.connection.execute(one))
        return {owner: History(_reads(spans), changed) for owner, spans, changed in rows}

    def note(self, feed: str, owners: Iterable[str], read: Read, *, changed_at: datetime | None = None) -> None:
        """Remember that days of owners were read, and, if that changed anything, when it did."""
        owners = list(owners)
        known, unknown = self.history(feed, owners), History(())
        rows = [
            {
                "school": self.school,
                "feed": feed,
                "owner": owner,
                "spans": _spelled(noted(known.get(owner, unknown).reads, read)),
                "changed_at": changed_at or known.get(owner, unknown).changed_at,
            }
            for owner in owners
        ]
        upsert_into(self.connection, table_of(ReadingRow), rows, key=("school", "feed", "owner"))

    def forget(self, owners: Iterable[str]) -> None:
        """Forget every read of these owners, so that all their days are due again."""
        for some in chunked(owners):
            self.connection.execute(delete(table_of(ReadingRow)).where(R.school == self.school, R.owner.in_(some)))

    def pages(self, feed: str) -> dict[str, PageMark]:
        """Return the pages last taken in whole, by the key of their window."""
        wanted = select(P.window, P.digest, P.at).where(P.school == self.school, P.feed == feed)
        return {window: PageMark(digest, at) for window, digest, at in self.connection.execute(wanted)}

    def keep_page(self, feed: str, window: str, page: PageMark) -> None:
        """Remember a page that was taken in whole."""
        row = {"school": self.school, "window": window, "feed": feed, "digest": page.digest, "at": page.at}
        upsert_into(self.connection, table_of(PageRow), [row], key=("school", "window"))

    def drop_pages(self, feed: str, before: datetime) -> None:
        """Forget pages that were taken in before an instant."""
        old = (P.school == self.school, P.feed == feed, P.at < before)
        self.connection.execute(delete(table_of(PageRow)).where(*old))

    def orders(self, feed: str | None = None) -> list[Order]:
        """Return the days ordered to be read that are not read yet, oldest order first."""
        return self._orders(D.done.is_(False), *([D.feed == feed] if feed is not None else []))

    def order(self, order: Order) -> Order:
        """Order days to be read; the same days ordered and not yet read of every feed keep their first instant."""
        for known in self._orders(D.feed == order.feed, *_same_days(order)):
            return known
        row = {
            "school": self.school,
            "feed": order.feed,
            "first": order.days.first,
            "last": order.days.last,
            "ordered_at": order.at,
            "done": False,
        }
        upsert_into(self.connection, table_of(ReadOrderRow), [row], key=("school", "feed", "first", "last"))
        return order

    def fulfil(self, order: Order) -> None:
        """Note an order as carried out; once no other feed of its days is open, all of them are forgotten."""
        table, ours = table_of(ReadOrderRow), (D.school == self.school, *_same_days(order))
        self.connection.execute(update(table).where(*ours, D.feed == order.feed).values(done=True))
        if not self._orders(D.done.is_(False), *_same_days(order)):
            self.connection.execute(delete(table).where(*ours))

    def _orders(self, *wanted: ColumnElement[bool]) -> list[Order]:
        found = select(D.feed, D.first, D.last, D.ordered_at).where(D.school == self.school, *wanted)
        rows = self.connection.execute(found.order_by(D.ordered_at, D.feed, D.first, D.last))
        return [Order(Feed(name), Days(first, last), at) for name, first, last, at in rows]


def _same_days(order: Order) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return D.first == order.days.first, D.last == order.days.last


def _reads(spans: str) -> tuple[Read, ...]:
    return tuple(
        Read(Days(date.fromisoformat(first), date.fromisoformat(last)) if first else None, datetime.fromisoformat(at))
        for first, last, at in orjson.loads(spans)
    )


def _spelled(reads: Iterable[Read]) -> str:
    rows = [[read.days.first if read.days else None, read.days.last if read.days else None, read.at] for read in reads]
    return orjson.dumps(rows).decode()
