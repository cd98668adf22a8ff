"""The demo's story: a school's term day with everything that can go wrong, told step by step and checked at the end."""

from __future__ import annotations

from random import Random
from time import perf_counter
from typing import TYPE_CHECKING

from ejsync.domain.audit import verify
from ejsync.errors import AuditBroken, EjsyncError
from ejsync.sandbox import chapters, owed, trials
from ejsync.sandbox.comparison import compare
from ejsync.sandbox.stage import SCHOOL, Step, covered, set_stage
from ejsync.wording import N_, say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ejsync.sandbox.chapters import Tale
    from ejsync.sandbox.comparison import Comparison
    from ejsync.sandbox.stage import Stage

__all__ = ["LEAST_PUPILS", "Step", "play"]

LEAST_PUPILS = 20
_CHAPTERS: tuple[Callable[[Tale], Iterator[Step]], ...] = (
    chapters.consents,
    chapters.first_sync,
    chapters.nothing_changed,
    chapters.school_edits,
    chapters.consent_withdrawn,
    trials.outage,
    trials.lost_answer,
    trials.poison,
    trials.broken_contract,
    trials.wiped_timetable,
    trials.empty_answers,
    owed.office,
    owed.contacts,
    owed.extract,
)


def play(*, pupils: int = 300, seed: int = 7, tell: Callable[[Step], None]) -> dict[str, object]:
    """Play the whole story on an invented school and return its document.

    Args:
        pupils: how many pupils the school has, at least `LEAST_PUPILS`.
        seed: tells one invented school, and one cast of the story, from another.
        tell: is handed each step as soon as it is done.

    Raises:
        ValueError: too few pupils.
        NotStartedError: a sandbox server did not come up.
    """
    if pupils < LEAST_PUPILS:
        raise ValueError(f"the story needs at least {LEAST_PUPILS} pupils")
    started_s = perf_counter()
    steps: list[Step] = []

    def told(step: Step) -> None:
        steps.append(step)
        tell(step)

    with set_stage(pupils=pupils, seed=seed) as stage:
        tale = chapters.begin(stage, Random(seed))
        # A chapter that an error ended leaves the stage in an unknown state: the next ones would prove nothing.
        all(_timed(chapter, tale, told) for chapter in _CHAPTERS)
        _timed(_audit, tale, told)
        found = _compared(tale, told)
        document = _document(stage, steps, found)
    return {**document, "seconds": round(perf_counter() - started_s, 1)}


def _timed(chapter: Callable[[Tale], Iterator[Step]], tale: Tale, told: Callable[[Step], None]) -> bool:
    """Tell a chapter's steps, each with the seconds it took; returns whether it came to its end."""
    since_s = perf_counter()
    try:
        for step in chapter(tale):
            told(Step(step.name, step.ok, step.sentence, {**step.facts, "seconds": _seconds(since_s)}))
            since_s = perf_counter()
    except EjsyncError as error:
        facts: dict[str, object] = {"error": error.code, "seconds": _seconds(since_s)}
        told(Step(chapter.__name__.strip("_"), ok=False, sentence=error.sentence(), facts=facts))
        return False
    return True


def _seconds(since_s: float) -> float:
    return round(perf_counter() - since_s, 2)


def _audit(tale: Tale) -> Iterator[Step]:
    """Walk the audit chain from its first entry to its last."""
    with tale.stage.exchange.store.read(SCHOOL) as tx:
        try:
            entries, _ = verify(SCHOOL, tx.audit.walk())
        except AuditBroken as broken:
            yield Step("audit", ok=False, sentence=broken.sentence(), facts={"broken_at": broken.seq})
            return
        facts: dict[str, object] = {"entries": entries}
    yield Step("audit", entries > 0, say(N_("The audit chain verifies: {entries} entries."), **facts), facts)


def _compared(tale: Tale, told: Callable[[Step], None]) -> Comparison:
    """Compare the ED with the journal, by code that shares nothing with the flow."""
    since_s, stage = perf_counter(), tale.stage
    days, permitted = covered(stage.exchange.settings), tale.cast.permitted | tale.cast.reachable
    journal = {**stage.journal.state(), "office": tale.office}
    found = compare(journal, stage.diary.state(), permitted=permitted, covered=days)
    facts: dict[str, object] = {
        "journal_records": found.journal_records,
        "delivered": found.delivered,
        "withheld": found.withheld,
        "lost": found.lost,
        "unexpected": len(found.unexpected),
        "duplicated": found.duplicated,
        "by_kind": found.by_kind(),
    }
    sentence = say(
        N_(
            "Record by record: in the journal {journal_records}, at the diary {delivered}, withheld {withheld}; "
            "lost {lost}, unexpected {unexpected}, duplicated {duplicated}."
        ),
        **facts,
    )
    told(Step("comparison", found.equal and found.delivered > 0, sentence, {**facts, "seconds": _seconds(since_s)}))
    return found


def _document(stage: Stage, steps: list[Step], found: Comparison) -> dict[str, object]:
    return {
        "ok": all(step.ok for step in steps),
        "steps": [{"name": step.name, "ok": step.ok, **step.facts} for step in steps],
        "journal_records": found.journal_records,
        "delivered": found.delivered,
        "withheld": found.withheld,
        "quarantined": stage.quarantined(),
        "dead": stage.dead_items(),
        "lost": found.lost,
        "unexpected": len(found.unexpected),
        "duplicated": found.duplicated,
        "audit_verified": any(step.name == "audit" and step.ok for step in steps),
    }
