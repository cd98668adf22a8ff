"""Registered consents, and the permissions that have taken effect."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, func, insert, select, update

from ejsync.domain.consent import Consent, Decision, Ground, Permission, Scope
from ejsync.store.mark_table import EVERY_SCHOOL, LAST_CONSENT, MarkTable
from ejsync.store.statements import chunked, table_of, upsert_into
from ejsync.store.tables import ConsentRow, PermissionRow
from ejsync.store.trust_tables import ErasureRow, KnownDecisionRow
from ejsync.store.withdrawals import Ended
from ejsync.vault import SchoolKeys

C, P, D = table_of(ConsentRow).c, table_of(PermissionRow).c, table_of(KnownDecisionRow).c
_IN_EFFECT = select(P.pupil, P.allowed, P.ground, P.consent_number).where(P.school == bindparam("school"))
_IN_EFFECT_OF = _IN_EFFECT.where(P.pupil.in_(bindparam("pupils", expanding=True)))


def place_of(pupil: str, registered_at: datetime) -> tuple[str, str, str]:
    """Return where the document of a decision stands: it opens nowhere else."""
    return "consent", pupil, registered_at.astimezone(UTC).isoformat()


@dataclass(frozen=True, slots=True)
class ConsentTable:
    """ports.Consents on SQL.

    Attributes:
        ended: the consents that this transaction ends; they are kept outside of the database too.
    """

    connection: Connection
    school: str
    keys: SchoolKeys
    ended: list[Ended] = field(default_factory=list)

    def register(self, consents: Sequence[Consent]) -> None:
        """Add decisions; their numbers are given by the store."""
        self.keys.prepare({item.pupil for item in consents})
        rows = [
            {
                "id": number,
                "school": self.school,
                "pupil": item.pupil,
                "scope": item.scope.value,
                "decision": item.decision.value,
                "given_by": item.given_by,
                "payload": self._closed(item),
                "valid_from": item.valid_from,
                "valid_until": item.valid_until,
                "withdrawn_at": item.withdrawn_at,
                "registered_at": item.registered_at,
            }
            for number, item in enumerate(consents, start=self._last_number() + 1)
        ]
        for item in consents:  # the last decision counts: what stood before it must not stand again in an older copy
            self._note_ends(item.registered_at, C.pupil == item.pupil, C.scope == item.scope.value)
        if rows:
            self.connection.execute(insert(table_of(ConsentRow)), rows)
            self.remember(consents)

    def remember(self, consents: Sequence[Consent]) -> None:
        """Know decisions again, whatever becomes of their rows."""
        rows = [{"school": self.school, "name": name} for name in sorted({self._name(one) for one in consents})]
        upsert_into(self.connection, table_of(KnownDecisionRow), rows, key=("school", "name"))

    def were_registered(self, consents: Sequence[Consent]) -> list[bool]:
        """Tell of each decision whether it was ever registered, even if no row tells of it any more."""
        names, known = [self._name(one) for one in consents], set[str]()
        for chunk in chunked(set(names)):
            known.update(
                self.connection.execute(select(D.name).where(D.school == self.school, D.name.in_(chunk))).scalars()
            )
        return [name in known for name in names]

    def _name(self, one: Consent) -> str:
        told = (one.pupil, one.scope.value, one.decision.value, one.document, one.valid_from, one.valid_until)
        return self.keys.name("\n".join(map(str, told)))

    def _last_number(self) -> int:
        """Return the highest number ever given: those of erased and of forgotten ones are given to nobody else."""
        given = (func.max(C.id), func.max(table_of(ErasureRow).c.consents))
        purged = MarkTable(self.connection, EVERY_SCHOOL).get(LAST_CONSENT)
        last = [self.connection.execute(select(one)).scalar_one() or 0 for one in given]
        return max(*last, int(purged[0]) if purged else 0)

    def of(self, pupils: Iterable[str] | None = None) -> dict[str, list[Consent]]:
        """Return every decision of these pupils (of all of them by default), by pupil id."""
        found: dict[str, list[Consent]] = {}
        mine = select(table_of(ConsentRow)).where(C.school == self.school).order_by(C.id)
        parts = [mine] if pupils is None else [mine.where(C.pupil.in_(chunk)) for chunk in chunked(set(pupils))]
        for part in parts:
            for row in self.connection.execute(part):
                found.setdefault(row.pupil, []).append(self._consent(row))
        return found

    def _closed(self, item: Consent) -> bytes:
        return self.keys.close(item.document.encode(), item.pupil, *place_of(item.pupil, item.registered_at))

    def _consent(self, row: Row[Any]) -> Consent:
        document = self.keys.open(row.payload, row.pupil, *place_of(row.pupil, row.registered_at)).decode()
        return Consent(
            row.id, row.pupil, Scope(row.scope), Decision(row.decision), row.given_by, document,
            row.valid_from, row.valid_until, row.withdrawn_at, row.registered_at,
        )  # fmt: skip

    def withdraw(self, numbers: Sequence[int], at: datetime) -> None:
        """Mark decisions as withdrawn."""
        for chunk in chunked(numbers):
            self._note_ends(at, C.id.in_(chunk))
            ending = update(table_of(ConsentRow)).where(C.school == self.school, C.id.in_(chunk))
            self.connection.execute(ending.values(withdrawn_at=at))

    def _note_ends(self, at: datetime, *which: ColumnElement[bool]) -> None:
        granted = (C.school == self.school, C.decision == Decision.GRANTED.value, C.withdrawn_at.is_(None), *which)
        rows = self.connection.execute(select(C.pupil, C.scope, C.registered_at).where(*granted))
        self.ended.extend(Ended(pupil, scope, registered_at, at) for pupil, scope, registered_at in rows)

    def in_effect(self, pupils: Iterable[str] | None = None) -> dict[str, Permission]:
        """Return the permissions (of these pupils, or all) that outbox and sinks were brought in line with."""
        wanted = _IN_EFFECT if pupils is None else _IN_EFFECT_OF
        parts = [{}] if pupils is None else [{"pupils": chunk} for chunk in chunked(set(pupils))]
        return {
            pupil: Permission(allowed, Ground(ground), number)
            for part in parts
            for pupil, allowed, ground, number in self.connection.execute(wanted, {"school": self.school, **part})
        }

    def put_in_effect(self, permissions: Mapping[str, Permission], at: datetime) -> None:
        """Remember permissions as in effect."""
        rows = [
            {
                "school": self.school,
                "pupil": pupil,
                "allowed": item.allowed,
                "ground": item.ground.value,
                "consent_number": item.consent_number,
                "since": at,
            }
            for pupil, item in permissions.items()
        ]
        upsert_into(self.connection, table_of(PermissionRow), rows, key=("school", "pupil"))
