"""offer: compose gate and enqueue: hand changes to every sink, and follow families' decisions as they take effect."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from ejsync.domain.changes import Change, Known, Op
from ejsync.domain.conclusions import CONCLUDED
from ejsync.domain.consent import pupil_of, scope_of
from ejsync.domain.records import Kind, owner_pupil
from ejsync.pipeline.enqueue import Circumstances, Enqueued, enqueue
from ejsync.pipeline.gate import Gate, Turn, gate_in_effect, turns
from ejsync.pipeline.ports import KindKey, Transaction, Wiring

PAGE = 2000


def offer(
    wiring: Wiring,
    tx: Transaction,
    changes: Sequence[Change],
    held: Mapping[str, Mapping[KindKey, str]] | None = None,
    *,
    hidden: Mapping[KindKey, datetime] | None = None,
) -> Enqueued:
    """Queue changes for every sink of the school and add up what became of them (the first sink's withheld count).

    A change of what waits for approval already waits with it, unless it brings back what the sink holds.

    Args:
        held: for each sink, the held batch of the keys that wait for approval.
        hidden: when the day of a change was last read without showing it, where that is known.
    """
    closed, at = _closed(tx, changes), wiring.clock.now()
    total = Enqueued()
    keys = [(change.kind, change.key) for change in changes]
    for sink in every_sink(wiring, tx):
        # A conclusion waits in no hold of old: what it rests on waits for nobody, or it would not have been drawn.
        standing = tx.outbox.holds(sink, [key for key in keys if key[0] not in CONCLUDED])
        circumstances = Circumstances(closed, (held or {}).get(sink, {}), standing, hidden or {})
        done = enqueue(tx, sink, changes, circumstances, at)
        total = Enqueued(
            total.queued + done.queued, total.held + done.held, done.withheld, total.settled + done.settled
        )
    return total


def every_sink(wiring: Wiring, tx: Transaction) -> list[str]:
    """Return the sinks of the settings, and those that joined once and were taken out: they may come back."""
    return [*wiring.sinks, *sorted(tx.marks.known_sinks() - wiring.sinks.keys())]


def offer_again(
    wiring: Wiring, tx: Transaction, sink: str, keys: Sequence[KindKey], *, held: Mapping[KindKey, str] | None = None
) -> Enqueued:
    """Queue keys once more as they stand now; what waits for approval goes on waiting for it.

    Args:
        held: the held batch of keys that shall wait for approval from now on.
    """
    return _offer_standing(wiring, tx, sink, list(tx.records.known_keys(keys).values()), held)


def offer_everything(wiring: Wiring, tx: Transaction, sink: str) -> int:
    """Queue every live record that a sink does not hold and return how many that were: a sink that is new knows none.

    Permissions are respected as they are in effect; what waits for approval goes on waiting for it.
    """
    queued, after = 0, None
    while rows := tx.records.live_after(after, PAGE):
        queued += _offer_standing(wiring, tx, sink, rows).queued
        after = (rows[-1].kind, rows[-1].key)
    return queued


def _offer_standing(
    wiring: Wiring, tx: Transaction, sink: str, rows: Sequence[Known], held: Mapping[KindKey, str] | None = None
) -> Enqueued:
    changes = [standing_change(row) for row in rows]
    standing = tx.outbox.holds(sink, [(row.kind, row.key) for row in rows])
    circumstances = Circumstances(_closed(tx, changes), held or {}, standing)
    return enqueue(tx, sink, changes, circumstances, wiring.clock.now())


def _closed(tx: Transaction, changes: Sequence[Change]) -> frozenset[str]:
    gate = gate_in_effect(tx, (change.pupil for change in changes))
    return frozenset({c.pupil for c in changes if c.pupil is not None and not gate.lets_pass(c.pupil)})


def standing_change(row: Known) -> Change:
    """Return the change that would bring a sink to what is known now, under the present version."""
    op = Op.RETRACT if row.gone else Op.UPSERT
    return Change(op, row.kind, row.key, row.owner, row.pupil, row.day, row.version, row.fingerprint, b"")


def follow_consents(wiring: Wiring, tx: Transaction, pupils: Collection[str] | None = None) -> Gate:
    """Bring decisions (of these pupils, or all) that have become valid or have ended into effect; return their gate.

    A pupil whose permission ends: what is at a sink is retracted first of all, what waits is dropped.
    A pupil whose permission begins: all that is known of him is queued.
    """
    at = wiring.clock.now()
    for turn in turns(wiring, tx, at, pupils):
        tx.consents.put_in_effect({turn.subject: turn.now}, at)
        records = _turn(wiring, tx, turn, at) if turn.now.allowed != turn.before.allowed else 0
        tx.audit.append("consent.took_effect", _details(wiring, turn, records), at)
    return Gate(tx.consents.in_effect(pupils))


def _turn(wiring: Wiring, tx: Transaction, turn: Turn, at: datetime) -> int:
    ends = not turn.now.allowed  # then even what is gone here may still be there: its retraction was held or given up
    pupil = pupil_of(turn.subject)
    known = tx.records.known_of(owner_pupil(pupil), gone=ends)
    known += [row for row in tx.records.known_keys([(Kind.PUPIL, pupil)]).values() if ends or not row.gone]
    known = [row for row in known if row.pupil == turn.subject]
    changes = [replace(standing_change(row), version=row.version + 1) for row in known]
    tx.records.bump(changes, at)
    closed = frozenset({turn.subject}) if ends else frozenset[str]()
    for sink in every_sink(wiring, tx):
        standing = tx.outbox.holds(sink, [(change.kind, change.key) for change in changes])
        enqueue(tx, sink, changes, Circumstances(closed, standing=standing), at)
    return sum(change.op is Op.UPSERT for change in changes)


def _details(wiring: Wiring, turn: Turn, records: int) -> dict[str, Any]:
    return {
        "pupil": wiring.keyring.pseudonym(pupil_of(turn.subject)),
        "scope": scope_of(turn.subject).value,
        "allowed": turn.now.allowed,
        "ground": turn.now.ground.value,
        "consent": turn.now.consent_number,
        "records": records,
    }
