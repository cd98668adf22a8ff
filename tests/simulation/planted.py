"""Deliberate bugs, each switched on alone: a simulation that cannot find them proves nothing.

Each is a few lines over one function of the service; `PLANTED` maps its name to what plants it, and to the faults of
which a seed needs one to have a chance of finding it (none: any seed has).
"""

import fcntl
from dataclasses import replace
from uuid import uuid4

from ejsync.domain import changes
from ejsync.domain.batches import BatchState, ItemAnswer, ItemState, Status
from ejsync.domain.changes import Op
from ejsync.domain.reads import PageMark
from ejsync.domain.standing import Normalised
from ejsync.errors import SinkUnavailable
from ejsync.pipeline import claim, deliver, detect, enqueue, isolate, offer, settle, sync
from ejsync.pipeline.gate import gate_in_effect
from ejsync.sinks.ed import client
from ejsync.sources.eljur.client.pacing import Pacer
from ejsync.store.batch_table import BatchTable
from ejsync.store.decision_table import DecisionTable
from ejsync.store.outbox_table import OutboxTable
from ejsync.store.progress_table import ProgressTable
from ejsync.transport import Answer
from tests.simulation.planting import PLANTED, bug

__all__ = ["PLANTED"]


def _nothing(_real):
    """Do nothing."""
    return lambda *_args, **_more: None


def _unheld(real):
    """Queue everything as free to go."""
    return lambda self, sink, entries, at: real(self, sink, [replace(entry, hold=None) for entry in entries], at)


OF_ED = tuple(
    f"ed_{kind}" for kind in ("reset_before", "reset_after", "unreached", "lost_answer", "http_500", "truncated")
)
KILLS = ("kill", "kill_and_kill", "kill_reading", "kill_delivery")


@bug(client.EdSink, "push", *OF_ED)
def lost_answer_taken_for_granted(real):
    """An answer that never came counts as yes."""

    def push(self, school, parcel):
        try:
            return real(self, school, parcel)
        except SinkUnavailable:
            return [ItemAnswer(item.position, Status.APPLIED) for item in parcel.items]

    return push


@bug(deliver, "claim", *OF_ED, also=((deliver, "settle_answers", _nothing), (deliver, "settle_failure", _nothing)))
def acknowledged_before_sent(real):
    """What is claimed counts as delivered, whatever becomes of it."""

    def claiming(wiring, tx, sink):
        found = real(wiring, tx, sink)
        if isinstance(found, claim.Claimed):
            now = wiring.clock.now()
            items = tx.batches.items(found.row.batch)
            tx.outbox.settle(sink, items, now)
            tx.batches.move(found.row, BatchState.DELIVERED, settled_at=now)
        return found

    return claiming


@bug(sync, "_take_in", "kill_reading")
def cursor_before_outbox(real):
    """A page is remembered as taken in before it is."""

    def taking(wiring, pulled, *args, **more):
        page = pulled.outcome
        if getattr(page, "digest", ""):
            with wiring.store.begin(wiring.school) as tx:
                tx.readings.keep_page(
                    pulled.window.feed, pulled.window.key(), PageMark(page.digest, wiring.clock.now())
                )
        return real(wiring, pulled, *args, **more)

    return taking


@bug(BatchTable, "parcel", *OF_ED)
def new_key_on_retry(real):
    """Every attempt has a key of its own."""
    return lambda self, batch: replace(real(self, batch), idempotency_key=str(uuid4()))


@bug(BatchTable, "parcel", *OF_ED)
def other_bytes_on_retry(real):
    """A later attempt carries other bytes under the same key."""

    def parcel(self, batch):
        found = real(self, batch)
        return replace(found, body=found.body + b"\0" * 8) if found.attempt > 1 else found

    return parcel


@bug(Answer, "retry_after_s", *(f"ed_{kind}" for kind in ("429_seconds", "429_date", "503_seconds", "503_date")))
def retry_after_ignored(_real):
    """Nobody looks at Retry-After."""
    return lambda self, clock: None


@bug(Pacer, "_pause_s")
def pause_ignored(_real):
    """Requests to a journal follow one another at once."""
    return lambda self: 0.0


@bug(detect, "_silent_owners", "lie_empty", also=((OutboxTable, "put", _unheld),))
def deletion_on_an_empty_page(_real):
    """Silence is taken for disappearance, and a mass is not held."""
    return lambda *_args: set()


