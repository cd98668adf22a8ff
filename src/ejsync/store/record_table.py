"""What is known: one row for each key ever seen, live or gone."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Select, and_, bindparam, case, func, not_, or_, select, update

from ejsync.domain.changes import Change, Known, Op
from ejsync.domain.records import Kind
from ejsync.domain.standing import Held
from ejsync.domain.windows import Coverage, Days, Roster
from ejsync.pipeline.ports import KindKey
from ejsync.store.statements import chunked, keys_by_kind, table_of, upsert_into
from ejsync.store.tables import PermissionRow, RecordRow
from ejsync.vault import SchoolKeys

R, P = table_of(RecordRow).c, table_of(PermissionRow).c
_KNOWN = select(R.kind, R.key, R.owner, R.pupil, R.day, R.version, R.fingerprint, R.gone)
_SEALED = (R.kind, R.key, R.owner, R.pupil, R.payload)
_MINE = and_(R.school == bindparam("school"), R.kind == bindparam("kind"), R.gone.is_(False))
_LIVE = select(*_SEALED).where(_MINE).order_by(R.key)  # the roster is made of them for every page: built once
_KINDS = {kind.value: kind for kind in Kind}


def place_of(kind: str, key: str) -> tuple[str, str, str]:
    """Return where a record's payload stands: it opens nowhere else."""
    return "record", str(kind), key


def _known(row: Any) -> Known:
    return Known(_KINDS[row[0]], *row[1:])


