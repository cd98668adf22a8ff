"""Answers of reads by class and by account: timetable, homework, substitutions, rules and the list of people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ejsync.sandbox.invented import level_of
from ejsync.sandbox.pupil_answers import (
    Json,
    day_head,
    days_asked,
    files_of,
    lesson_shape,
    or_php_empty,
)
from ejsync.sandbox.term import compact

if TYPE_CHECKING:
    from ejsync.sandbox.assignments import Task
    from ejsync.sandbox.invented import Pupil, Teacher
    from ejsync.sandbox.question import Question
    from ejsync.sandbox.rollbook import Rollbook
    from ejsync.sandbox.weekplan import Lesson

VENDOR_ID = 77
_HEADS = 2


def schedule(book: Rollbook, question: Question) -> Json:
    """`getschedule` by class: no pupils' level, `items` a list in which subgroups share a number."""
    table, rings = book.timetable[str(question.form)], "rings" in question.flags
    days = {
        compact(day): {
            **day_head(book, day),
            "items": [class_lesson(book, lesson, rings=rings) for lesson in table.get(day, ())],
        }
        for day in days_asked(book, question)
    }
    return {"days": or_php_empty(days)}


def class_lesson(book: Rollbook, lesson: Lesson, *, rings: bool) -> Json:
    """A timetable item as a class sees it: the teacher's short name, and the id as a number."""
    shape = lesson_shape(lesson, teacher=book.teachers[lesson.teacher_id].short, rings=rings)
    # A number here but text among the receivers: the drift is in the recorded answers.
    return {**shape, "teacher_id": int(lesson.teacher_id)}


def replaces(book: Rollbook, question: Question) -> Json:
    """`getreplaces`: the replaced lessons of one day."""
    lessons = book.timetable.get(str(question.form), {}).get(question.first, ())
    return {"replace": [class_lesson(book, lesson, rings=False) for lesson in lessons if lesson.replaced]}


def homework(book: Rollbook, question: Question) -> Json:
    """`gethomework` by class: what a single pupil was given is only hinted at."""
    # Unlike the timetable, homework lists only the days that have some.
    days = {}
    for day in days_asked(book, question):
        if tasks := book.homework[str(question.form)].get(day):
            days[compact(day)] = {**day_head(book, day), "items": _homework_items(tasks)}
    return {"days": or_php_empty(days)}


def rules(book: Rollbook, question: Question) -> Json:
    """`getrules`: the account, its roles, and the methods allowed for each pupil and class."""
    account = question.account
    students = {
        pupil.id: {"name": pupil.id, "title": pupil.title, "rules": account.pupil_rules(book, pupil)}
        for pupil in account.pupils(book)
    }
    groups = {
        form: {"name": form, "parallel": str(level_of(form)), "rules": account.class_rules(book, form)}
        for form in account.classes(book)
    }
    # What `schools` holds was never seen, so it is empty here as PHP would write it.
    relations = {"students": or_php_empty(students), "groups": or_php_empty(groups), "schools": []}
    head = {"name": account.id, "id": account.id, "title": account.title, "vuid": f"{VENDOR_ID}#{account.id}"}
    return {**head, "roles": [account.role], "relations": relations}


def receivers(book: Rollbook, _question: Question) -> Json:
    """`getmessagereceivers`: the heads (who are teachers too), the teachers, and the pupils class by class."""
    teachers = [_person(teacher) for teacher in book.teachers.values()]
    subgroups = [{"name": form, "users": [_person(pupil) for pupil in book.members(form)]} for form in book.forms]
    return {
        "groups": [
            {"key": "administration", "name": "Администрация", "users": teachers[:_HEADS]},
            {"key": "teachers", "name": "Учителя", "users": teachers},
            {"key": "students", "name": "Ученики", "subgroups": subgroups},
        ]
    }


def _person(person: Pupil | Teacher) -> Json:
    names = {"name": person.id, "lastname": person.lastname, "firstname": person.firstname}
    # A missing patronymic comes as an empty string or not at all.
    if not person.middlename and int(person.id) % 2:
        return names
    return {**names, "middlename": person.middlename}


def _homework_items(tasks: list[Task]) -> list[Json]:
    return [
        _homework_item([task for task in tasks if (task.subject, task.grp) == head])
        for head in dict.fromkeys((task.subject, task.grp) for task in tasks)
    ]


def _homework_item(tasks: list[Task]) -> Json:
    # The text of an individual task must not leak to the class.
    common = [task for task in tasks if task.pupil is None]
    shown = {str(task.index): {"id": task.id, "value": task.text} for task in common}
    item: Json = {"name": tasks[0].subject, "homework": or_php_empty(shown)}
    if tasks[0].grp:
        item["grp"] = tasks[0].grp
    if len(common) < len(tasks):
        item["individual_exists"] = True
    files = files_of(common)
    return {**item, "files": {"file": files}} if files else item
