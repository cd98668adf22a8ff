"""registering: families' decisions enter the store and take effect in the same transaction."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from ejsync.domain.consent import Consent, Decision, Scope
from ejsync.errors import NotFound
from ejsync.pipeline.offer import follow_consents
from ejsync.pipeline.ports import Wiring


def register(wiring: Wiring, consents: Sequence[Consent], *, origin: str) -> Counter[str]:
    """Register decisions, all or nothing, and return their count by decision.

    Args:
        origin: where they came from, e.g. the digest of the imported file; never a person's name.

    Raises:
        StoreError: the database cannot be used.
    """
    at = wiring.clock.now()
    counts = Counter(consent.decision.value for consent in consents)
    with wiring.store.begin(wiring.school) as tx:
        tx.consents.register(consents)
        details = {"origin": origin, "counts": counts, "decisions": [_decision(wiring, item) for item in consents]}
        tx.audit.append("consent.registered", details, at)
        follow_consents(wiring, tx)
    return counts


def withdraw(wiring: Wiring, pupil: str, scope: Scope = Scope.RESULTS) -> int:
    """Withdraw what a family has granted: from now on nothing leaves, and what left is called back.

    Returns:
        How many decisions that ended.

    Raises:
        NotFound: there is no granted consent of this pupil and scope.
    """
    at = wiring.clock.now()
    with wiring.store.begin(wiring.school) as tx:
        granted = [item.number for item in tx.consents.of([pupil]).get(pupil, ()) if _stands(item, scope)]
        if not granted:
            raise NotFound(what="consent", name=pupil, listing="ejsync consent list")
        tx.consents.withdraw(granted, at)
        details = {"pupil": wiring.keyring.pseudonym(pupil), "scope": scope.value, "consents": granted}
        tx.audit.append("consent.withdrawn", details, at)
        follow_consents(wiring, tx)
    return len(granted)


def _stands(consent: Consent, scope: Scope) -> bool:
    return consent.scope is scope and consent.decision is Decision.GRANTED and consent.withdrawn_at is None


def _decision(wiring: Wiring, consent: Consent) -> list[Any]:
    until = consent.valid_until.isoformat() if consent.valid_until else None
    pupil = wiring.keyring.pseudonym(consent.pupil)
    return [pupil, consent.scope.value, consent.decision.value, consent.valid_from.isoformat(), until]
