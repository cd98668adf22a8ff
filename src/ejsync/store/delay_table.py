"""How long changes took to reach each sink, counted by day, and what has not reached it yet."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, Select, and_, case, delete, exists, func, literal, or_, select

from ejsync.domain.batches import OPEN, ItemState
from ejsync.domain.delays import KEPT, Bucket, Moments, Undelivered, counted
from ejsync.domain.records import FEED_OF, Feed, Kind
from ejsync.domain.standing import Priority
from ejsync.store.delivery_tables import DelayRow
from ejsync.store.outbox_table import UNKNOWN
from ejsync.store.statements import merge_into, table_of
from ejsync.store.tables import BatchItemRow, BatchTableRow, DeliveredRow, OutboxRow, RecordRow

D, O, R = table_of(DelayRow).c, table_of(OutboxRow).c, table_of(RecordRow).c  # noqa: E741 - one letter a table
B, I = table_of(BatchTableRow).c, table_of(BatchItemRow).c  # noqa: E741 - as above
A = table_of(DeliveredRow).c
_INSTANT = O.queued_at.type
_ITEMS = table_of(BatchTableRow).join(table_of(BatchItemRow), B.batch == I.batch)
_ALL, _NONE = func.count(), literal(0)
_SEEN = func.coalesce(I.seen_at, B.created_at)
_Late = Mapping[str, ColumnElement[Any]]
_Counting = Select[str, str, int, int, int, Any]


@dataclass(frozen=True, slots=True)
class DelayTable:
    """ports.Delays on SQL."""

    connection: Connection
    school: str

    def note(self, sink: str, delivered: Iterable[tuple[Kind, Moments]], at: datetime, zone: ZoneInfo) -> None:
        """Count what reached a sink at an instant under the school's date; days older than `KEPT` are forgotten."""
        found, day = counted(delivered, at), at.astimezone(zone).date()
        rows = [
            {
                "school": self.school,
                "sink": sink,
                "day": day,
                "feed": feed.value,
                "bucket": number,
                "count": bucket.count,
                "at_most": bucket.at_most,
                "worst_s": bucket.worst_s,
            }
            for (feed, number), bucket in found.items()
        ]
        key = ("school", "sink", "day", "feed", "bucket")
        merge_into(self.connection, table_of(DelayRow), rows, key=key, choosing=_added)
        old = (D.school == self.school, D.sink == sink, D.day < day - KEPT)
        self.connection.execute(delete(table_of(DelayRow)).where(*old))

    def since(self, first: date) -> dict[tuple[str, Feed], dict[int, Bucket]]:
        """Return what was counted from a day on, by sink and feed, in buckets."""
        adding = select(D.sink, D.feed, D.bucket, func.sum(D["count"]), func.sum(D.at_most), func.max(D.worst_s))
        rows = self.connection.execute(
            adding.where(D.school == self.school, D.day >= first).group_by(D.sink, D.feed, D.bucket)
        )
        found: dict[tuple[str, Feed], dict[int, Bucket]] = {}
        for sink, feed, number, *counts in rows:
            found.setdefault((sink, Feed(feed)), {})[number] = Bucket(*counts)
        return found

    def undelivered(self, promised: Mapping[Feed, timedelta], now: datetime) -> dict[tuple[str, Feed], Undelivered]:
        """Return what sinks have not got, by sink and feed; what waits for approval or consent is not among it.

        Args:
            promised: for every feed how long a change may take; what was seen longer ago is late.
        """
        late = {kind.value: literal(now - promised[feed], _INSTANT) for kind, feed in FEED_OF.items()}
        found: dict[tuple[str, Feed], Undelivered] = {}
        for wanted in (self._waiting(late), self._travelling(late), self._refused(late)):
            for sink, kind, waiting, refused, overdue, oldest in self.connection.execute(wanted):
                place = (sink, FEED_OF[Kind(kind)])
                more = Undelivered(waiting, refused, overdue, oldest, oldest if waiting else None)
                found[place] = found.get(place, Undelivered()) + more
        return found

    def _waiting(self, late: _Late) -> _Counting:
        free = or_(O.hold.is_(None), O.priority == Priority.URGENT.value)
        seen = func.coalesce(O.seen_at, O.queued_at)
        return _counting(O.sink, O.kind, (_ALL, _NONE), seen, late).where(O.school == self.school, free)

    def _travelling(self, late: _Late) -> _Counting:
        opened = (B.school == self.school, B.state.in_([state.value for state in OPEN]))
        counting = _counting(B.sink, I.kind, (_ALL, _NONE), _SEEN, late).select_from(_ITEMS)
        return counting.where(*opened, I.state == ItemState.WAITING.value)

    def _refused(self, late: _Late) -> _Counting:
        """Count dead letters of what is still true and did not arrive by another way."""
        counting = _counting(B.sink, I.kind, (_NONE, _ALL), _SEEN, late).select_from(_ITEMS)
        true = and_(R.school == I.school, R.kind == I.kind, R.key == I.key, R.version == I.version)
        holds = and_(A.school == I.school, A.sink == B.sink, A.kind == I.kind, A.key == I.key)
        arrived = exists().where(holds, A.version >= I.version, A.fingerprint != UNKNOWN)
        dead = (I.school == self.school, I.state == ItemState.DEAD.value, ~arrived)
        return counting.join(table_of(RecordRow), true).where(*dead)


def _counting(
    sink: ColumnElement[str],
    kind: ColumnElement[str],
    counts: tuple[ColumnElement[int], ColumnElement[int]],
    seen: ColumnElement[Any],
    late: _Late,
) -> _Counting:
    """Count by sink and kind: waiting, refused, seen before their kind is late; and the instant the oldest was seen."""
    overdue = func.count().filter(seen < case(late, value=kind))
    return select(sink, kind, *counts, overdue, func.min(seen, type_=_INSTANT)).group_by(sink, kind)


def _added(new: Any) -> dict[str, ColumnElement[Any]]:
    """Add what is counted to what was counted before."""
    worst = case((D.worst_s > new.worst_s, D.worst_s), else_=new.worst_s)
    return {"count": D["count"] + new["count"], "at_most": D.at_most + new.at_most, "worst_s": worst}
