"""The second half of the demo's story: what goes wrong between a school and a diary, and what comes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ejsync.domain.batches import BatchState
from ejsync.domain.records import Feed
from ejsync.errors import SourceSuspiciouslyEmpty
from ejsync.pipeline.replay import replay
from ejsync.sandbox.cast import changed_mark, mark_key
from ejsync.sandbox.stage import Round, Step
from ejsync.wording import N_, say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ejsync.domain.standing import BatchRow
    from ejsync.sandbox.chapters import Tale
    from ejsync.sandbox.stage import Carried, Stage

_POISONED_AND_MATES = 4
# The contract of a mark takes 4000 characters.
_TOO_LONG = "о" * 5000
_MENDED = "Исправлено"
_MOST_TRIES = 10


def outage(tale: Tale) -> Iterator[Step]:
    """Switch the ED off and on again: what changed meanwhile waits, and arrives once."""
    stage, before, known = tale.stage, tale.sight, tale.stage.batches()
    first, second = tale.cast.next_mark(), tale.cast.next_mark()
    stage.diary.order(kind="outage", times=-1)
    stage.edit(changed_mark(first))
    down = stage.cycle(Feed.MARKS)
    stage.edit(changed_mark(second))
    waiting = stage.cycle(Feed.MARKS)
    nothing_yet = not tale.look().changed_since(before)
    stage.diary.clear_faults()
    back = _delivered_in_time(stage, waiting)
    after = tale.look()
    fresh = _fresh(stage, known)
    retried = [row for row in fresh if row.attempts > 1]
    facts: dict[str, object] = {
        "failed_attempts": len(down.push_errors) + len(waiting.push_errors),
        "batches": len(fresh),
        "attempts": max((row.attempts for row in fresh), default=0),
        "arrived": after.counted("applied", before),
        "codes": sorted({error.code for error in down.push_errors}),
    }
    sentence = say(
        N_("The diary goes down and comes back: failed attempts: {failed_attempts}, changes that arrived: {arrived}."),
        **facts,
    )
    # One receipt a batch: the retried one kept its idempotency key.
    once = after.counted("batches", before) == len(fresh) and not after.counted("doubled", before)
    well = bool(down.push_errors) and nothing_yet and len(retried) == 1 and not back.push_errors
    exact = after.changed_since(before) == _upserts(first, second) and after.counted("applied", before) == len(
        (first, second)
    )
    yield Step("outage", well and once and exact, sentence, facts)


def lost_answer(tale: Tale) -> Iterator[Step]:
    """Cut the line after the ED has applied a batch: the same batch again has no second effect."""
    stage, before, known = tale.stage, tale.sight, tale.stage.batches()
    mark = tale.cast.next_mark()
    stage.diary.order(kind="reset_after")
    stage.edit(changed_mark(mark))
    cut = stage.cycle(Feed.MARKS)
    applied_already = tale.look().changed_since(before) == _upserts(mark)
    back = _delivered_in_time(stage, cut)
    after, fresh = tale.look(), _fresh(stage, known)
    facts: dict[str, object] = {
        "attempts": sum(row.attempts for row in fresh),
        "replayed_receipts": after.counted("replayed", before),
        "effects": after.counted("effects", before),
        "doubled": after.counted("doubled", before),
    }
    sentence = say(
        N_("An answer is lost: the same batch went {attempts} times under one key, effects at the diary: {effects}."),
        **facts,
    )
    same = [row.state for row in fresh] == [BatchState.DELIVERED] and len(cut.push_errors) == 1 and not back.push_errors
    once = (facts["replayed_receipts"], facts["effects"], facts["doubled"]) == (1, 1, 0)
    yield Step("lost_answer", same and applied_already and once, sentence, facts)


def poison(tale: Tale) -> Iterator[Step]:
    """Let the ED refuse one item: it dies alone, and once the cause is mended the staff sends it again."""
    stage, before, known = tale.stage, tale.sight, tale.stage.batches()
    marks = [tale.cast.next_mark() for _ in range(_POISONED_AND_MATES)]
    stage.diary.order(kind="poison", key=mark_key(marks[0]))
    stage.edit(*map(changed_mark, marks))
    done = stage.cycle(Feed.MARKS)
    reached = tale.look().changed_since(before)
    dead = stage.dead_items()
    facts: dict[str, object] = {"arrived": len(reached), "dead": dead, "rejected": done.answers["rejected"]}
    sentence = say(N_("The diary refuses one item: dead: {dead}; of its batch-mates arrived: {arrived}."), **facts)
    alone = reached == _upserts(*marks[1:]) and dead == done.answers["rejected"] == 1
    yield Step("poison_item", alone, sentence, facts)

    stage.diary.clear_faults()
    yield _replayed(tale, _fresh(stage, known), _upserts(marks[0]))


def _replayed(tale: Tale, fresh: list[BatchRow], wanted: set[Carried]) -> Step:
    stage, before = tale.stage, tale.sight
    partial = [row for row in fresh if row.state is BatchState.PARTIAL]
    sent = [replay(stage.wiring, row.batch).sent for row in partial]
    again = [replay(stage.wiring, row.batch).sent for row in partial]
    stage.deliver()
    linked = [row for row in stage.batches().values() if row.replay_of in {old.batch for old in partial}]
    facts: dict[str, object] = {"replayed": sum(sent), "replayed_twice": sum(again), "dead": stage.dead_items()}
    sentence = say(
        N_("The cause is mended and the staff replays it: sent again: {replayed}, dead now: {dead}."), **facts
    )
    once = sent == [1] and again == [0] and len(linked) == 1 and linked[0].state is BatchState.DELIVERED
    arrived = tale.look().changed_since(before) == wanted
    return Step("replay", once and arrived and not facts["dead"], sentence, facts)


def broken_contract(tale: Tale) -> Iterator[Step]:
    """Let the school write what no contract takes: it waits in quarantine, and its neighbour goes on."""
    stage, before = tale.stage, tale.sight
    broken, neighbour = tale.cast.next_mark(), tale.cast.next_mark()
    stage.edit(changed_mark(broken, comment=_TOO_LONG), changed_mark(neighbour))
    done = stage.cycle(Feed.MARKS)
    middle = tale.look()
    reached = middle.changed_since(before)
    facts: dict[str, object] = {
        "quarantined": stage.quarantined(),
        "arrived": len(reached),
        "errors": done.error_codes(),
    }
    sentence = say(
        N_("A record breaks its contract: quarantined: {quarantined}; neighbours that arrived: {arrived}."), **facts
    )
    yield Step("quarantine", stage.quarantined() == 1 and reached == _upserts(neighbour), sentence, facts)

    stage.edit(changed_mark(broken, comment=_MENDED))
    stage.cycle(Feed.MARKS)
    flowed = tale.look().changed_since(middle)
    facts = {"quarantined": stage.quarantined(), "arrived": len(flowed)}
    sentence = say(N_("The school mends it: quarantined now: {quarantined}, arrived: {arrived}."), **facts)
    yield Step("quarantine_mended", not stage.quarantined() and flowed == _upserts(broken), sentence, facts)


def wiped_timetable(tale: Tale) -> Iterator[Step]:
    """Wipe a class's timetable by a glitch: the mass of retractions is held, and called off when the glitch heals."""
    stage, before, known = tale.stage, tale.sight, tale.stage.batches()
    form = tale.cast.coming("lessons")["class"]
    stage.edit({"op": "timetable_wiped", "class": form})
    done = stage.cycle(Feed.TIMETABLE)
    held = [row for row in _fresh(stage, known) if row.state is BatchState.HELD]
    lost = tale.look().changed_since(before)
    facts: dict[str, object] = {"held": done.read["retracted"], "held_batches": len(held), "lost_at_diary": len(lost)}
    sentence = say(
        N_(
            "A glitch wipes a class's timetable: retractions held for approval: {held}, "
            "gone at the diary: {lost_at_diary}."
        ),
        **facts,
    )
    yield Step("mass_change_held", bool(held) and done.read["held"] > 0 and not lost, sentence, facts)

    stage.edit({"op": "timetable_restored", "class": form})
    stage.cycle(Feed.TIMETABLE)
    still = stage.batches()
    cancelled = sum(still[row.batch].state is BatchState.CANCELLED for row in held)
    changed = tale.look().changed_since(before)
    facts = {"cancelled": cancelled, "changed_at_diary": len(changed)}
    sentence = say(N_("The glitch heals: held batches called off: {cancelled}; the diary never noticed."), **facts)
    yield Step("mass_change_healed", cancelled == len(held) and not changed, sentence, facts)


