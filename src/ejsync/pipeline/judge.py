"""judge: whether a reading is a mass change, in the light of its cycle and of the hours before it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ejsync.domain.changes import Change, Op
from ejsync.domain.guard import NOBODY, Forms, Mass, masses
from ejsync.domain.records import SCHOOL, Kind
from ejsync.domain.windows import Window
from ejsync.pipeline.detect import Detected, forms_of
from ejsync.pipeline.ports import Transaction, Wiring


@dataclass(frozen=True, slots=True)
class Judged:
    """What of a reading is a mass, and who belongs to which class."""

    masses: frozenset[Mass] = frozenset()
    forms: Forms = NOBODY


def judge(wiring: Wiring, tx: Transaction, window: Window, found: Detected, *, alarmed: set[str]) -> Judged:
    """Judge the changes of one window that are not yet saved.

    What the window spoke about is judged by classes and altogether, what goes with pupils and classes that are gone by
    the whole school.

    Args:
        alarmed: classes of which a mass was held earlier in this cycle: whatever more of theirs is gone is held too;
            those of a mass found here are added.
    """
    changes = [change for change in found.difference.all() if (change.kind, change.key) not in found.returning]
    if all(change.created for change in changes):
        return Judged()
    forms = found.forms if found.forms.of_pupils else forms_of(tx)
    own = [change for change in changes if (change.kind, change.key) not in found.household]
    gone = [change for change in changes if change.op is Op.RETRACT]
    held = masses(own, found.known_live, wiring.guard, forms)
    held |= _households(wiring, tx, [change for change in gone if (change.kind, change.key) in found.household], forms)
    held |= _melting(wiring, tx, window, [change for change in own if change.op is Op.RETRACT], forms)
    held |= {(forms.of(change), change.op, change.kind) for change in gone if forms.of(change) in alarmed}
    alarmed |= {form for form, op, _ in held if op is Op.RETRACT}
    return Judged(frozenset(held), forms)


def _households(wiring: Wiring, tx: Transaction, gone: Sequence[Change], forms: Forms) -> set[Mass]:
    if not gone:
        return set()
    live, counts = tx.records.live_counts(), Counter(change.kind for change in gone)
    too_many = {kind for kind, n in counts.items() if wiring.guard.exceeded(Op.RETRACT, n, live.get(kind, 0))}
    return {(forms.of(change), change.op, change.kind) for change in gone if change.kind in too_many}


def _melting(wiring: Wiring, tx: Transaction, window: Window, gone: Sequence[Change], forms: Forms) -> set[Mass]:
    """Judge retractions together with those of the hours before: a class may melt by bites of which none is a mass.

    What an operator has decided about in this feed is forgotten: he saw how things stood.
    """
    rule, now = wiring.guard, wiring.clock.now()
    if not (gone and rule.memory):
        return set()
    decided = tx.decisions.last(window.feed)
    since = max(now - rule.memory, decided or now - rule.memory)
    bites = Counter((forms.of(change), change.kind) for change in gone)
    owners = {SCHOOL, *(owner for form, _ in bites for owner in forms.members(form))}
    lately = tx.records.lately(owners, {kind for _, kind in bites}, window.days, since)
    held = set()
    for (form, kind), bite in bites.items():
        if kind is Kind.PUPIL:  # nobody knows any more which class those came from who have left: they count for each
            before = lately.get((kind, SCHOOL), (0, 0))[1]
            melts = rule.class_melted(bite + before, len(forms.members(form)) - 1 + before)
        else:
            tallies = [lately.get((kind, owner), (0, 0)) for owner in forms.members(form)]
            before = sum(went for _, went in tallies)
            melts = rule.melted(bite + before, sum(live for live, _ in tallies) + before)
        if melts and before:
            held.add((form, Op.RETRACT, kind))
    return held
