"""After-school clubs: the `items_extday` of a pupil's day, which have no lesson number and their own times."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import date

    from ejsync.sandbox.invented import Pupil
    from ejsync.sandbox.rollbook import Rollbook

# Few pupils and one weekday: enough to be seen by a reader, too little to weigh on answers.
_CLUB_WEEKDAY = 2
_EVERY_NTH_PUPIL = 10
_START, _END = "17:10:00", "17:50:00"
_SORT = 111
_FIRST_WEEK = 7
_TASK = "Задачи на мат в два хода"


def club_items(book: Rollbook, pupil: Pupil, day: date) -> list[dict[str, Any]]:
    """The pupil's clubs of the day: chess on Wednesdays for every tenth pupil."""
    if day.weekday() != _CLUB_WEEKDAY or int(pupil.id) % _EVERY_NTH_PUPIL or day not in book.term.school_day_set:
        return []
    teacher = next(iter(book.teachers.values()))
    names = {"name": "Шахматы", "grp": "Ш-1", "grp_short": "1", "topic": "", "teacher": teacher.full}
    return [{**names, "starttime": _START, "endtime": _END, "sort": _SORT}]


def club_diary_items(book: Rollbook, pupil: Pupil, day: date) -> list[dict[str, Any]]:
    """The same in the diary, where `homework` is a list: there is some in the first week of a month."""
    homework = [{"value": _TASK, "id": 1, "individual": False}] if day.day <= _FIRST_WEEK else []
    return [{**item, "homework": homework} for item in club_items(book, pupil, day)]


def club_facts(book: Rollbook) -> list[dict[str, Any]]:
    """Every club lesson of every pupil, as the diary shows it, for the plain state."""
    # Most days have no club: asked day by day for every pupil, a large school would take long.
    days = [day for day in book.term.school_days if day.weekday() == _CLUB_WEEKDAY]
    return [
        {"pupil": pupil.id, "date": day, **item}
        for pupil in book.pupils.values()
        for day in days
        for item in club_diary_items(book, pupil, day)
    ]