@bug(OutboxTable, "put", "lie_shrunken", "operator_approves")
def held_mass_released_by_itself(real):
    """A mass is not held."""
    return _unheld(real)


@bug(OutboxTable, "put")
def lost_tombstone(real):
    """Retractions never reach the outbox."""
    return lambda self, sink, entries, at: real(self, sink, [one for one in entries if one.op is Op.UPSERT], at)


@bug(ProgressTable, "require_epoch", "frozen")
def epoch_not_checked(_real):
    """Who was replaced commits all the same."""
    return lambda self, epoch: None


@bug(fcntl, "flock", "second_instance")
def lock_not_taken(_real):
    """Two instances may work at once."""
    return lambda *_args: None


def _unasked(_real):
    """Follow no consent."""
    return lambda wiring, tx, pupils=None: gate_in_effect(tx, pupils or ())


@bug(claim, "follow_consents", "consent_expires", also=((deliver, "follow_consents", _unasked),))
def consent_not_asked_at_claim(real):
    """Consents are followed by reads alone."""
    return _unasked(real)


@bug(offer, "_turn", "consent_withdrawn", "consent_expires", "consent_swings")
def consent_end_not_retracted(real):
    """What is at the diary stays there when a consent ends."""
    return lambda wiring, tx, turn, at: real(wiring, tx, turn, at) if turn.now.allowed else 0


@bug(enqueue, "_needed")
def judged_by_ever_seen(real):
    """What was ever seen is never sent again: A, B, A leaves B."""
    seen = set()

    def needed(entry, at_sink, *, in_doubt):
        name = entry.kind, entry.key, entry.fingerprint, entry.op
        known = name in seen
        seen.add(name)
        return not known and real(entry, at_sink, in_doubt=in_doubt)

    return needed


@bug(changes, "upsert")
def version_not_raised(real):
    """A change keeps the version of what it changes."""
    return lambda entry, version: real(entry, max(1, version - 1))


@bug(settle, "_overtake", "ed_ahead")
def stale_answer_ignored(real):
    """A diary that is ahead is left so."""
    return _nothing(real)


@bug(isolate, "store_batch", "refused_whole", "ed_413")
def split_loses_its_second_half(real):
    """Of two halves only the first is kept."""
    calls = []

    def store(*args):
        calls.append(args)
        return real(*args) if len(calls) % 2 else None

    return store


@bug(settle, "answered", "poison")
def dead_item_dropped(real):
    """What was rejected counts as delivered."""
    return lambda item, answer: replace(real(item, answer), state=ItemState.DELIVERED)


@bug(DecisionTable, "mark", "operator_replays")
def replayed_twice(real):
    """What was replayed may be replayed again."""

    def mark(self, batch, positions, state):
        return None if state is ItemState.REPLAYED else real(self, batch, positions, state)

    return mark


@bug(claim, "_recover", *KILLS)
def in_flight_not_recovered(real):
    """What a killed process had sent stays in flight."""
    return _nothing(real)


@bug(sync, "_stands", "swing_between_windows")
def page_believed_after_change(_real):
    """A page is known again though another one changed what it shows."""
    return lambda history, page: True


@bug(settle, "retry_delay_s", *OF_ED)
def schedule_given_up(real):
    """After the second failure the next try is a day away."""
    return lambda attempt, rng, **more: real(attempt, rng, **more) if attempt < 2 else 80_000.0


@bug(client, "answers", "poison")
def receipts_by_wrong_position(real):
    """Answers are matched in the wrong order."""

    def answers(document, parcel):
        found = real(document, parcel)
        return [replace(other, position=one.position) for one, other in zip(found, reversed(found), strict=True)]

    return answers


@bug(claim, "witness_claim")
def attempt_unwitnessed(real):
    """No audit entry says what leaves."""
    return _nothing(real)


@bug(sync, "normalise", "quarantine")
def broken_taken_for_gone(real):
    """A record that breaks its contract counts as gone."""
    return lambda wiring, records: Normalised(real(wiring, records).entries, ())


@bug(detect, "_household", "pupil_leaves")
def household_left_behind(_real):
    """When a pupil leaves, what is his stays."""
    return lambda *_args: []
