"""The first half of the demo's story: an ordinary day of exchange, from consents to a consent withdrawn."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from time import perf_counter
from typing import TYPE_CHECKING

from ejsync.domain.consent import Consent, Decision, Scope
from ejsync.domain.records import Feed
from ejsync.pipeline.registering import register, withdraw
from ejsync.sandbox.cast import Cast, cast_families, changed_mark, mark_key, removed_mark
from ejsync.sandbox.comparison import between
from ejsync.sandbox.reckoning import CONCLUDED
from ejsync.sandbox.stage import SCHOOL, TODAY, Sight, Stage, Step
from ejsync.wording import N_, say

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from random import Random
    from typing import Any

    from ejsync.sandbox.expectation import Records
    from ejsync.sandbox.invented_office import Office
    from ejsync.sandbox.stage import Carried

_ORIGIN = "demo"
_NEW_TEXT = "Повторить § 12"


@dataclass(slots=True)
class Tale:
    """What the chapters hand on to one another; `office` are the rows that the school's office has handed in."""

    stage: Stage
    rng: Random
    cast: Cast
    sight: Sight
    office: Office = field(default_factory=dict)

    def look(self) -> Sight:
        """Look at the ED again; the next chapter goes on from what was seen last, as nothing may move in between."""
        self.sight = self.stage.look()
        return self.sight

    def due(self) -> Records:
        """Return all that the ED must hold now, worked out anew."""
        return self.stage.due(self.office, self.cast.permitted | self.cast.reachable)


def begin(stage: Stage, rng: Random) -> Tale:
    """Open the book; the roles are given out once the roster is known."""
    return Tale(stage, rng, Cast(set(), [], []), stage.look())


def consents(tale: Tale) -> Iterator[Step]:
    """Read the roster, whose ids the consents need, and register what families decided."""
    stage = tale.stage
    done = stage.read([Feed.ROSTER])
    with stage.exchange.store.read(SCHOOL) as tx:
        pupils = list(tx.records.roster().class_of())
    tale.cast = cast = cast_families(pupils, tale.rng)
    granted = [_consent(stage, pupil, Decision.GRANTED) for pupil in sorted(cast.permitted)]
    refused = [_consent(stage, pupil, Decision.REFUSED) for pupil in cast.refused]
    counts = register(stage.wiring, [*granted, *refused], origin=_ORIGIN)
    facts: dict[str, object] = {"pupils": len(pupils), **counts, "missing": len(cast.missing)}
    sentence = say(
        N_("Families have decided: {granted} consents granted, {refused} refused, {missing} not answered yet."), **facts
    )
    nothing_left = not tale.look().versions
    yield Step("consents", not done.errors and bool(pupils) and nothing_left, sentence, facts)


def _consent(stage: Stage, pupil: str, decision: Decision) -> Consent:
    first = date.fromisoformat(TODAY) - timedelta(days=60)
    at = stage.clock.now()
    return Consent(0, pupil, Scope.RESULTS, decision, "parent", f"demo-{pupil}", first, None, None, at)


def first_sync(tale: Tale) -> Iterator[Step]:
    """Read everything for the first time and deliver what consents allow."""
    stage, started_s = tale.stage, perf_counter()
    done = stage.cycle()
    seconds = perf_counter() - started_s
    sight = tale.look()
    tale.cast.find_roles(stage.journal.state(), tale.rng)
    strangers = {whose for whose in sight.pupils.values() if whose is not None} - tale.cast.permitted
    facts: dict[str, object] = {
        "records": done.records,
        "delivered": done.answers["applied"],
        "withheld": done.records - done.answers["applied"],
        "requests": stage.requests(),
        "sync_seconds": round(seconds, 1),
        "errors": done.error_codes(),
    }
    well = not done.error_codes() and done.answers["applied"] == done.answers.total() == len(sight.versions)
    sentence = say(
        N_(
            "First full sync: records read: {records}, delivered: {delivered}, withheld for want of consent: {withheld}"
            " ({requests} requests to the journal, {sync_seconds} s)."
        ),
        **facts,
    )
    yield Step("first_sync", well and not strangers, sentence, facts)


def nothing_changed(tale: Tale) -> Iterator[Step]:
    """Read everything again: what has not changed is not sent again."""
    stage, before = tale.stage, tale.sight
    done = stage.cycle()
    after = tale.look()
    carried = after.changed_since(before)
    silent = after.counts == before.counts
    facts: dict[str, object] = {"records": done.records, "sent": done.answers.total(), "errors": done.error_codes()}
    sentence = say(N_("Second sync, nothing changed: {records} records read again, {sent} sent."), **facts)
    yield Step("nothing_changed", silent and not carried and not done.error_codes(), sentence, facts)