def empty_answers(tale: Tale) -> Iterator[Step]:
    """Let the journal answer with nothing where much was known: nothing is concluded from it."""
    stage, before = tale.stage, tale.sight
    stage.journal.order(kind="empty", times=-1, match="getmarks")
    done = stage.cycle(Feed.MARKS)
    stage.journal.clear_faults()
    changed = tale.look().changed_since(before)
    suspicious = sum(isinstance(error, SourceSuspiciouslyEmpty) for error in done.errors)
    facts: dict[str, object] = {"suspicious": suspicious, "changed_at_diary": len(changed)}
    sentence = say(
        N_("The journal answers with nothing: windows not believed: {suspicious}, changes made: {changed_at_diary}."),
        **facts,
    )
    believed_nothing = suspicious > 0 and suspicious == len(done.errors)
    yield Step("empty_answers", believed_nothing and not changed and not done.answers, sentence, facts)


def _upserts(*marks: dict[str, Any]) -> set[Carried]:
    return {("upsert", "mark", mark_key(mark)) for mark in marks}


def _fresh(stage: Stage, known: dict[str, BatchRow]) -> list[BatchRow]:
    return [row for batch, row in stage.batches().items() if batch not in known]


def _delivered_in_time(stage: Stage, done: Round) -> Round:
    """Let time pass until everything that waits for a later try has been tried."""
    back = Round(waits_until=done.waits_until)
    for _ in range(_MOST_TRIES):
        if back.waits_until is None:
            break
        stage.clock.reach(back.waits_until)
        back = stage.deliver(back)
    return back
