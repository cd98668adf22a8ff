"""Who teaches what in a class or a group of it, worked out from the timetable.

The last two weeks that have lessons of a subject and group tell, later weeks before earlier ones. Of them each
teacher counts whose lessons are more than half as many as those of the one who has most: two who share a class both
teach it, one who stood in once does not. A lesson that was given to somebody else (`lesson_change`) counts for the
teacher who was planned; who substitutes, without a plan being known, does not count.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from ejsync.domain.derived_payloads import ClassTeacher, Instructor
from ejsync.domain.lesson_accounts import Place, is_substitution, place_of
from ejsync.domain.lesson_changes import How
from ejsync.domain.payloads import Held, Lesson, LessonChange

WEEKS = 2


def class_teachers(of_class: str, lessons: Iterable[Lesson], changes: Iterable[LessonChange]) -> list[ClassTeacher]:
    """Return who teaches what in one class, by subject and group; what nobody is named for is left out.

    Args:
        of_class: the class's name; lessons of single pupils are left out.
    """
    given: defaultdict[tuple[str, str | None], list[Any]] = defaultdict(list)
    for group, held in _planned(lessons, changes):
        given[held["subject"], group].append(held)
    found = sorted(given.items(), key=lambda item: (item[0][0], item[0][1] or ""))
    rows = [(subject, group, _regular(lessons_of)) for (subject, group), lessons_of in found]
    return [
        {"class": of_class, "subject": subject, "group": group, "teachers": teachers}
        for subject, group, teachers in rows
        if teachers
    ]


def _planned(lessons: Iterable[Lesson], changes: Iterable[LessonChange]) -> Iterator[tuple[str | None, Any]]:
    """Yield group and plan of every lesson that is held: as first seen where somebody substitutes, else as it is."""
    plans: dict[Place, Held | None] = {
        place_of(row): row["before"]
        for row in changes
        if row["change"] == How.REPLACED and row["after"] and is_substitution(row["before"], row["after"])
    }
    for lesson in lessons:
        if lesson["pupil"] is None and not lesson["cancelled"]:
            held = plans.get(place_of(lesson), lesson)
            if held is not None:
                yield lesson["group"], held


def _regular(lessons: list[Any]) -> list[Instructor]:
    """Return the teachers of the latest weeks, the most frequent first."""
    weeks = sorted({_monday(lesson) for lesson in lessons if lesson["teacher"]})[-WEEKS:]
    recent = [lesson for lesson in lessons if lesson["teacher"] and _monday(lesson) in weeks]
    shown = {_who(lesson): lesson for lesson in sorted(recent, key=lambda row: row["date"])}
    counts = Counter(map(_who, recent))
    most = max(counts.values(), default=0)
    often = sorted((-count, who) for who, count in counts.items() if 2 * count > most)
    return [{name: shown[who][name] for name in ("teacher", "teacher_id")} for _, who in often]  # type: ignore[misc]


def _monday(lesson: Any) -> date:
    day = date.fromisoformat(lesson["date"])
    return day - timedelta(days=day.weekday())


def _who(lesson: Any) -> tuple[str, str]:
    """Return what a teacher is known by: his id where the answer has it, else the name that is shown."""
    return ("id", lesson["teacher_id"]) if lesson["teacher_id"] else ("name", lesson["teacher"])