def school_edits(tale: Tale) -> Iterator[Step]:
    """Let the school edit its journal; the next sync carries exactly those changes and what follows from them."""
    stage, cast, before, due = tale.stage, tale.cast, tale.sight, tale.due()
    done = stage.edit(*_ordinary_edits(cast))
    cast.permitted.discard(cast.leaver)
    synced = stage.cycle()
    after = tale.look()
    carried = after.changed_since(before)
    wanted = _announced_changes(cast, done, due) | _consequences(due, tale.due())
    facts: dict[str, object] = {
        "edits": len(done),
        "expected": len(wanted),
        "carried": len(carried),
        "with_the_leaver": sum(before.pupils.get((kind, key)) == cast.leaver for op, kind, key in wanted),
        "conclusions": sum(kind in CONCLUDED for _, kind, _ in wanted),
        "errors": synced.error_codes(),
    }
    sentence = say(
        N_(
            "The school edits: a mark corrected, a mark removed, homework changed, a lesson replaced, a pupil leaves. "
            "Changes expected: {expected}, carried: {carried}; records that left with the pupil: {with_the_leaver}."
        ),
        **facts,
    )
    once = after.counted("applied", before) == len(wanted) == after.counted("effects", before)
    gone = not after.of_pupil(cast.leaver)
    yield Step("school_edits", carried == wanted and once and gone and not synced.error_codes(), sentence, facts)


def _ordinary_edits(cast: Cast) -> list[dict[str, Any]]:
    lesson, task, closed = cast.coming("lessons"), cast.coming("homework"), cast.closed_mark()
    place = {name: lesson[name] for name in ("class", "date", "num")}
    replaced = {**place, "grp": lesson["grp"] or "", "teacher_id": cast.another_teacher(lesson)}
    rewritten = {name: task[name] for name in ("class", "date", "subject", "grp", "index")}
    return [
        changed_mark(cast.next_mark()),
        removed_mark(cast.next_mark()),
        {"op": "homework_changed", **rewritten, "text": _NEW_TEXT},
        {"op": "lesson_replaced", **replaced},
        {"op": "pupil_left", "pupil": cast.leaver},
        # Without consent an edit stays at the school.
        *([changed_mark(closed)] if closed else []),
    ]


def _announced_changes(cast: Cast, done: list[dict[str, Any]], due: Records) -> set[Carried]:
    """Return what must be carried of the journal itself, from what it says it has done.

    Args:
        due: what the ED had to hold before.
    """
    changes: set[Carried] = set()
    for edit in done:
        changes |= {item for item in _change(edit) if edit.get("pupil") in {None, *cast.permitted}}
    left = {name for name, data in due.items() if data.get("pupil") == cast.leaver and name[0] not in CONCLUDED}
    return changes | {("retract", *name) for name in left}


def _consequences(before: Records, after: Records) -> set[Carried]:
    """Return what must be carried of that which follows from the journal."""
    changed, gone = between(before, after)
    found: set[Carried] = {("upsert", *name) for name in changed} | {("retract", *name) for name in gone}
    return {item for item in found if item[1] in CONCLUDED}


def _change(edit: Mapping[str, Any]) -> list[Carried]:
    """Return the change that one edit makes; a pupil who leaves is counted apart."""
    op = edit["op"]
    if op in {"mark_changed", "mark_removed"}:
        return [("upsert" if op == "mark_changed" else "retract", "mark", mark_key(dict(edit)))]
    if op == "homework_changed":
        subject = " ".join(str(edit["subject"]).split()).replace("&amp;", "&")
        return [
            ("upsert", "homework", f"{edit['class']}/{edit['date']}/{subject}/{edit['grp'] or '-'}/{edit['index']}")
        ]
    if op == "lesson_replaced":
        key = f"{edit['class']}/{edit['date']}/{edit['num']}/{edit['grp'] or '-'}"
        return [("upsert", "lesson", key), ("upsert", "lesson_change", key)]
    return []


def consent_withdrawn(tale: Tale) -> Iterator[Step]:
    """Withdraw a consent: what left is called back, and nothing of that pupil stays at the ED."""
    stage, pupil, before = tale.stage, tale.cast.withdrawn, tale.sight
    owned = before.of_pupil(pupil)
    withdraw(stage.wiring, pupil)
    tale.cast.permitted.discard(pupil)
    done = stage.deliver()
    after = tale.look()
    carried = after.changed_since(before)
    facts: dict[str, object] = {
        "held_before": len(owned),
        "retracted": done.answers["applied"],
        "left": len(after.of_pupil(pupil)),
        "errors": done.error_codes(),
    }
    sentence = say(
        N_("A family withdraws its consent: records retracted: {retracted}, left at the diary: {left}."), **facts
    )
    exact = bool(owned) and carried == {("retract", *name) for name in owned}
    yield Step("consent_withdrawn", exact and not done.error_codes(), sentence, facts)
