"""registering: families' decisions enter the store and take effect in the same transaction."""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from typing import Any

from ejsync.domain.consent import Consent, Decision, Scope
from ejsync.domain.erasure import Step
from ejsync.domain.records import Feed
from ejsync.errors import BadInput, NotFound
from ejsync.pipeline.kept_out import door
from ejsync.pipeline.ledgers import Consents
from ejsync.pipeline.offer import follow_consents
from ejsync.pipeline.ports import Transaction, Wiring
from ejsync.wording import N_, say


def register(wiring: Wiring, consents: Sequence[Consent], *, origin: str) -> Counter[str]:
    """Register decisions, all or nothing, and return their count by decision.

    Args:
        origin: where they came from, e.g. the digest of the imported file; never a person's name.

    Raises:
        BadInput: one of the pupils is being erased at this moment.
        StoreError: the database cannot be used.
    """
    chosen = register_chosen(wiring, lambda _: consents, origin=origin)
    return Counter(consent.decision.value for consent in chosen)


def register_chosen(
    wiring: Wiring, choose: Callable[[Consents], Sequence[Consent]], *, origin: str
) -> Sequence[Consent]:
    """Register what is chosen when it is known what is registered; nobody decides anything in between.

    Raises:
        BadInput: one of the pupils is being erased at this moment.
        StoreError: the database cannot be used.
    """
    at = wiring.clock.now()
    with wiring.store.begin(wiring.school) as tx:
        consents = choose(tx.consents)
        if not consents:
            return consents
        _let_in(wiring, tx, {one.pupil for one in consents if one.decision is Decision.GRANTED})
        tx.consents.register(consents)
        counts = Counter(consent.decision.value for consent in consents)
        details = {"origin": origin, "counts": counts, "decisions": [_decision(wiring, item) for item in consents]}
        tx.audit.append("consent.registered", details, at)
        follow_consents(wiring, tx)
    return consents


def _let_in(wiring: Wiring, tx: Transaction, pupils: Collection[str]) -> None:
    """Let pupils in again who were erased; every page is read anew, because he was left out of it.

    Raises:
        BadInput: one of them is being erased at this moment.
    """
    at = wiring.clock.now()
    for pupil in sorted(door(wiring, tx, pupils).closed):
        pseudonym = wiring.keyring.pseudonym(pupil)
        if any(one.step is not Step.DONE for one in tx.erasures.of(pseudonym)):
            what = say(N_("consent of pupil {pupil}"), pupil=pupil)
            raise BadInput(what=what, faults=(say(N_("he is being erased; once that is done a consent may be given")),))
        tx.erasures.lift(pseudonym, at, nth=tx.keys.destroyed(pupil))
        tx.audit.append("erasure.lifted", {"pupil": pseudonym}, at)
        for feed in Feed:
            tx.readings.drop_pages(feed, at)


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
