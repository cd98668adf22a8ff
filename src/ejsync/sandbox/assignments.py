"""The invented homework: for a class, a subgroup or one pupil, some of it with files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, TypeAlias

from ejsync.sandbox.curriculum import CANCELLED

if TYPE_CHECKING:
    from datetime import date
    from random import Random

    from ejsync.sandbox.term import Term
    from ejsync.sandbox.weekplan import Lesson, Timetable

AHEAD = timedelta(days=4)

_GIVEN_SHARE = 0.55
_SECOND_SHARE = 0.06
_FILE_SHARE = 0.1
_INDIVIDUAL_SHARE = 0.01


@dataclass(slots=True)
class Task:
    """One piece of homework due on a day; `index` counts from 1 among those that one pupil can see together."""

    form: str
    date: date
    subject: str
    grp: str
    pupil: str | None
    index: int
    text: str
    files: tuple[str, ...] = ()

    @property
    def id(self) -> int:
        """ElJur's homework id: unique only inside its day and lesson."""
        return self.index

    def overlaps(self, *, grp: str, pupil: str | None) -> bool:
        """Whether one pupil could see this task and one meant for the group (or pupil) given."""
        # A task for the whole class is seen by both groups.
        same_group = not self.grp or not grp or self.grp == grp
        return same_group and (self.pupil is None or pupil is None or self.pupil == pupil)


Homework: TypeAlias = "dict[date, list[Task]]"
"""Tasks of one class by the day they are due."""


def give_homework(rng: Random, *, table: Timetable, term: Term, pupils: list[str]) -> Homework:
    """A class's homework from 1 September to a few days ahead of today."""
    homework: Homework = {}
    for day in term.school_days:
        if day > term.today + AHEAD:
            break
        tasks: list[Task] = []
        for lesson in table.get(day, ()):
            if lesson.name != CANCELLED and rng.random() < _GIVEN_SHARE:
                tasks.extend(_for_lesson(rng, lesson, pupils))
        if tasks:
            homework[day] = tasks
    return homework


def next_index(tasks: list[Task], *, subject: str, grp: str, pupil: str | None) -> int:
    """The index that a further task of the day and subject gets."""
    seen = [task.index for task in tasks if task.subject == subject and task.overlaps(grp=grp, pupil=pupil)]
    return max(seen, default=0) + 1


def file_link(name: str) -> str:
    """Where the file of a task would lie; the host does not exist."""
    return f"https://files.invalid/{name}"


def _for_lesson(rng: Random, lesson: Lesson, pupils: list[str]) -> list[Task]:
    head = (lesson.form, lesson.date, lesson.name, lesson.grp)
    count = 2 if rng.random() < _SECOND_SHARE else 1
    tasks = [Task(*head, None, index, _text(rng)) for index in range(1, count + 1)]
    if rng.random() < _FILE_SHARE:
        tasks[0].files = (f"zadanie_{lesson.date:%m%d}_{lesson.num}.pdf",)
    # Individual tasks stay out of subgroups: which of the two items would hint at them is unknown.
    if pupils and not lesson.grp and rng.random() < _INDIVIDUAL_SHARE:
        tasks.append(Task(*head, rng.choice(pupils), count + 1, f"Лично: {_text(rng)}"))
    return tasks


def _text(rng: Random) -> str:
    return f"§ {rng.randint(1, 60)},  упр. {rng.randint(1, 300)} &ndash; письменно"
