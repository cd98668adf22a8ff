"""Edits that change who is at the school and how it is divided: pupils, groups, subjects, and the year itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ejsync.sandbox.assignments import next_index
from ejsync.sandbox.edit_places import Document, Done, EditError, class_named, day_named, pupil_named
from ejsync.sandbox.invented import GROUPS
from ejsync.sandbox.rollover import roll_over

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from ejsync.sandbox.assignments import Task
    from ejsync.sandbox.rollbook import Rollbook


def _leave(book: Rollbook, document: Document) -> Done:
    book.remove_pupil(pupil_named(book, document).id)
    return {}


def _join(book: Rollbook, document: Document) -> Done:
    pupil = book.admit_pupil(class_named(book, document))
    for name in ("lastname", "firstname", "middlename"):
        setattr(pupil, name, str(document.get(name, getattr(pupil, name))))
    return {"pupil": pupil.id, "lastname": pupil.lastname, "firstname": pupil.firstname, "middlename": pupil.middlename}


def _move(book: Rollbook, document: Document) -> Done:
    """Move a pupil to another class; his marks stay under the courses they were given in."""
    pupil, form = pupil_named(book, document), class_named(book, document)
    before = pupil.form
    book.drop_individual(pupil.id)
    pupil.form = form
    return {"from": before}


def _change_group(book: Rollbook, document: Document) -> Done:
    """Move a pupil to the other group, in every subject that his class learns in two."""
    pupil = pupil_named(book, document)
    before, other = pupil.group, next(group for group in GROUPS if group != pupil.group)
    if document.get("grp", other) != other:
        raise EditError(f"no other group of that name; there is {other}")
    book.drop_individual(pupil.id, grp=before)
    pupil.group = other
    return {"grp": other, "from": before}


def _rename_subject(book: Rollbook, document: Document) -> Done:
    """Give a subject of a class another name everywhere; its `lesson_id` stays."""
    form, old, new = class_named(book, document), str(document["subject"]), str(document["name"])
    courses = book.courses[form]
    lesson_id = courses[old]
    if new in courses:
        raise EditError("the class has a subject of that name")
    book.courses[form] = {new if name == old else name: known for name, known in courses.items()}
    book.split[form] = {new if name == old else name for name in book.split[form]}
    tables = (book.timetable[form], book.wiped.get(form, {}))
    for lesson in (lesson for table in tables for of_day in table.values() for lesson in of_day if lesson.name == old):
        lesson.name = new
    for task in (task for tasks in book.homework[form].values() for task in tasks if task.subject == old):
        task.subject = new
    # Those who have left the class keep its marks, under the course's new name; finals know no course.
    for mark in (mark for cells in book.marks.values() for mark in cells.get(lesson_id, ())):
        mark.subject = new
    for final in (final for pupil in book.members(form) for final in book.finals[pupil.id] if final.subject == old):
        final.subject = new
    return {"lesson_id": lesson_id}


def _split_class(book: Rollbook, document: Document) -> Done:
    """Teach a subject in two groups from a day on; homework for all becomes homework for each group."""
    form, subject, since = class_named(book, document), str(document["subject"]), _since(book, document)
    second = None if "teacher_id" not in document else book.teachers[str(document["teacher_id"])].id
    days = [lessons for day, lessons in book.timetable[form].items() if day >= since]
    whole = [(lessons, one) for lessons in days for one in lessons if one.name == subject and not one.grp]
    if not whole:
        raise EditError("the class does not learn that together from then on")
    one, other = GROUPS
    for lessons, lesson in whole:
        lesson.grp = one
        half = replace(lesson, grp=other, teacher_id=second or lesson.teacher_id)
        lessons.insert(lessons.index(lesson) + 1, half)
    for tasks in _homework_since(book, form, since):
        for task in [task for task in tasks if (task.subject, task.grp, task.pupil) == (subject, "", None)]:
            task.grp = one
            tasks.append(replace(task, grp=other))
    book.split[form].add(subject)
    return {"since": since.isoformat(), "groups": list(GROUPS), "lessons": len(whole)}


def _join_groups(book: Rollbook, document: Document) -> Done:
    """Teach a subject to the whole class again from a day on; homework that both groups had becomes one."""
    form, subject, since = class_named(book, document), str(document["subject"]), _since(book, document)
    days = [lessons for day, lessons in book.timetable[form].items() if day >= since]
    halves = [(lessons, one) for lessons in days for one in lessons if one.name == subject and one.grp]
    if not halves:
        raise EditError("the class does not learn that in groups from then on")
    for lessons, half in halves:
        # The other half may be cancelled or replaced: what stands at the same number goes, whatever its name.
        if any(one is half for one in lessons):
            half.grp = ""
            lessons[:] = [one for one in lessons if one is half or one.num != half.num]
    for tasks in _homework_since(book, form, since):
        tasks[:] = _joined([task for task in tasks if task.subject == subject]) + [
            task for task in tasks if task.subject != subject
        ]
    return {"since": since.isoformat()}


def _joined(tasks: list[Task]) -> list[Task]:
    """Tasks of one day and subject as tasks of no group: alike ones become one, and they are numbered anew."""
    joined: list[Task] = []
    for task in sorted(tasks, key=lambda task: (task.pupil is not None, task.index)):
        if any((task.pupil, task.text, task.files) == (one.pupil, one.text, one.files) for one in joined):
            continue
        index = next_index(joined, subject=task.subject, grp="", pupil=task.pupil)
        joined.append(replace(task, grp="", index=index))
    return joined


def _since(book: Rollbook, document: Document) -> date:
    return day_named(document, field="since") if "since" in document else book.term.today


def _homework_since(book: Rollbook, form: str, since: date) -> list[list[Task]]:
    return [tasks for day, tasks in book.homework[form].items() if day >= since]


def _roll_over(book: Rollbook, _document: Document) -> Done:
    roll_over(book)
    return {"today": book.term.today.isoformat(), "school_year": book.term.label, "classes": list(book.forms)}


SCHOOL_OPERATIONS: dict[str, Callable[[Rollbook, Document], Done]] = {
    "pupil_left": _leave,
    "pupil_joined": _join,
    "pupil_moved": _move,
    "group_changed": _change_group,
    "subject_renamed": _rename_subject,
    "class_split": _split_class,
    "class_joined": _join_groups,
    "year_rolled_over": _roll_over,
}
