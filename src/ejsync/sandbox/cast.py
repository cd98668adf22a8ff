"""Who plays in the demo's story: which families consent, and which marks, lessons and pupils the school touches."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from ejsync.sandbox.stage import TODAY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from random import Random

Fact: TypeAlias = "dict[str, Any]"

GRANTED_SHARE, REFUSED_SHARE = 0.90, 0.05
_GRADES = ("2", "3", "4", "5")
# Those who leave or withdraw take something with them that can be counted.
_MARKS_OF_NOTE = 5


class PoorJournalError(LookupError):
    """The invented school is too small to play every scene."""


@dataclass(slots=True)
class Cast:
    """Pupils by what their families decided; `permitted` shrinks as the story goes.

    Attributes:
        reachable: the families whose contacts may leave too, as `comparison` names such consents.
    """

    permitted: set[str]
    refused: list[str]
    missing: list[str]
    reachable: set[str] = field(default_factory=set)
    journal: Mapping[str, Any] = field(default_factory=dict)
    leaver: str = ""
    withdrawn: str = ""
    _marks: list[Fact] = field(default_factory=list)
    _closed_marks: list[Fact] = field(default_factory=list)

    def find_roles(self, journal: Mapping[str, Any], rng: Random) -> None:
        """Give out the roles from the journal as it stands.

        Raises:
            PoorJournalError: too few pupils with marks.
        """
        lone = _lone_grades(journal)
        counts = Counter(mark["pupil"] for mark in lone)
        noted = sorted(pupil for pupil in self.permitted if counts[pupil] >= _MARKS_OF_NOTE)
        if len(noted) <= len(("leaver", "withdrawn")):
            raise PoorJournalError
        self.leaver, self.withdrawn = rng.sample(noted, 2)
        players = self.permitted - {self.leaver, self.withdrawn}
        self.journal = journal
        self._marks = _shuffled([mark for mark in lone if mark["pupil"] in players], rng)
        self._closed_marks = _shuffled([mark for mark in lone if mark["pupil"] in {*self.refused, *self.missing}], rng)

    def next_mark(self) -> Fact:
        """Return a mark of a pupil with consent that no scene has touched yet.

        Raises:
            PoorJournalError: there is none left.
        """
        if not self._marks:
            raise PoorJournalError
        return self._marks.pop()

    def closed_mark(self) -> Fact | None:
        """Return a mark of a pupil without consent; None in a school where no such pupil has one."""
        return self._closed_marks[-1] if self._closed_marks else None

    def coming(self, table: str) -> Fact:
        """Return the first fact of a table, due after today, that is nobody's in particular and not cancelled."""
        due = (fact for fact in self.journal[table] if fact["date"] > TODAY and not fact.get("pupil"))
        found: Fact | None = next((fact for fact in due if fact.get("name") != "Cancel"), None)
        if found is None:
            raise PoorJournalError
        return found

    def another_teacher(self, lesson: Fact) -> str:
        """Return a teacher who does not hold this lesson."""
        return next(str(one["id"]) for one in self.journal["teachers"] if str(one["id"]) != str(lesson["teacher_id"]))


def cast_families(pupils: Sequence[str], rng: Random) -> Cast:
    """Let most families grant, a few refuse and the rest not answer."""
    shuffled = _shuffled(sorted(pupils), rng)
    granted = round(len(shuffled) * GRANTED_SHARE)
    refused = max(1, round(len(shuffled) * REFUSED_SHARE))
    return Cast(set(shuffled[:granted]), shuffled[granted : granted + refused], shuffled[granted + refused :])


def mark_key(mark: Fact) -> str:
    """Return the key of a mark."""
    return f"{mark['pupil']}/{mark['lesson_id']}/{mark['date']}/{mark['nm']}"


def changed_mark(mark: Fact, **changes: str) -> Fact:
    """Return the edit that corrects a mark: another grade, and what else is asked for."""
    place = {name: mark[name] for name in ("pupil", "lesson_id", "date", "nm")}
    grade = _GRADES[(_GRADES.index(mark["value"]) + 1) % len(_GRADES)]
    return {"op": "mark_changed", **place, "value": grade, **changes}


def removed_mark(mark: Fact) -> Fact:
    """Return the edit that removes a mark."""
    return {"op": "mark_removed", **{name: mark[name] for name in ("pupil", "lesson_id", "date", "nm")}}


def _lone_grades(journal: Mapping[str, Any]) -> list[Fact]:
    """Return grades that stand alone in their cell, so that removing one renumbers no other."""
    cells = Counter((mark["pupil"], mark["lesson_id"], mark["date"]) for mark in journal["marks"])
    lone = {cell for cell, count in cells.items() if count == 1}
    grades = (mark for mark in journal["marks"] if mark["value"] in _GRADES)
    return [mark for mark in grades if (mark["pupil"], mark["lesson_id"], mark["date"]) in lone]


def _shuffled(items: list[Any], rng: Random) -> list[Any]:
    return rng.sample(items, len(items))
