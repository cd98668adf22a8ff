"""What days hold for one pupil alone: his control works, and the lessons that no timetable of his class shows.

From `getdiary` or, where that is not granted, from `getschedule` by pupil, which knows no control works (fact sheet,
4.1 and 4.2).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from ejsync.domain.lesson_changes import slot
from ejsync.domain.records import Kind, Record, owner_pupil
from ejsync.sources.eljur.mapping.findings import Findings
from ejsync.sources.eljur.mapping.tidy import Json, flag, folded, handed, identity, legible, prose, text
from ejsync.sources.eljur.mapping.timetable import after_school, all_lessons, lesson, lesson_placed

_LESSONS = frozenset({Kind.LESSON})
_DIARY = frozenset({Kind.LESSON, Kind.CONTROL_WORK})


def read_pupil_diary(findings: Findings) -> None:
    """Read control works, past and coming, and the pupil's own lessons from `getdiary`."""
    for at in _days(findings, _DIARY):
        _add_lessons(findings, at)
        for item in all_lessons(at.held):
            if flag(item.get("is_control")):
                _add_control_work(findings, at, item)


def read_pupil_timetable(findings: Findings) -> None:
    """Read the pupil's own lessons from `getschedule` by pupil."""
    for at in _days(findings, _LESSONS):
        _add_lessons(findings, at)


@dataclass(frozen=True, slots=True)
class _PupilDay:
    """One day of one pupil."""

    pupil: str
    school_class: str
    day: date | None
    spelled: str
    held: Json

    @property
    def owner(self) -> str:
        return owner_pupil(self.pupil)


def _days(findings: Findings, kinds: frozenset[Kind]) -> Iterator[_PupilDay]:
    """Yield the days listed of every pupil asked for; only they are spoken about."""
    classes = findings.roster.class_of()
    findings.doubt_silence(findings.asked_owners(), kinds)
    for pupil, student in findings.pupils():
        findings.cover_listed(owner_pupil(pupil), kinds, student)
        name = classes.get(pupil) or findings.school_class
        for day, spelled, held in findings.days(student):
            yield _PupilDay(pupil, name, day, spelled, held)


def _add_lessons(findings: Findings, at: _PupilDay) -> None:
    """Add what follows the lessons and, where nobody may read the class's timetable, the lessons themselves."""
    for item in all_lessons(at.held) if findings.window.whole else after_school(at.held):
        data = {**lesson(at.school_class, at.spelled, item), "pupil": at.pupil}
        key = slot(at.owner, at.spelled, data["number"], folded(text(item.get("grp"))))
        # Without a number only its beginning tells one from another.
        key += "" if data["number"] is not None else f"/{data['starts_at'] or '-'}"
        placed = lesson_placed(data, item) and legible(item.get("starttime"))
        findings.add(Record(Kind.LESSON, key, at.owner, at.pupil, at.day, data), placed=placed)


def _add_control_work(findings: Findings, at: _PupilDay, item: Json) -> None:
    held = lesson(at.school_class, at.spelled, item)
    if held["cancelled"]:
        findings.passed_over["cancelled_control"] += 1
        return
    known = {name: held[name] for name in ("class", "date", "number", "group", "subject")}
    journal = handed(identity, item.get("lesson_id"))
    data = {"pupil": at.pupil, **known, "lesson": journal, "topic": handed(prose, item.get("topic"))}
    key = slot(at.pupil, at.spelled, held["number"], identity(journal) or folded(held["subject"]))
    placed = lesson_placed(data, item) and legible(item.get("lesson_id"))
    findings.add(Record(Kind.CONTROL_WORK, key, at.owner, at.pupil, at.day, data), placed=placed)
