"""What comparisons with sinks found, and what they need: what a sink was last seen to hold, in the order of keys."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

import orjson
from sqlalchemy import Connection, Select, delete, select

from ejsync.domain.batches import OPEN, ItemState
from ejsync.domain.comparing import Comparison, Digest, Holding, digest_of
from ejsync.domain.records import Kind
from ejsync.domain.standing import Delivered
from ejsync.pipeline.ports import KindKey
from ejsync.store.delivery_tables import ComparisonRow
from ejsync.store.statements import keys_by_kind, table_of, upsert_into
from ejsync.store.tables import BatchItemRow, BatchTableRow, DeliveredRow, OutboxRow, RecordRow

C, D, O = table_of(ComparisonRow).c, table_of(DeliveredRow).c, table_of(OutboxRow).c  # noqa: E741 - one letter a table
R = table_of(RecordRow).c
B, I = table_of(BatchTableRow).c, table_of(BatchItemRow).c  # noqa: E741 - as above
_STREAMED = 2000
_OPEN = [state.value for state in OPEN]


@dataclass(frozen=True, slots=True)
class ComparisonTable:
    """ports.Comparisons on SQL."""

    connection: Connection
    school: str

    def last(self) -> dict[str, Comparison]:
        """Return what the last comparison with each sink found."""
        rows = self.connection.execute(select(table_of(ComparisonRow)).where(C.school == self.school))
        return {row.sink: Comparison(row.sink, row.at, row.scope, orjson.loads(row.counts), row.error) for row in rows}

    def save(self, found: Comparison) -> None:
        """Remember what a comparison found in the place of the last one."""
        row = {
            "school": self.school,
            "sink": found.sink,
            "at": found.at,
            "scope": found.scope,
            "counts": orjson.dumps(dict(found.counts)).decode(),
            "error": found.error,
        }
        upsert_into(self.connection, table_of(ComparisonRow), [row], key=("school", "sink"))

    def digests(self, sink: str) -> dict[Kind, Digest]:
        """Return the digest of each kind that the sink was last seen to hold anything of: one query, streamed."""
        wanted = select(D.kind, D.key, D.version, D.fingerprint).order_by(D.kind, D.key)
        rows = self.connection.execute(self._live(wanted, sink).execution_options(yield_per=_STREAMED))
        by_kind = groupby(rows, key=lambda row: str(row[0]))
        return {Kind(kind): digest_of(row[1:] for row in some) for kind, some in by_kind}

    def held(self, sink: str, kind: Kind, after: str, limit: int) -> list[Holding]:
        """Return what the sink was last seen to hold of a kind, by key in code point order, behind `after`."""
        wanted = select(D.key, D.version, D.fingerprint).where(D.kind == kind.value, D.key > after)
        rows = self.connection.execute(self._live(wanted, sink).order_by(D.key).limit(limit))
        return [Holding(*row) for row in rows]

    def unsettled(self, sink: str, keys: Iterable[KindKey], since: datetime, until: datetime) -> set[KindKey]:
        """Return which of these keys are no matter of comparison.

        They wait in the outbox (held or not), travel, are dead letters of what is still the newest, or were settled
        between two instants.
        """
        found: set[KindKey] = set()
        for kind, chunk in keys_by_kind(keys):
            for asked in self._unsettled(sink, kind, chunk):
                found.update((Kind(kind), key) for key in self.connection.execute(asked).scalars())
            later = select(D.key).where(*self._of(sink, kind), D.key.in_(chunk), D.at.between(since, until))
            found.update((Kind(kind), key) for key in self.connection.execute(later).scalars())
        return found

    def correct(self, sink: str, truth: Iterable[tuple[KindKey, Delivered | None]], at: datetime) -> None:
        """Write what a sink really holds, older or not; None: it holds nothing of the key."""
        held = list(truth)
        for kind, chunk in keys_by_kind(key for key, row in held if row is None):
            self.connection.execute(delete(table_of(DeliveredRow)).where(*self._of(sink, kind), D.key.in_(chunk)))
        rows = [
            {
                "school": self.school,
                "sink": sink,
                "kind": kind.value,
                "key": key,
                "version": row.version,
                "fingerprint": row.fingerprint,
                "live": row.live,
                "at": at,
            }
            for (kind, key), row in held
            if row is not None
        ]
        upsert_into(self.connection, table_of(DeliveredRow), rows, key=("school", "sink", "kind", "key"))

    def _live(self, wanted: Select[Any], sink: str) -> Select[Any]:
        return wanted.where(D.school == self.school, D.sink == sink, D.live)

    def _of(self, sink: str, kind: str) -> Iterator[Any]:
        return iter((D.school == self.school, D.sink == sink, D.kind == kind))

    def _unsettled(self, sink: str, kind: str, keys: list[str]) -> Iterator[Select[Any]]:
        """Ask the outbox, the open batches and the dead letters, each by its own index: old items are many."""
        yield select(O.key).where(O.school == self.school, O.sink == sink, O.kind == kind, O.key.in_(keys))
        joined = table_of(BatchItemRow).join(table_of(BatchTableRow), B.batch == I.batch)
        items = select(I.key).select_from(joined).where(B.sink == sink, I.kind == kind, I.key.in_(keys))
        yield items.where(B.school == self.school, B.state.in_(_OPEN))
        newest = select(R.version).where(R.school == I.school, R.kind == I.kind, R.key == I.key).scalar_subquery()
        yield items.where(I.school == self.school, I.state == ItemState.DEAD.value, I.version >= newest)
