"""The plain journal as one document of raw facts, for a comparator that knows nothing of this program.

Values and ids are spelled as ElJur shows them; dates are `YYYY-MM-DD`; pupils who left are gone with their facts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ejsync.sandbox.assignments import file_link
from ejsync.sandbox.clubs import club_facts
from ejsync.sandbox.invented import level_of
from ejsync.sandbox.pupil_answers import kind_shape, period_weeks
from ejsync.sandbox.term import bell, holiday_name
from ejsync.sandbox.weekplan import topic

if TYPE_CHECKING:
    from ejsync.sandbox.rollbook import Rollbook

Fact = dict[str, Any]


def journal_state(book: Rollbook) -> Fact:
    """Everything the journal shows now, as flat lists."""
    return {
        "today": book.term.today,
        "school_year": book.term.label,
        "classes": [_class_fact(book, form) for form in book.forms],
        "teachers": [_teacher_fact(book, teacher) for teacher in book.teachers],
        "pupils": [_pupil_fact(book, pupil) for pupil in book.pupils],
        "left": list(book.left),
        "periods": _periods(book),
        "days": _days(book),
        "lessons": _lessons(book),
        "control_works": _control_works(book),
        "extday": club_facts(book),
        "marks": _marks(book),
        "homework": _homework(book),
        "finals": _finals(book),
    }


def _class_fact(book: Rollbook, form: str) -> Fact:
    subjects = [{"lesson_id": lesson_id, "name": name} for name, lesson_id in book.courses[form].items()]
    return {"class": form, "parallel": level_of(form), "subjects": subjects}


def _teacher_fact(book: Rollbook, teacher_id: str) -> Fact:
    teacher = book.teachers[teacher_id]
    names = {"lastname": teacher.lastname, "firstname": teacher.firstname, "middlename": teacher.middlename}
    return {"id": teacher_id, **names, "short": teacher.short, "full": teacher.full}


def _pupil_fact(book: Rollbook, pupil_id: str) -> Fact:
    pupil = book.pupils[pupil_id]
    names = {"lastname": pupil.lastname, "firstname": pupil.firstname, "middlename": pupil.middlename}
    groups = dict.fromkeys(sorted(book.split[pupil.form]), pupil.group)
    return {"id": pupil_id, **names, "class": pupil.form, "groups": groups}


def _periods(book: Rollbook) -> list[Fact]:
    return [
        {
            "class": form,
            "name": period.name,
            "fullname": period.fullname,
            "disabled": period.disabled,
            "ambigious": period.ambigious,
            "start": period.start,
            "end": period.end,
            "weeks": [{"start": start, "end": end, "title": title} for start, end, title in period_weeks(period)],
        }
        for form in book.forms
        for period in book.periods(form)
    ]


def _days(book: Rollbook) -> list[Fact]:
    # Alerts do not depend on the class: asked once, or a large school would take long.
    alerts = [(day, book.term.alert(day), holiday_name(day)) for day in book.term.weekdays]
    return [
        {"class": form, "date": day, "alert": alert, "holiday_name": holiday}
        for form in book.forms
        for day, alert, holiday in alerts
    ]


def _lessons(book: Rollbook) -> list[Fact]:
    facts = []
    for form, table in book.timetable.items():
        for lesson in (lesson for lessons in table.values() for lesson in lessons):
            start, end = bell(lesson.num)
            facts.append(
                {
                    "class": form,
                    "date": lesson.date,
                    "num": str(lesson.num),
                    "name": lesson.name,
                    "grp": lesson.grp or None,
                    "teacher": book.teachers[lesson.teacher_id].short,
                    "teacher_id": int(lesson.teacher_id),
                    "room": lesson.room,
                    "starttime": start,
                    "endtime": end,
                    "topic": topic(lesson, term=book.term),
                    "replaced": lesson.replaced,
                }
            )
    return facts


def _control_works(book: Rollbook) -> list[Fact]:
    """Control works of the past and of the weeks ahead, one for each subgroup that writes."""
    return [
        {
            "class": form,
            "date": lesson.date,
            "num": str(lesson.num),
            "grp": lesson.grp or None,
            "subject": lesson.name,
            "topic": topic(lesson, term=book.term),
            "lesson_id": book.courses[form].get(lesson.name, ""),
        }
        for form, table in book.timetable.items()
        for lessons in table.values()
        for lesson in lessons
        if lesson.is_control
    ]


def _marks(book: Rollbook) -> list[Fact]:
    return [
        {
            "pupil": pupil,
            "lesson_id": mark.lesson_id,
            "subject": mark.subject,
            "date": mark.date,
            "nm": str(mark.nm),
            "value": mark.value,
            "weight": mark.weight,
            "count": mark.count,
            "countas": mark.countas,
            "mtype": kind_shape(mark.kind) if mark.kind else None,
            "comment": mark.comment,
            "lesson_comment": mark.lesson_comment,
            "max_mark": None,
        }
        for pupil, courses in book.marks.items()
        for cells in courses.values()
        for mark in cells
    ]


def _homework(book: Rollbook) -> list[Fact]:
    return [
        {
            "class": form,
            "pupil": task.pupil,
            "date": task.date,
            "subject": task.subject,
            "grp": task.grp or None,
            "index": str(task.index),
            "text": task.text,
            "files": [{"filename": name, "link": file_link(name)} for name in task.files],
        }
        for form, homework in book.homework.items()
        for tasks in homework.values()
        for task in tasks
    ]


def _finals(book: Rollbook) -> list[Fact]:
    return [
        {
            "pupil": pupil,
            "subject": final.subject,
            "period": final.period,
            "value": final.value,
            "comment": final.comment,
        }
        for pupil, finals in book.finals.items()
        for final in finals
    ]
