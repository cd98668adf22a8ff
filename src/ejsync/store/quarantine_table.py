"""Records that break their contract."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Row, delete, func, select

from ejsync.domain.records import Kind, owner_pupil
from ejsync.domain.standing import Broken, QuarantineRow
from ejsync.domain.windows import Coverage
from ejsync.errors import NotFound
from ejsync.pipeline.ports import KindKey
from ejsync.store.statements import chunked, keys_by_kind, table_of, upsert_into
from ejsync.store.tables import QuarantineTableRow
from ejsync.vault import SchoolKeys

Q = table_of(QuarantineTableRow).c


def place_of(kind: str, key: str) -> tuple[str, str, str]:
    """Return where a quarantined payload stands: it opens nowhere else."""
    return "quarantine", str(kind), key


def subject_of(pupil: str | None, owner: str) -> str | None:
    """Return whose key seals a broken record: nothing is known to be right of it but whose it is."""
    prefix = owner_pupil("")
    return pupil or (owner.removeprefix(prefix) if owner.startswith(prefix) else None)


@dataclass(frozen=True, slots=True)
class QuarantineTable:
    """ports.Quarantine on SQL."""

    connection: Connection
    school: str
    keys: SchoolKeys

    def keep(self, feed: str, broken: Sequence[Broken], at: datetime) -> int:
        """Keep broken records; the same key seen again only moves its last sight. Returns how many are new."""
        before = self.count()
        rows = [
            {
                "school": self.school,
                "feed": feed,
                "kind": item.kind.value,
                "key": item.key,
                "owner": item.owner,
                "pupil": item.pupil,
                "day": item.day,
                "contract": item.contract,
                "pointers": orjson.dumps(item.pointers).decode(),
                "payload": self.keys.close(
                    item.payload, subject_of(item.pupil, item.owner), *place_of(item.kind, item.key)
                ),
                "first_seen_at": at,
                "last_seen_at": at,
            }
            for item in broken
        ]
        table = table_of(QuarantineTableRow)
        upsert_into(self.connection, table, rows, key=("school", "kind", "key"), keep=("first_seen_at",))
        return self.count() - before if rows else 0

    def resolve(self, keys: Iterable[KindKey]) -> int:
        """Let go of keys that are well again. Returns how many were here."""
        gone = 0
        for kind, chunk in keys_by_kind(keys):
            letting_go = delete(table_of(QuarantineTableRow)).where(
                Q.school == self.school, Q.kind == kind, Q.key.in_(chunk)
            )
            gone += self.connection.execute(letting_go).rowcount
        return gone

    def known_in(self, coverages: Iterable[Coverage]) -> dict[KindKey, str]:
        """Return what is quarantined inside the coverages, with its owner; what has no day lies inside any days."""
        found: dict[KindKey, str] = {}
        for coverage in coverages:
            for owners in chunked(coverage.owners):
                kinds = [kind.value for kind in coverage.kinds]
                inside = select(Q.kind, Q.key, Q.owner).where(
                    Q.school == self.school, Q.owner.in_(owners), Q.kind.in_(kinds)
                )
                if coverage.days is not None:
                    days = coverage.days
                    within = Q.day.between(days.first.isoformat(), days.last.isoformat())
                    inside = inside.where(within | Q.day.is_(None))
                found.update({(Kind(kind), key): owner for kind, key, owner in self.connection.execute(inside)})
        return found

    def find(self, limit: int = 1000) -> list[QuarantineRow]:
        """Return what is quarantined, oldest first."""
        wanted = select(table_of(QuarantineTableRow)).where(Q.school == self.school).order_by(Q.id).limit(limit)
        return [self._row(row) for row in self.connection.execute(wanted)]

    def get(self, number: int) -> QuarantineRow:
        """Return one quarantined record.

        Raises:
            NotFound: there is none under this number.
        """
        wanted = select(table_of(QuarantineTableRow)).where(Q.school == self.school, Q.id == number)
        row = self.connection.execute(wanted).first()
        if row is None:
            raise NotFound(what="quarantine entry", name=str(number), listing="ejsync quarantine list")
        return self._row(row)

    def _row(self, row: Row[Any]) -> QuarantineRow:
        subject = subject_of(row.pupil, row.owner)
        broken = Broken(
            Kind(row.kind), row.key, row.owner, row.pupil, row.day, row.contract, tuple(orjson.loads(row.pointers)),
            self.keys.open(row.payload, subject, *place_of(row.kind, row.key)),
        )  # fmt: skip
        return QuarantineRow(row.id, row.feed, broken, row.first_seen_at, row.last_seen_at)

    def count(self) -> int:
        """Count what is quarantined."""
        return int(self.connection.execute(select(func.count()).where(Q.school == self.school)).scalar_one())
