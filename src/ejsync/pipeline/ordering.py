"""ordering: what an erasure of a pupil is about, and the note of who ordered it and why, before anything is done."""

from dataclasses import dataclass

from ejsync.domain.consent import Decision
from ejsync.domain.erasure import Erasure, KeptOut, KindHeld, Order, Step
from ejsync.errors import NotFound
from ejsync.pipeline.ports import Transaction, Wiring


@dataclass(frozen=True, slots=True)
class Extent:
    """What an erasure of a pupil is about, counted before anything is done.

    Attributes:
        kinds: live records by kind.
        rows: rows by table, everything included.
        consents: numbers of the family's decisions that stand.
        diaries: those of the settings, and others that hold anything of him.
    """

    kinds: tuple[KindHeld, ...]
    rows: dict[str, int]
    consents: tuple[int, ...]
    diaries: tuple[str, ...]


def extent(wiring: Wiring, tx: Transaction, pupil: str) -> Extent:
    """Count what is held of a pupil.

    Raises:
        NotFound: nothing is, and no erasure of him is under way.
    """
    found, before = counted(wiring, tx, pupil), tx.erasures.of(wiring.keyring.pseudonym(pupil))
    if not found.rows and all(one.lifted_at is not None for one in before):  # one that is done counts as known
        raise NotFound(what="pupil", name=pupil, listing="ejsync consent list")
    return found


def counted(wiring: Wiring, tx: Transaction, pupil: str) -> Extent:
    """Count what is held of a pupil; nothing is an answer too."""
    granted = [one.number for one in tx.consents.of([pupil]).get(pupil, ()) if one.decision is Decision.GRANTED]
    diaries = sorted({*wiring.sinks, *tx.erasures.holders(pupil)})
    return Extent(tuple(tx.erasures.held_of(pupil)), tx.erasures.rows_of(pupil), tuple(granted), tuple(diaries))


def finished(wiring: Wiring, pupil: str) -> Erasure | None:
    """Return the last erasure of a pupil if it is done and nothing of him has come since; None for anything else."""
    with wiring.store.read(wiring.school) as tx:
        return _finished(wiring, tx, pupil)


def _finished(wiring: Wiring, tx: Transaction, pupil: str) -> Erasure | None:
    before = tx.erasures.of(wiring.keyring.pseudonym(pupil))[-1:]
    done = [one for one in before if one.step is Step.DONE and one.lifted_at is None]
    return done[0] if done and not tx.erasures.rows_of(pupil) else None


def ordered(wiring: Wiring, order: Order) -> Erasure:
    """Note who ordered it and why: what a kill leaves half done is then gone on with under the same words.

    An erasure under way is returned as it is, and so is one that is done, if nothing of the pupil has come since.

    Raises:
        NotFound: nothing is held of this pupil.
    """
    pupil, pseudonym = order.pupil, wiring.keyring.pseudonym(order.pupil)
    with wiring.store.begin(wiring.school) as tx:
        for before in tx.erasures.of(pseudonym):
            if before.step is not Step.DONE:
                return before
        if (done := _finished(wiring, tx, pupil)) is not None:
            return done
        extent(wiring, tx, pupil)
        known = tx.erasures.kept_out().get(pseudonym, KeptOut())
        nth = max(tx.keys.destroyed(pupil), known.nth) + 1
        number = tx.erasures.add(pseudonym, order, tx.erasures.floor_of(pupil), wiring.clock.now(), nth=nth)
        return tx.erasures.get(number)
