"""Answers of reads by pupil: marks, diary, timetable, homework, periods and final assessments."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from ejsync.sandbox.assignments import file_link
from ejsync.sandbox.clubs import club_diary_items, club_items
from ejsync.sandbox.curriculum import CANCELLED
from ejsync.sandbox.markbook import LATE_VALUE, reading
from ejsync.sandbox.term import bell, compact, holiday_name, weekday_title, weeks
from ejsync.sandbox.weekplan import topic

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from ejsync.sandbox.assignments import Task
    from ejsync.sandbox.invented import Pupil
    from ejsync.sandbox.markbook import Mark, MarkKind
    from ejsync.sandbox.question import Question
    from ejsync.sandbox.rollbook import Rollbook
    from ejsync.sandbox.term import Period
    from ejsync.sandbox.weekplan import Lesson

    Items = Callable[[Rollbook, Pupil, date, Question], dict[str, Any]]
    Clubs = Callable[[Rollbook, Pupil, date], list[dict[str, Any]]]

# ElJur's days, marks and finals are open JSON; a shape is what it is written as.
Json = dict[str, Any]


def or_php_empty(document: Json) -> Json | list[Any]:
    """The object, or `[]` where it is empty: PHP cannot tell an empty object from an empty list."""
    return document or []


def day_head(book: Rollbook, day: date) -> Json:
    """Name, title and alert of a day."""
    head: Json = {"name": compact(day), "title": weekday_title(day)}
    if alert := book.term.alert(day):
        head["alert"] = alert
    if holiday := holiday_name(day):
        head["holiday_name"] = holiday
    return head


def days_asked(book: Rollbook, question: Question) -> list[date]:
    """The days of the window that the journal lists."""
    return [day for day in book.term.weekdays if question.covers(day)]


def visible_lessons(book: Rollbook, pupil: Pupil, day: date) -> list[Lesson]:
    """The class's lessons of the day that this pupil attends."""
    lessons = book.timetable[pupil.form].get(day, ())
    return [lesson for lesson in lessons if not lesson.grp or lesson.grp == pupil.group]


def visible_tasks(book: Rollbook, pupil: Pupil, day: date) -> list[Task]:
    """The homework of the day that this pupil sees."""
    tasks = book.homework[pupil.form].get(day, ())
    return [task for task in tasks if task.overlaps(grp=pupil.group, pupil=pupil.id)]


def schedule(book: Rollbook, question: Question) -> Json:
    """`getschedule` by pupil: `items` keyed by lesson number."""
    return _by_pupil(question, lambda pupil: _days(book, question, pupil, (_timetable_items, club_items)))


def diary(book: Rollbook, question: Question) -> Json:
    """`getdiary`: the timetable with topics, homework, files and marks."""
    return _by_pupil(question, lambda pupil: _days(book, question, pupil, (_diary_items, club_diary_items)))


def marks(book: Rollbook, question: Question) -> Json:
    """`getmarks`: every subject of the pupil, also those without marks in the window."""

    def one(pupil: Pupil) -> Json:
        cells, first, last = book.marks[pupil.id], question.first, question.last
        names = {lesson_id: name for name, lesson_id in book.courses[pupil.form].items()}
        # Marks from a class left behind stay listed under the course they were given in.
        names |= {lesson_id: found[0].subject for lesson_id, found in cells.items() if found}
        return {
            "lessons": [
                _marks_of_course(name, lesson_id, [m for m in cells.get(lesson_id, ()) if first <= m.date <= last])
                for lesson_id, name in names.items()
            ]
        }

    return _by_pupil(question, one)


def finals(book: Rollbook, question: Question) -> Json:
    """`getfinalassessments`: no window and no dates."""

    def one(pupil: Pupil) -> Json:
        items: dict[str, list[Json]] = {}
        for final in book.finals[pupil.id]:
            shown: Json = {"period": final.period, "value": final.value, "comment": final.comment}
            shown |= {"convert": final.convert, "color_hex": final.color_hex}
            items.setdefault(final.subject, []).append(shown)
        return {"items": [{"name": name, "assessments": shown} for name, shown in items.items()]}

    return _by_pupil(question, one)


