"""What a source's answers held that no shape knows."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from ejsync.domain.standing import ELSEWHERE, Drifted
from ejsync.store.reading_tables import DriftRow
from ejsync.store.statements import table_of, upsert_into

D = table_of(DriftRow).c
MOST_FINDINGS = 500
"""Of one method: a source that makes up keys must not fill the disk."""


@dataclass(frozen=True, slots=True)
class DriftTable:
    """ports.Drift on SQL."""

    connection: Connection
    school: str

    def note(self, method: str, drift: Mapping[tuple[str, str], int], at: datetime) -> None:
        """Add counts by (place, found); what was seen before keeps its first sight.

        Findings beyond `MOST_FINDINGS` of one method are counted together, as `ELSEWHERE`.
        """
        if not drift:
            return
        wanted = select(D.place, D.found, D.count).where(D.school == self.school, D.method == method)
        counts = Counter({(place, found): count for place, found, count in self.connection.execute(wanted)})
        touched = set()
        for seen, count in drift.items():
            kept = seen if seen in counts or len(counts) < MOST_FINDINGS else ELSEWHERE
            counts[kept] += count
            touched.add(kept)
        head = {"school": self.school, "method": method, "first_seen_at": at, "last_seen_at": at}
        rows = [{**head, "place": seen[0], "found": seen[1], "count": counts[seen]} for seen in sorted(touched)]
        key = ("school", "method", "place", "found")
        upsert_into(self.connection, table_of(DriftRow), rows, key=key, keep=("first_seen_at",))

    def all(self) -> list[Drifted]:
        """Return everything found so far, by method and place."""
        wanted = select(D.method, D.place, D.found, D.count, D.first_seen_at, D.last_seen_at)
        found = self.connection.execute(wanted.where(D.school == self.school).order_by(D.method, D.place, D.found))
        return [Drifted(*row) for row in found]