@dataclass(frozen=True, slots=True)
class RecordTable:
    """ports.Records on SQL."""

    connection: Connection
    school: str
    keys: SchoolKeys

    def known_in(self, coverages: Iterable[Coverage]) -> dict[KindKey, Known]:
        """Return what is known inside the coverages, gone rows too."""
        found: dict[KindKey, Known] = {}
        for coverage in coverages:
            for owners in chunked(coverage.owners):
                found.update(self._gather(_inside(self._mine(), coverage, owners)))
        return found

    def known_keys(self, keys: Iterable[KindKey]) -> dict[KindKey, Known]:
        """Return what is known of these keys."""
        found: dict[KindKey, Known] = {}
        for kind, chunk in keys_by_kind(keys):
            found.update(self._gather(self._mine().where(R.kind == kind, R.key.in_(chunk))))
        return found

    def known_of(self, owner: str, *, gone: bool = False) -> list[Known]:
        """Return the live records of one owner, and the gone ones too if asked."""
        wanted = self._mine().where(R.owner == owner)
        return list(self._gather(wanted if gone else wanted.where(R.gone.is_(False))).values())

    def live_after(self, after: KindKey | None, limit: int) -> list[Known]:
        """Return a page of the live records in the order of kind and key, beginning behind `after`."""
        wanted = self._mine().where(R.gone.is_(False)).order_by(R.kind, R.key).limit(limit)
        if after is not None:
            kind, key = after
            wanted = wanted.where(or_(R.kind > kind.value, and_(R.kind == kind.value, R.key > key)))
        return list(self._gather(wanted).values())

    def live_counts(self) -> dict[Kind, int]:
        """Count live records by kind."""
        counting = select(R.kind, func.count()).where(R.school == self.school, R.gone.is_(False)).group_by(R.kind)
        return {Kind(kind): count for kind, count in self.connection.execute(counting)}

    def roster(self) -> Roster:
        """Return classes with their pupils, and the school year that their periods tell of, as last read."""
        classes: dict[str, list[str]] = {name: [] for name in self._class_names()}
        for _, pupil in self._told(Kind.PUPIL):
            classes.setdefault(pupil["class"], []).append(pupil["pupil"])
        return Roster({name: tuple(pupils) for name, pupils in sorted(classes.items())}, self._years())

    def _years(self) -> dict[str, int]:
        """Return the newest school year that a class has periods of; one switched off may be of any year."""
        years: dict[str, int] = {}
        for _, period in self._told(Kind.PERIOD):
            if not period["disabled"]:
                years[period["class"]] = max(period["school_year"], years.get(period["class"], 0))
        return years

    def _told(self, kind: Kind) -> Iterator[tuple[str, Any]]:
        """Yield owner and content of the live records of a kind by key, but of none whose key is destroyed."""
        for row in self.connection.execute(_LIVE, {"school": self.school, "kind": kind}):
            if payload := self._opened(row):
                yield row.owner, orjson.loads(payload)

    def _opened(self, row: Any) -> bytes:
        return self.keys.open(row.payload, row.pupil, *place_of(row.kind, row.key))

    def _class_names(self) -> list[str]:
        wanted = select(R.key).where(R.school == self.school, R.kind == Kind.SCHOOL_CLASS, R.gone.is_(False))
        return list(self.connection.execute(wanted).scalars())

    def save(self, changes: Sequence[Change], at: datetime) -> None:
        """Write the next versions; a retraction keeps the row, marks it gone and drops its payload."""
        self.keys.prepare({change.pupil for change in changes if change.payload})
        rows = [
            {
                "school": self.school,
                "kind": change.kind.value,
                "key": change.key,
                "owner": change.owner,
                "pupil": change.pupil,
                "day": change.day,
                "version": change.version,
                "fingerprint": change.fingerprint,
                "gone": change.op is Op.RETRACT,
                "payload": self.keys.close(change.payload, change.pupil, *place_of(change.kind, change.key)),
                "changed_at": at,
            }
            for change in changes
        ]
        upsert_into(self.connection, table_of(RecordRow), rows, key=("school", "kind", "key"))

    def bump(self, changes: Sequence[Change], at: datetime) -> None:
        """Raise versions without touching payloads (a consent began or ended); what is gone went when it went."""
        if not changes:
            return
        raising = (
            update(table_of(RecordRow))
            .where(R.school == self.school, R.kind == bindparam("of_kind"), R.key == bindparam("of_key"))
            .values(version=bindparam("to_version"), changed_at=case((R.gone, R.changed_at), else_=at))
        )
        rows = [{"of_kind": c.kind.value, "of_key": c.key, "to_version": c.version} for c in changes]
        self.connection.execute(raising, rows)

    def payloads(self, keys: Iterable[KindKey]) -> dict[KindKey, bytes]:
        """Return the payloads of live records, but of none whose key is destroyed."""
        found: dict[KindKey, bytes] = {}
        for kind, chunk in keys_by_kind(keys):
            wanted = select(*_SEALED).where(
                R.school == self.school, R.kind == kind, R.key.in_(chunk), R.gone.is_(False)
            )
            told = ((Kind(kind), row.key, self._opened(row)) for row in self.connection.execute(wanted))
            found.update({(kind_, key): payload for kind_, key, payload in told if payload})
        return found

    def held_of(self, owners: Iterable[str], kinds: Iterable[Kind]) -> list[Held]:
        """Return the live records of these owners and kinds with their payloads, by kind and key.

        What is sealed with a destroyed key is not among them.
        """
        names = [kind.value for kind in kinds]
        wanted = select(*_SEALED).where(R.school == self.school, R.kind.in_(names), R.gone.is_(False))
        found = [row for some in chunked(owners) for row in self.connection.execute(wanted.where(R.owner.in_(some)))]
        told = ((row, self._opened(row)) for row in found)
        return sorted(Held(_KINDS[row.kind], row.key, row.owner, payload) for row, payload in told if payload)

    def newest_changes(self, kinds: Iterable[Kind]) -> dict[str, datetime]:
        """Return when a record of these kinds last changed, by owner, gone ones too."""
        names = [kind.value for kind in kinds]
        wanted = select(R.owner, func.max(R.changed_at).label("at")).where(R.school == self.school, R.kind.in_(names))
        return {row.owner: row.at for row in self.connection.execute(wanted.group_by(R.owner))}

    def lately(
        self, owners: Iterable[str], kinds: Iterable[Kind], days: Days | None, since: datetime
    ) -> dict[tuple[Kind, str], tuple[int, int]]:
        """Count, by kind and owner, the live records of some days (None: of all), and those that went since then."""
        went = and_(R.gone, R.changed_at >= since)
        counting = select(R.kind, R.owner, func.count().filter(not_(R.gone)), func.count().filter(went))
        inside = Coverage(frozenset(kinds), (), days)
        found = {}
        for some in chunked(owners):
            wanted = _inside(counting.where(R.school == self.school), inside, some).group_by(R.kind, R.owner)
            found.update({(_KINDS[k], owner): (live, gone) for k, owner, live, gone in self.connection.execute(wanted)})
        return found

    def period_first(self, today: date) -> date | None:
        """Return the first day of the study period that a day lies in or follows, of the class where it is earliest."""
        latest: dict[str, date] = {}
        for owner, told in self._told(Kind.PERIOD):
            first = date.fromisoformat(told["start"]) if told.get("start") and not told.get("disabled") else date.max
            if first <= today:
                latest[owner] = max(first, latest.get(owner, date.min))
        return min(latest.values(), default=None)

    def withheld(self) -> tuple[int, int]:
        """Count live records, and pupils, that no permission in effect lets pass."""
        allowed = and_(P.school == R.school, P.pupil == R.pupil, P.allowed)
        counting = (
            select(func.count(), func.count(case((R.pupil.not_like("%/%"), R.pupil)).distinct()))
            .select_from(table_of(RecordRow).outerjoin(table_of(PermissionRow), allowed))
            .where(R.school == self.school, R.gone.is_(False), R.pupil.is_not(None), P.pupil.is_(None))
        )
        records, pupils = self.connection.execute(counting).one()
        return records, pupils

    def _mine(self) -> Select[Any]:
        return _KNOWN.where(R.school == self.school)

    def _gather(self, statement: Select[Any]) -> dict[KindKey, Known]:
        known = map(_known, self.connection.execute(statement))
        return {(row.kind, row.key): row for row in known}


def _inside(statement: Select[Any], coverage: Coverage, owners: list[str]) -> Select[Any]:
    inside = statement.where(R.owner.in_(owners), R.kind.in_([kind.value for kind in coverage.kinds]))
    if coverage.days is None:
        return inside
    return inside.where(R.day.between(coverage.days.first, coverage.days.last))
