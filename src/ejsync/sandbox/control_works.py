"""Control works: those written, as the journal's columns say, and those that teachers plan for coming weeks."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from ejsync.sandbox.invented import level_of
from ejsync.sandbox.markbook import CONTROL_KIND, MARKED_FROM_LEVEL
from ejsync.sandbox.weekplan import topic

if TYPE_CHECKING:
    from random import Random

    from ejsync.sandbox.markbook import Column
    from ejsync.sandbox.term import Term
    from ejsync.sandbox.weekplan import Timetable

PLANNED_AHEAD = timedelta(days=35)

_PLANNED_SHARE = 0.05


def note_written(table: Timetable, *, columns: list[Column], term: Term) -> None:
    """Set down in the timetable which of the held lessons were control works."""
    written = {(column.date, column.subject) for column in columns if column.kind is CONTROL_KIND}
    for day, subject in written:
        for lesson in table[day]:
            if lesson.name == subject:
                lesson.control = topic(lesson, term=term)


def plan_ahead(rng: Random, *, form: str, table: Timetable, term: Term) -> None:
    """Plan control works for the weeks after today; first-formers write none, and subgroups write theirs together."""
    if level_of(form) < MARKED_FROM_LEVEL:
        return
    coming = (day for day in term.school_days if term.today < day <= term.today + PLANNED_AHEAD)
    for day in coming:
        chosen: dict[str, str | None] = {}
        for lesson in table.get(day, ()):
            if lesson.name not in chosen:
                planned = rng.random() < _PLANNED_SHARE
                chosen[lesson.name] = f"Контрольная работа № {rng.randint(1, 9)}" if planned else None
            lesson.control = chosen[lesson.name]
