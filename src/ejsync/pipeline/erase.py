"""erase: destroy what is held of a pupil, here and at the diaries, step by step; who was killed goes on where he was.

Each step is one commit and may be taken by any process: the operator's command, or the working instance at its turns.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any, Protocol

from ejsync.domain.backoff import retry_delay_s, still_waits
from ejsync.domain.batches import BatchState
from ejsync.domain.changes import Change, Known, retraction
from ejsync.domain.comparing import Silent
from ejsync.domain.consent import Decision
from ejsync.domain.erasure import Answer, Erasure, KeptOut, Order, Step
from ejsync.domain.records import owner_pupil
from ejsync.errors import EjsyncError, NotFound
from ejsync.pipeline.absorb import void_healed_holds
from ejsync.pipeline.claim import call_off
from ejsync.pipeline.enqueue import Circumstances, enqueue
from ejsync.pipeline.offer import follow_consents
from ejsync.pipeline.ordering import counted, ordered
from ejsync.pipeline.ports import Transaction, Wiring

CALLED_OFF = "erased"


class Surfaces(Protocol):
    """What lies outside of one transaction: free pages, copies, files; and the paper on which the act stands."""

    def sweep(self, school: str, pupil: str) -> dict[str, Any]:
        """Take a pupil out of free pages, backups and files beside the store; returns what was swept and what not."""
        ...

    def write_act(self, school: str, erasure: Erasure) -> dict[str, Any]:
        """Write the act of destruction and return its files with their digests; writing it again changes nothing."""
        ...

    def flush(self) -> bool:
        """Empty the log of recent writes; tells whether nothing is left in it."""
        ...


def begin(wiring: Wiring, order: Order) -> Erasure:
    """Destroy the pupil's key, end his consents, call back what diaries hold; go on with an erasure that has begun.

    One that is done is returned as it is, if nothing of him has come since.

    Raises:
        NotFound: nothing is held of this pupil.
        StoreError: the store or a file of keys cannot be written.
    """
    return _destroy(wiring, ordered(wiring, order))


def _destroy(wiring: Wiring, erasure: Erasure) -> Erasure:
    at = wiring.clock.now()
    with wiring.store.begin(wiring.school) as tx:
        now = tx.erasures.get(erasure.number)
        if now.step is not Step.ORDERED:
            return now
        pupil = _pupil(now)
        found = counted(wiring, tx, pupil)
        _end_consents(wiring, tx, pupil)
        _call_back(wiring, tx, pupil, found.diaries)
        void_healed_holds(wiring, tx)
        tx.erasures.empty(pupil)
        tx.keys.destroy([pupil], nth=now.nth)
        told = {"kinds": {one.kind.value: one.count for one in found.kinds}, "rows": found.rows}
        details = {"erasure": now.number, "pupil": now.pseudonym, "consents": list(found.consents), **told}
        tx.audit.append("erasure.begun", details, at)
        return tx.erasures.advance(now, Step.BEGUN, at, {**told, "diaries": list(found.diaries)})


def leave_out(wiring: Wiring, number: int, sinks: Collection[str]) -> None:
    """Wait for these diaries no longer: people tell them by other means, and the act says so.

    Raises:
        NotFound: the erasure has nothing to do with one of them.
    """
    at = wiring.clock.now()
    with wiring.store.begin(wiring.school) as tx:
        for sink in sinks:
            erasure = tx.erasures.get(number)
            if sink not in {*erasure.diaries, *wiring.sinks}:
                raise NotFound(what="diary", name=sink, listing="ejsync privacy erase PUPIL --dry-run")
            if not erasure.answered(sink):
                _note_answer(tx, erasure, sink, Answer.LEFT_OUT, 0, at)


def _note_answer(tx: Transaction, erasure: Erasure, sink: str, *what: Any) -> None:
    kind, records, at = what
    tx.erasures.note(erasure.number, sink, {"answer": kind.value, "records": records, "at": at.isoformat()})
    told = {"erasure": erasure.number, "pupil": erasure.pseudonym, "sink": sink}
    tx.audit.append("erasure.told", {**told, "answer": kind.value, "records": records}, at)


def _end_consents(wiring: Wiring, tx: Transaction, pupil: str) -> None:
    at, standing = wiring.clock.now(), [one for one in tx.consents.of([pupil]).get(pupil, ()) if _stands(one)]
    for scope in sorted({one.scope for one in standing}):
        numbers = [one.number for one in standing if one.scope is scope]
        tx.consents.withdraw(numbers, at)
        details = {"pupil": wiring.keyring.pseudonym(pupil), "scope": scope.value, "consents": numbers}
        tx.audit.append("consent.withdrawn", details, at)
    follow_consents(wiring, tx, {pupil})


def _stands(consent: Any) -> bool:
    return consent.decision is Decision.GRANTED and consent.withdrawn_at is None


def _call_back(wiring: Wiring, tx: Transaction, pupil: str, diaries: Iterable[str]) -> None:
    """Let all of him be gone, as if he had left the school, and retract it before anything else."""
    at, known = wiring.clock.now(), tx.erasures.known_of(pupil)
    changes = [_gone(row, pupil) for row in known]
    tx.records.save(changes, at)
    subjects = frozenset(change.pupil for change in changes if change.pupil is not None)
    for sink in diaries:
        enqueue(tx, sink, changes, Circumstances(withheld=subjects), at)
    tx.readings.forget([owner_pupil(pupil)])
    for batch in tx.erasures.batches_of(pupil):
        row = tx.batches.get(batch)
        if row.state is BatchState.PENDING:
            call_off(wiring, tx, row, CALLED_OFF)


def _gone(row: Known, pupil: str) -> Change:
    """Retract what is nobody's personal result as urgently as what is: it is his all the same."""
    return replace(retraction(row), pupil=row.pupil or pupil)