def homework(book: Rollbook, question: Question) -> Json:
    """`gethomework` by pupil: `items` keyed by the subject's name; days without homework are left out."""

    def one(pupil: Pupil) -> Json:
        days = {day: visible_tasks(book, pupil, day) for day in days_asked(book, question)}
        shown = {
            compact(day): {**day_head(book, day), "items": _homework_items(tasks)}
            for day, tasks in days.items()
            if tasks
        }
        return {"days": or_php_empty(shown)}

    return _by_pupil(question, one)


def periods(book: Rollbook, question: Question) -> Json:
    """`getperiods`: `students` is a list here; disabled periods and weeks come on demand."""
    shown = [
        {
            "name": pupil.id,
            "title": pupil.title,
            "periods": [
                period_shape(period, with_weeks="weeks" in question.flags)
                for period in book.periods(pupil.form)
                if not period.disabled or "show_disabled" in question.flags
            ],
        }
        for pupil in question.pupils
    ]
    return {"students": shown}


def period_shape(period: Period, *, with_weeks: bool) -> Json:
    """A period; an ambiguous one has neither dates nor weeks."""
    shape: Json = {"name": period.name, "fullname": period.fullname}
    shape |= {"disabled": period.disabled, "ambigious": period.ambigious}
    if period.start and period.end:
        shape |= {"start": compact(period.start), "end": compact(period.end)}
        if with_weeks:
            shape["weeks"] = [
                {"start": compact(start), "end": compact(end), "title": title}
                for start, end, title in period_weeks(period)
            ]
    return shape


def period_weeks(period: Period) -> list[tuple[date, date, str]]:
    """First day, last day and title of a period's weeks; an ambiguous one has none."""
    if not period.start or not period.end:
        return []
    return [(start, end, f"{start:%d.%m} - {end:%d.%m}") for start, end in weeks(period.start, period.end)]


def files_of(tasks: list[Task]) -> list[Json]:
    """The files of some tasks, each joined to its task by `toid`."""
    return [{"toid": task.id, "filename": name, "link": file_link(name)} for task in tasks for name in task.files]


def updates(_book: Rollbook, question: Question) -> Json:
    """`getupdates`: both lists, always empty, because what an item holds was never seen."""
    return _by_pupil(question, lambda _pupil: {"updates": {"latest": [], "old": []}})


def _by_pupil(question: Question, one: Callable[[Pupil], Json]) -> Json:
    shown = {pupil.id: {"name": pupil.id, "title": pupil.title, **one(pupil)} for pupil in question.pupils}
    return {"students": or_php_empty(shown)}


def _days(book: Rollbook, question: Question, pupil: Pupil, shown: tuple[Items, Clubs]) -> Json:
    days: Json = {}
    items, clubs = shown
    for day in days_asked(book, question):
        days[compact(day)] = {**day_head(book, day), "items": or_php_empty(items(book, pupil, day, question))}
        if extra := clubs(book, pupil, day):
            days[compact(day)]["items_extday"] = extra
    return {"days": or_php_empty(days)}


def lesson_shape(lesson: Lesson, *, teacher: str, rings: bool) -> Json:
    """What a timetable item holds in every answer."""
    shape: Json = {"name": lesson.name, "num": str(lesson.num), "room": lesson.room}
    shape |= {"teacher": teacher, "sort": lesson.num * 10}
    if lesson.grp:
        shape |= {"grp_short": lesson.grp, "grp": lesson.grp}
    if rings:
        shape["starttime"], shape["endtime"] = bell(lesson.num)
    return shape


