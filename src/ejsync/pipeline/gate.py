"""gate: who may leave at this moment; asked when a change is found and again when its batch is claimed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from ejsync.domain.consent import NOBODY_ASKED, Consent, Permission, Scope, permission, pupil_of, subject_of
from ejsync.pipeline.ports import Transaction, Wiring


@dataclass(frozen=True, slots=True)
class Gate:
    """The permissions in effect; what belongs to no single pupil passes always."""

    permissions: Mapping[str, Permission]

    def of(self, pupil: str | None) -> Permission | None:
        """Return the permission of a pupil; None for what is nobody's personal result."""
        return None if pupil is None else self.permissions.get(pupil, NOBODY_ASKED)

    def lets_pass(self, pupil: str | None) -> bool:
        """Tell whether a record of this pupil may leave."""
        found = self.of(pupil)
        return found is None or found.allowed


@dataclass(frozen=True, slots=True)
class Turn:
    """A pupil whose permission is no longer what was in effect; `subject` names him and the scope."""

    subject: str
    before: Permission
    now: Permission


def gate_in_effect(tx: Transaction, pupils: Iterable[str | None]) -> Gate:
    """Return the gate as it was last brought into effect for these pupils."""
    return Gate(tx.consents.in_effect(pupil for pupil in pupils if pupil is not None))


def turns(wiring: Wiring, tx: Transaction, moment: datetime, pupils: Iterable[str] | None = None) -> list[Turn]:
    """Compare what families (of these pupils, or all) have decided, at this moment, with what is in effect."""
    asked = None if pupils is None else {pupil_of(pupil) for pupil in pupils}
    subjects = None if asked is None else {subject_of(pupil, scope) for pupil in asked for scope in Scope}
    in_effect = tx.consents.in_effect(subjects)
    decided: dict[str, list[Consent]] = {}
    for consent in (one for of_pupil in tx.consents.of(asked).values() for one in of_pupil):
        decided.setdefault(subject_of(consent.pupil, consent.scope), []).append(consent)
    found = []
    for subject in sorted({*in_effect, *decided}):
        now = permission(decided.get(subject, ()), moment, wiring.zone)
        before = in_effect.get(subject, NOBODY_ASKED)
        if now != before:
            found.append(Turn(subject, before, now))
    return found