def advance(wiring: Wiring, number: int, surfaces: Surfaces) -> Erasure:
    """Take as many steps as can be taken now; what waits for a diary is taken up again at a later turn.

    Raises:
        StoreError: the store is in use or cannot be written; calling again goes on.
        PaperFailed: the act cannot be set.
    """
    while True:
        with wiring.store.read(wiring.school) as tx:
            before = tx.erasures.get(number)
        after = _step(wiring, before, surfaces)
        if after.step is before.step:
            return after


def _step(wiring: Wiring, erasure: Erasure, surfaces: Surfaces) -> Erasure:
    if erasure.step in _INSIDE:
        return _INSIDE[erasure.step](wiring, erasure)
    match erasure.step:
        case Step.DELETED:
            swept = surfaces.sweep(wiring.school, _pupil(erasure))
            return _close(wiring, erasure, Step.SWEPT, {"swept": swept})
        case Step.SWEPT:
            written = surfaces.write_act(wiring.school, erasure)
            return _close(wiring, erasure, Step.WITNESSED, {"act": written})
        case Step.WITNESSED if surfaces.flush():
            return _close(wiring, erasure, Step.DONE, {})
        case _:
            return erasure


def _pupil(erasure: Erasure) -> str:
    assert erasure.order is not None  # until the act is written
    return erasure.order.pupil


def _tell(wiring: Wiring, erasure: Erasure) -> Erasure:
    """Ask every diary that has taken all retractions to erase him; go on once none is left to ask.

    One that holds him and is in the settings no more is waited for until it is back, or people leave it out.
    """
    for sink in wiring.sinks:
        if not erasure.answered(sink):
            _ask(wiring, erasure, sink)
    with wiring.store.begin(wiring.school) as tx:
        now = tx.erasures.get(erasure.number)
        if now.step is not Step.BEGUN or not all(map(now.answered, {*wiring.sinks, *now.diaries})):
            return now
        return tx.erasures.advance(now, Step.TOLD, wiring.clock.now())


def _ask(wiring: Wiring, erasure: Erasure, sink: str) -> None:
    """Ask one diary, unless something of him is still on its way there or it failed a short time ago."""
    with wiring.store.read(wiring.school) as tx:
        waits = tx.erasures.waits(_pupil(erasure), sink)
    if waits or still_waits(erasure.retry_at(sink), wiring.clock.now(), asked=False):
        return
    try:
        answer = wiring.sinks[sink].erase(wiring.school, _pupil(erasure))
    except EjsyncError as error:
        _note_failure(wiring, erasure, sink, error)
        return
    at = wiring.clock.now()
    kind = Answer.NOT_REPRESENTABLE if isinstance(answer, Silent) else Answer.CONFIRMED
    records = 0 if isinstance(answer, Silent) else answer
    with wiring.store.begin(wiring.school) as tx:
        if not tx.erasures.get(erasure.number).answered(sink):  # another process may have been faster
            _note_answer(tx, erasure, sink, kind, records, at)


def _note_failure(wiring: Wiring, erasure: Erasure, sink: str, error: EjsyncError) -> None:
    attempts = int(erasure.told.get(sink, {}).get("attempts", 0)) + 1
    retry_at = wiring.clock.now() + timedelta(seconds=retry_delay_s(attempts, wiring.rng))
    with wiring.store.begin(wiring.school) as tx:
        told = {"error": error.code, "attempts": attempts, "retry_at": retry_at.isoformat()}
        tx.erasures.note(erasure.number, sink, told)


def _delete(wiring: Wiring, erasure: Erasure) -> Erasure:
    """Delete his rows; what still waits for a diary that is left out is given up."""
    at = wiring.clock.now()
    with wiring.store.begin(wiring.school) as tx:
        now = tx.erasures.get(erasure.number)
        diaries = [sink for sink in {*wiring.sinks, *now.diaries} if not now.is_left_out(sink)]
        if now.step is not Step.TOLD or any(tx.erasures.waits(_pupil(erasure), sink) for sink in diaries):
            return now
        deleted = tx.erasures.scrub(_pupil(erasure), erasure.number)
        return _closed(tx, erasure, Step.DELETED, {"deleted": deleted}, at)


_INSIDE = {Step.ORDERED: _destroy, Step.BEGUN: _tell, Step.TOLD: _delete}
"""Steps that need nothing but the store and the diaries."""


def _close(wiring: Wiring, erasure: Erasure, step: Step, found: dict[str, Any]) -> Erasure:
    """Commit a step whose work lies outside of the database; done twice it is noted once."""
    with wiring.store.begin(wiring.school) as tx:
        now = tx.erasures.get(erasure.number)
        return now if now.step is not erasure.step else _closed(tx, erasure, step, found, wiring.clock.now())


def _closed(tx: Transaction, erasure: Erasure, step: Step, found: dict[str, Any], at: Any) -> Erasure:
    told = {"erasure": erasure.number, "pupil": erasure.pseudonym, **found}
    tx.audit.append(f"erasure.{step.value}", told, at)
    return tx.erasures.advance(erasure, step, at, found)


def returned(wiring: Wiring) -> list[str]:
    """Return pupils whose keys tell of more erasures than the store: it was put back from an older copy."""
    with wiring.store.read(wiring.school) as tx:
        known, hide = tx.erasures.kept_out(), wiring.keyring.pseudonym
        return sorted(
            one for one in tx.erasures.pupils() if tx.keys.destroyed(one) > known.get(hide(one), KeptOut()).nth
        )
