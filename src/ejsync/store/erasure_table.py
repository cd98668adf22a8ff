"""Erasures of pupils: how far each has come, who is kept out, and what the store holds of a pupil."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

import orjson
from sqlalchemy import Connection, TextClause, func, insert, inspect, select, text, update

from ejsync.domain.batches import OPEN
from ejsync.domain.changes import Known
from ejsync.domain.consent import pupil_of
from ejsync.domain.erasure import Erasure, KeptOut, KindHeld, Order, Step
from ejsync.domain.records import Kind
from ejsync.errors import LeaseLost
from ejsync.store.scrubbing import HIS, scrub, values_of
from ejsync.store.statements import table_of
from ejsync.store.tables import BatchTableRow, OutboxRow, RecordRow
from ejsync.store.trust_tables import ErasureRow
from ejsync.vault import SchoolKeys

E, R = table_of(ErasureRow).c, table_of(RecordRow).c
B, O = table_of(BatchTableRow).c, table_of(OutboxRow).c  # noqa: E741 - one letter a table
_PLACE = "erasure"


@dataclass(frozen=True, slots=True)
class ErasureTable:
    """ports.Erasures on SQL."""

    connection: Connection
    school: str
    keys: SchoolKeys

    def add(self, pseudonym: str, order: Order, floor: int, at: datetime, *, nth: int = 1) -> int:
        """Add an erasure that is ordered and return its number."""
        payload = self.keys.close(orjson.dumps(asdict(order)), None, _PLACE, pseudonym)
        row = {"school": self.school, "pseudonym": pseudonym, "step": Step.ORDERED.value, "payload": payload}
        times = {"begun_at": at, "step_at": at}
        values = {**row, **times, "floor": floor, "nth": nth}
        done = self.connection.execute(insert(table_of(ErasureRow)).values(**values))
        return int(done.inserted_primary_key[0])  # type: ignore[index] # an insert of one row always has one

    def get(self, number: int) -> Erasure:
        """Return one erasure."""
        found = select(table_of(ErasureRow)).where(E.school == self.school, E.id == number)
        return self._erasure(self.connection.execute(found).one())

    def of(self, pseudonym: str) -> list[Erasure]:
        """Return every erasure of a pupil, oldest first."""
        wanted = select(table_of(ErasureRow)).where(E.school == self.school, E.pseudonym == pseudonym).order_by(E.id)
        return [self._erasure(row) for row in self.connection.execute(wanted)]

    def unfinished(self) -> list[Erasure]:
        """Return the erasures that have not come to their end, oldest first."""
        wanted = select(table_of(ErasureRow)).where(E.school == self.school, E.step != Step.DONE.value).order_by(E.id)
        return [self._erasure(row) for row in self.connection.execute(wanted)]

    def _erasure(self, row: Any) -> Erasure:
        payload = self.keys.open(row.payload, None, _PLACE, row.pseudonym)
        return Erasure(
            row.id, row.pseudonym, Step(row.step), Order(**orjson.loads(payload)) if payload else None, row.begun_at,
            row.step_at, orjson.loads(row.told), orjson.loads(row.found), row.floor, row.lifted_at, row.nth,
        )  # fmt: skip

    def kept_out(self) -> Mapping[str, KeptOut]:
        """Return every pupil that was ever erased, by pseudonym."""
        wanted = select(E.pseudonym, E.nth, E.lifted_at).where(E.school == self.school).order_by(E.nth, E.id)
        return {row.pseudonym: KeptOut(row.nth, row.lifted_at is None) for row in self.connection.execute(wanted)}

    def floors(self) -> Mapping[str, int]:
        """Return above which version keys begin of those who came back, by pseudonym."""
        wanted = select(E.pseudonym, func.max(E.floor)).where(E.school == self.school, E.lifted_at.is_not(None))
        return {row[0]: row[1] for row in self.connection.execute(wanted.group_by(E.pseudonym))}

    def note(self, number: int, sink: str, told: Mapping[str, Any]) -> None:
        """Keep what a diary answered."""
        known = {**self.get(number).told, sink: told}
        self._write(number, told=orjson.dumps(known).decode())

    def advance(self, before: Erasure, step: Step, at: datetime, found: Mapping[str, Any] | None = None) -> Erasure:
        """Go on to the next step; from the act on nothing tells who the pupil was.

        Raises:
            LeaseLost: another process went on with it meanwhile.
        """
        if self.get(before.number).step is not before.step:
            raise LeaseLost(path="erasure", reason=str(before.number))
        counted = orjson.dumps({**before.found, **(found or {})}).decode()
        forgotten = {"payload": b""} if step is Step.WITNESSED else {}
        if forgotten:
            self.connection.exec_driver_sql("PRAGMA secure_delete=ON")
        self._write(before.number, step=step.value, step_at=at, found=counted, **forgotten)
        return self.get(before.number)

    def lift(self, pseudonym: str, at: datetime, *, nth: int = 1) -> None:
        """Let a pupil in again; that he was erased is remembered even where a copy put back did not know it.

        Args:
            nth: how often he was erased.
        """
        mine = (E.school == self.school, E.pseudonym == pseudonym)
        lifting = update(table_of(ErasureRow)).where(*mine, E.lifted_at.is_(None)).values(lifted_at=at)
        self.connection.execute(lifting)
        if self.kept_out().get(pseudonym, KeptOut()).nth < nth:
            row = {"school": self.school, "pseudonym": pseudonym, "step": Step.DONE.value, "payload": b"", "nth": nth}
            times = {"begun_at": at, "step_at": at, "lifted_at": at}
            self.connection.execute(insert(table_of(ErasureRow)).values(**row, **times))

    def _write(self, number: int, **values: Any) -> None:
        mine = (E.school == self.school, E.id == number)
        self.connection.execute(update(table_of(ErasureRow)).where(*mine).values(**values))

    def pupils(self) -> set[str]:
        """Return every pupil of whom there is a record or a decision."""
        named = "SELECT pupil FROM record WHERE school = :school UNION SELECT pupil FROM consent WHERE school = :school"
        rows = self.connection.execute(text(named), {"school": self.school}).scalars()
        return {pupil_of(subject) for subject in rows if subject is not None}

    def rows_of(self, pupil: str) -> dict[str, int]:
        """Count a pupil's rows by table; nothing for tables without any."""
        counts = {name: self._run(f"SELECT count(*) FROM {name} WHERE {where}", pupil) for name, where in HIS.items()}  # noqa: S608 - our own words
        return {name: count for name, found in counts.items() if (count := found.scalar_one())}

    def known_of(self, pupil: str) -> list[Known]:
        """Return every record of a pupil, gone ones too."""
        columns = "kind, key, owner, pupil, day, version, fingerprint, gone"
        rows = self._run(f"SELECT {columns} FROM record WHERE {HIS['record']} ORDER BY kind, key", pupil)  # noqa: S608 - our own words
        return [Known(Kind(row[0]), row[1], row[2], row[3], _day(row[4]), row[5], row[6], bool(row[7])) for row in rows]

    def held_of(self, pupil: str) -> list[KindHeld]:
        """Return how much of each kind is held of a pupil, of which days and since when."""
        columns = "kind, count(*), min(day), max(day), min(changed_at) AS since"
        wanted = text(f"SELECT {columns} FROM record WHERE {HIS['record']} AND NOT gone GROUP BY kind ORDER BY kind")  # noqa: S608 - our own words
        typed = wanted.columns(since=R.changed_at.type)
        rows = self.connection.execute(typed, values_of(self.school, pupil))
        return [KindHeld(Kind(kind), count, _day(first), _day(last), since) for kind, count, first, last, since in rows]

    def floor_of(self, pupil: str) -> int:
        """Return the highest version that a diary may hold of a key of this pupil."""
        found = [self._run(f"SELECT max(version) FROM {name} WHERE {HIS[name]}", pupil) for name in _VERSIONED]  # noqa: S608 - our own words
        return max((one.scalar_one() or 0 for one in found), default=0)

    def holders(self, pupil: str) -> set[str]:
        """Return the diaries that hold anything of a pupil, or are to get it."""
        found = [self._run(f"SELECT DISTINCT sink FROM {name} WHERE {HIS[name]}", pupil) for name in _OF_SINKS]  # noqa: S608 - our own words
        return {sink for rows in found for sink in rows.scalars()}

    def waits(self, pupil: str, sink: str) -> bool:
        """Tell whether anything of a pupil waits for a diary or travels to it."""
        values = values_of(self.school, pupil) | {"sink": sink}
        waiting = text(f"SELECT count(*) FROM outbox WHERE sink = :sink AND {HIS['outbox']}")  # noqa: S608 - our own words
        return bool(self.connection.execute(waiting, values).scalar_one()) or bool(self.batches_of(pupil, sink))

    def batches_of(self, pupil: str, sink: str | None = None) -> list[str]:
        """Return the batches under way (to one diary, or to any) that carry anything of a pupil."""
        states = ", ".join(f"'{state.value}'" for state in OPEN)
        his = f"batch IN (SELECT batch FROM batch_item WHERE {HIS['batch_item']}) AND state IN ({states})"  # noqa: S608 - our own words
        rows = self._run(f"SELECT batch, sink FROM batch WHERE {his} ORDER BY created_at", pupil)  # noqa: S608 - as above
        return [batch for batch, to in rows if sink in {None, to}]

    def empty(self, pupil: str) -> None:
        """Delete at once what no diary has to be told of: what is set aside, and what the office holds."""
        for name in ("quarantine", "office_row", "reading"):
            self._run(f"DELETE FROM {name} WHERE {HIS[name]}", pupil)  # noqa: S608 - our own words

    def scrub(self, pupil: str, number: int) -> dict[str, int]:
        """Delete every row of a pupil; numbers of consents are given to nobody else. Returns counts by table."""
        last = self.connection.execute(text("SELECT max(id) FROM consent")).scalar_one() or 0
        self._write(number, floor=max(self.get(number).floor, self.floor_of(pupil)), consents=last)
        tables = set(inspect(self.connection).get_table_names())
        return scrub(self._rows_changed, tables, self.school, pupil)

    def _rows_changed(self, statement: str, values: Mapping[str, str]) -> int:
        return self.connection.execute(text(statement), values).rowcount

    def _run(self, statement: str, pupil: str) -> Any:
        asked: TextClause = text(statement)
        return self.connection.execute(asked, values_of(self.school, pupil))


_OF_SINKS = ("delivered", "outbox")
_VERSIONED = ("record", "delivered", "batch_item", "outbox")


def _day(written: str | None) -> date | None:
    return date.fromisoformat(written) if written else None
