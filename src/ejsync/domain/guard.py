"""The mass-change guard: what removes or rewrites too much of a class or of a kind waits for an operator."""

from collections import Counter
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

import orjson

from ejsync.domain.changes import Change, Known, Op
from ejsync.domain.records import SCHOOL, Kind, owner_class, owner_pupil

Circle = tuple[Kind, str]
"""What is judged together: a kind, and the owner (or, for pupils, the class) it belongs to."""
PEOPLE = frozenset({Kind.PUPIL, Kind.SCHOOL_CLASS, Kind.TEACHER})
Mass = tuple[str, Op, Kind]
"""What is held together: a class as an owner (or the owner itself where no class is known), an operation, a kind."""


@dataclass(frozen=True, slots=True)
class GuardRule:
    """How much may change in one pass of one window.

    Attributes:
        retracted_share: share (0–1) of the known live records of a kind that may be retracted.
        changed_share: share (0–1) of them that may be rewritten.
        least_count: up to this many records of a kind nothing is held, whatever the share.
        most_count: more retractions of a kind than this are held, however small their share.
        wiped_count: if nothing is left of more than this many records of a kind in a window, that is held too: a
            mass that comes in small windows.
        memory_hours: how long retractions of a class and kind are added up over passes; 0: each is judged alone.
    """

    retracted_share: float
    changed_share: float
    least_count: int
    most_count: int
    wiped_count: int
    memory_hours: int = 0

    @property
    def memory(self) -> timedelta:
        """How far back retractions are added up."""
        return timedelta(hours=self.memory_hours)

    def exceeded(self, op: Op, count: int, known: int) -> bool:
        """Tell whether an operation on `count` of `known` records is a mass."""
        if op is Op.UPSERT:
            return count > self.least_count and count > known * self.changed_share
        return (count > self.wiped_count and count >= known) or self.melted(count, known)

    def melted(self, count: int, known: int) -> bool:
        """Tell whether `count` retractions of `known` records, at once or one after another, are too many."""
        return count > self.most_count or (count > self.least_count and count > known * self.retracted_share)

    def circle_emptied(self, kind: Kind, count: int, known: int) -> bool:
        """Tell whether the retraction of `count` of one circle's `known` records empties it.

        The pupils of a class are judged most strictly: no answer of the journal is believed that empties a class.
        """
        if kind is Kind.PUPIL and self.retracted_share < 1:
            return (count > 1 and count >= known) or self.class_melted(count, known)
        return count > self.wiped_count and count >= known

    def class_melted(self, count: int, known: int) -> bool:
        """Tell whether too many of a class's `known` pupils have left, at once or one after another."""
        return count > self.wiped_count and count > known * self.retracted_share


@dataclass(frozen=True, slots=True)
class Forms:
    """Who belongs to which class; `of_pupils` names the class, as an owner, of each pupil's id."""

    of_pupils: Mapping[str, str]

    def circle(self, record: Known | Change) -> str:
        """Name what a record is judged together with: a pupil with his class, anything else with its owner."""
        return self.of_pupils.get(record.key, record.owner) if record.kind is Kind.PUPIL else record.owner

    def of(self, change: Change) -> str:
        """Name the class a change belongs to; what belongs to none stands for itself."""
        if change.kind is Kind.SCHOOL_CLASS:
            return owner_class(change.key)
        if change.kind is Kind.PUPIL:
            return self.of_pupils.get(change.key) or _newly_in(change)
        return self.of_owner(change.owner)

    def of_owner(self, owner: str) -> str:
        """Name the class of an owner."""
        return self.of_pupils.get(owner.removeprefix(owner_pupil("")), owner)

    def members(self, form: str) -> list[str]:
        """Return the owners whose records belong to a class."""
        return [form, *(owner_pupil(pupil) for pupil, name in self.of_pupils.items() if name == form)]


NOBODY = Forms({})


def _newly_in(change: Change) -> str:
    """Name the class of a pupil who was not known before, by what is said of him."""
    return owner_class(orjson.loads(change.payload)["class"]) if change.payload else SCHOOL


def masses(changes: Iterable[Change], live: Mapping[Circle, int], rule: GuardRule, forms: Forms) -> set[Mass]:
    """Return which operations on which kinds of which classes must be held (first versions alone never are).

    Each class is judged by itself, and what is left by all of it together: one class that goes up in smoke takes no
    other with it.

    Args:
        live: how many live records of a kind each circle had: a pupil's marks, a class's lessons, a class's pupils.
        forms: who belongs to which class.
    """
    told = [change for change in changes if not change.created]
    counts = Counter((forms.of(change), change.op, change.kind) for change in told)
    known: Counter[tuple[str, Kind]] = Counter()
    for (kind, circle), count in live.items():
        known[forms.of_owner(circle), kind] += count
    found = {mass for mass, n in counts.items() if rule.exceeded(mass[1], n, known[mass[0], mass[2]])}
    found |= _emptied(told, live, rule, forms)
    return found | _together(counts, known, found, rule)


def _emptied(told: Iterable[Change], live: Mapping[Circle, int], rule: GuardRule, forms: Forms) -> set[Mass]:
    gone = [change for change in told if change.op is Op.RETRACT]
    counts = Counter((change.kind, forms.circle(change)) for change in gone)
    emptied = {at for at, count in counts.items() if rule.circle_emptied(at[0], count, live.get(at, 0))}
    return {
        (forms.of(change), change.op, change.kind) for change in gone if (change.kind, forms.circle(change)) in emptied
    }


def _together(
    counts: Mapping[Mass, int], known: Mapping[tuple[str, Kind], int], found: set[Mass], rule: GuardRule
) -> set[Mass]:
    """Judge what no class alone is held for by the whole window."""
    rest = {mass: count for mass, count in counts.items() if mass not in found}
    by_kind: Counter[tuple[Op, Kind]] = Counter()
    for (_, op, kind), count in rest.items():
        by_kind[op, kind] += count
    held = set()
    for (op, kind), count in by_kind.items():
        live = sum(n for (form, its), n in known.items() if its is kind and (form, op, kind) not in found)
        if rule.exceeded(op, count, live):
            held |= {mass for mass in rest if mass[1:] == (op, kind)}
    return held


def held_keys(
    found: Iterable[Mass], changes: Iterable[Change], returning: Container[tuple[Kind, str]], forms: Forms
) -> set[tuple[Kind, str]]:
    """Return the keys that wait: of a class of which a retraction is held, every retraction.

    What comes, or returns, in the place of a mass waits too: else families would see both until somebody decides. In
    the place of people may come those of any class: a roster is one picture.
    """
    whole = set(found)
    people = {kind for form, op, kind in whole if op is Op.RETRACT and kind in PEOPLE}
    losing = {form for form, op, _ in whole if op is Op.RETRACT}
    held = set()
    for change in changes:
        form, key = forms.of(change), (change.kind, change.key)
        comes = change.created or key in returning
        meant = (form, Op.RETRACT if comes else change.op, change.kind) in whole or (comes and change.kind in people)
        if meant or (change.op is Op.RETRACT and form in losing):
            held.add(key)
    return held
