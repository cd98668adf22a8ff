"""mend: bring `delivered` in line with what a sink really holds, and offer again what it should hold instead."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from ejsync.domain.batches import BatchState
from ejsync.domain.changes import Known, Op
from ejsync.domain.comparing import Difference, is_behind, version_to_send
from ejsync.domain.records import Kind
from ejsync.domain.standing import BatchRow, Delivered
from ejsync.pipeline.absorb import new_id
from ejsync.pipeline.gate import Gate, gate_in_effect
from ejsync.pipeline.offer import every_sink, offer_again, standing_change
from ejsync.pipeline.ports import KindKey, Transaction, Wiring

DOUBTFUL = ""
"""A fingerprint that no record has: nobody knows what the sink holds."""


class Repair(StrEnum):
    """What a comparison may change: nothing, what the sink has lost (all that happens by night), all we know."""

    NOTHING = "nothing"
    LOST = "lost"
    ALL = "all"


class Cure(StrEnum):
    """What can be done about a difference.

    `send`: offer the key again; `retract`: it is gone here and stands there; `ask`: the sink is ahead of us or cannot
    be read, and only a person may decide; `tell`: we never knew the key, so it is somebody else's.
    """

    SEND = "send"
    RETRACT = "retract"
    ASK = "ask"
    TELL = "tell"


@dataclass(frozen=True, slots=True)
class Ledger:
    """What is known here of keys that differ, and who may leave."""

    known: Mapping[KindKey, Known]
    gate: Gate

    @classmethod
    def of(cls, tx: Transaction, differences: Iterable[Difference]) -> "Ledger":
        """Look the keys up."""
        known = tx.records.known_keys((one.kind, one.key) for one in differences)
        return cls(known, gate_in_effect(tx, (row.pupil for row in known.values())))

    def cure(self, one: Difference) -> Cure:
        """Say what can be done about a difference."""
        row = self.known.get((one.kind, one.key))
        if row is None:
            return Cure.SEND if one.theirs is None else Cure.TELL
        if not self.gate.lets_pass(row.pupil):
            return Cure.SEND  # the end of a consent waits for nobody
        if not is_behind(one.theirs, row):
            return Cure.ASK
        return Cure.RETRACT if row.gone and one.theirs is not None else Cure.SEND

    def retracts(self, one: Difference) -> bool:
        """Tell whether mending takes away what no consent takes away."""
        row = self.known.get((one.kind, one.key))
        return row is not None and row.gone and one.theirs is not None and self.gate.lets_pass(row.pupil)

    def wanted(self, row: Known) -> bool:
        """Tell whether a sink shall hold a key."""
        return not row.gone and self.gate.lets_pass(row.pupil)


@dataclass(slots=True)
class Mended:
    """What a repair queued, and what it holds for approval.

    Attributes:
        holding: retractions are a mass and wait for approval.
        hold: the batch in which they do.
    """

    holding: bool = False
    queued: int = 0
    held: int = 0
    hold: str | None = None


def within(repair: Repair, cure: Cure) -> bool:
    """Tell whether a repair goes so far."""
    if repair is Repair.LOST:
        return cure in {Cure.SEND, Cure.RETRACT}
    return repair is Repair.ALL and cure is not Cure.TELL


def mend(wiring: Wiring, tx: Transaction, sink: str, found: Sequence[Difference], done: Mended) -> None:
    """Correct what is remembered of a sink and queue what it lacks; `done` is added to."""
    ledger, at = Ledger.of(tx, found), wiring.clock.now()
    tx.comparisons.correct(sink, [((one.kind, one.key), _truth(one, ledger)) for one in found], at)
    raised = _raise(tx, ledger, found, at)
    takes_away = [(one.kind, one.key) for one in found if done.holding and ledger.retracts(one)]
    held: dict[KindKey, str] = {}
    if takes_away:
        done.hold = done.hold or _hold(wiring, tx, sink, takes_away[0][0], at)
        held = dict.fromkeys(takes_away, done.hold)
    offered = offer_again(wiring, tx, sink, [(one.kind, one.key) for one in found], held=held)
    for other in every_sink(wiring, tx):  # versions are shared: what waits for another sink must not fall behind
        if other != sink and raised:
            offer_again(wiring, tx, other, raised)
    done.queued += offered.queued
    done.held += offered.held


def _truth(one: Difference, ledger: Ledger) -> Delivered | None:
    if one.theirs is None:
        return None
    version, fingerprint = one.theirs.version, one.theirs.fingerprint
    if version is not None and fingerprint is not None:
        return Delivered(version, fingerprint, live=True)
    return Delivered(version or ledger.known[one.kind, one.key].version, DOUBTFUL, live=True)


def _raise(tx: Transaction, ledger: Ledger, found: Sequence[Difference], at: datetime) -> list[KindKey]:
    """Go beyond the versions that the sink holds of what shall change there; returns the keys."""
    changes = []
    for one in found:
        row = ledger.known.get((one.kind, one.key))
        version = version_to_send(one.theirs, row, wanted=ledger.wanted(row)) if row else 0
        if row and version > row.version:
            changes.append(replace(standing_change(row), version=version))
    tx.records.bump(changes, at)
    return [(change.kind, change.key) for change in changes]


def _hold(wiring: Wiring, tx: Transaction, sink: str, kind: Kind, at: datetime) -> str:
    batch, mass = new_id(wiring), f"{Op.RETRACT} {kind}"
    row = BatchRow(batch, wiring.school, sink, BatchState.HELD, batch, f"reconcile: {mass}", at, at)
    tx.batches.add(row, (), b"", "")
    tx.audit.append("batch.held", {"batch": batch, "sink": sink, "window": "reconcile", "mass": mass}, at)
    return batch