def _timetable_items(book: Rollbook, pupil: Pupil, day: date, question: Question) -> Json:
    rings = "rings" in question.flags
    return {
        str(lesson.num): lesson_shape(lesson, teacher=book.teachers[lesson.teacher_id].full, rings=rings)
        for lesson in visible_lessons(book, pupil, day)
    }


def _diary_items(book: Rollbook, pupil: Pupil, day: date, question: Question) -> Json:
    items = _timetable_items(book, pupil, day, question)
    tasks, cells, courses = visible_tasks(book, pupil, day), book.marks[pupil.id], book.courses[pupil.form]
    shown: set[str] = set()
    for lesson in visible_lessons(book, pupil, day):
        # Marks and homework hang on the subject: where it stands twice a day, its first lesson shows them.
        name = CANCELLED if lesson.name in shown else lesson.name
        shown.add(lesson.name)
        lesson_id = courses.get(name, "")
        of_day = [mark for mark in cells.get(lesson_id, ()) if mark.date == day]
        own = [task for task in tasks if task.subject == name]
        items[str(lesson.num)] |= {
            "lesson_id": courses.get(lesson.name, ""),
            "topic": topic(lesson, term=book.term),
            "is_control": lesson.is_control,
            "homework": or_php_empty(_homework_shape(own)),
            "files": files_of(own),
            "resources": [],
            "assessments": [_diary_mark(mark) for mark in of_day],
        }
    return items


def _homework_shape(tasks: list[Task]) -> Json:
    return {
        str(task.index): {"id": task.id, "value": task.text, "individual": task.pupil is not None} for task in tasks
    }


def _homework_items(tasks: list[Task]) -> Json:
    items: Json = {}
    for subject in dict.fromkeys(task.subject for task in tasks):
        own = [task for task in tasks if task.subject == subject]
        files = files_of(own)
        items[subject] = {"name": subject, "homework": _homework_shape(own), **({"files": files} if files else {})}
    return items


def _diary_mark(mark: Mark) -> Json:
    shape: Json = {"value": mark.value, "countas": mark.countas, "count": mark.count, "convert": mark.convert}
    shape |= {"lesson_id": mark.lesson_id, "date": mark.date, "nm": str(mark.nm), "comment": mark.comment}
    if mark.kind:
        shape |= {"control_type": mark.kind.type, "control_type_short": mark.kind.short}
        shape |= {"weight": mark.weight, "weight_float": f"{mark.weight}.00"}
    return shape


def _marks_of_course(name: str, lesson_id: str, found: list[Mark]) -> Json:
    graded = [(mark.weight, reading(mark.value)[1]) for mark in found if reading(mark.value)[0]]
    # Absences and phantoms have a weight too but must not move the average.
    weight = sum(weight for weight, _ in graded)
    mean = sum(weight * grade for weight, grade in graded) / weight if weight else 0.0
    return {
        "name": name,
        "lesson_id": lesson_id,
        "average": f"{mean:.2f}" if weight else "",
        "averageConvert": int(mean),
        "marks": [_mark_shape(mark) for mark in found],
    }


def _mark_shape(mark: Mark) -> Json:
    value, weight = mark.value, mark.weight
    count, convert, countas = reading(value)
    shape = {
        "value": value,
        "weight": weight,
        "weight_float": weight,
        "countas": countas,
        "count": count,
        "convert": convert,
        "mtype": kind_shape(mark.kind) if mark.kind else ([] if value == "" else None),
        "comment": mark.comment,
        "lesson_comment": mark.lesson_comment,
        "max_mark": None,
        "date": mark.date,
        "lesson_id": mark.lesson_id,
        "nm": str(mark.nm),
    }
    # A late arrival has no `mtype` at all, an absence a null, a phantom an empty list: all three were seen.
    if value == LATE_VALUE:
        del shape["mtype"]
    return shape


@cache
def kind_shape(kind: MarkKind) -> Json:
    """What a mark was for, as `mtype` shows it."""
    return {"id": kind.id, "type": kind.type, "short": kind.short}
