"""Edits of the timetable: lessons replaced, cancelled, moved and given another room; control works; a glitch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ejsync.sandbox.curriculum import CANCELLED
from ejsync.sandbox.edit_places import Document, Done, EditError, class_named, day_named, lessons_named

if TYPE_CHECKING:
    from collections.abc import Callable

    from ejsync.sandbox.rollbook import Rollbook
    from ejsync.sandbox.weekplan import Lesson

_MOST_LESSONS = 8
_CONTROL_TOPIC = "Контрольная работа"


def _replace_lesson(book: Rollbook, document: Document) -> Done:
    # Without a group, the replacement takes the whole class and so every subgroup of the number.
    for lesson in lessons_named(book, document):
        teacher = book.teachers[str(document.get("teacher_id", lesson.teacher_id))]
        lesson.teacher_id, lesson.replaced = teacher.id, True
        lesson.room = str(document.get("room", lesson.room))
        _rename(lesson, str(document.get("subject", lesson.name)))
    return {}


def _rename(lesson: Lesson, name: str) -> None:
    # Nobody writes one subject's control work in another's lesson.
    if name != lesson.name:
        lesson.name, lesson.control = name, None


def _cancel_lesson(book: Rollbook, document: Document) -> Done:
    for lesson in lessons_named(book, document):
        _rename(lesson, CANCELLED)
    return {}


def _change_room(book: Rollbook, document: Document) -> Done:
    room, lessons = str(document["room"]), lessons_named(book, document)
    for lesson in lessons:
        lesson.room = room
    return {"before": [lesson.room for lesson in lessons]}


def _move_lesson(book: Rollbook, document: Document) -> Done:
    """Move a whole number of a class, subgroups together; what stands at the goal comes to the old place."""
    table, day, num = book.timetable[class_named(book, document)], day_named(document), int(document["num"])
    goal = day_named(document, field="to_date") if "to_date" in document else day
    goal_num = int(document.get("to_num", num))
    if goal not in book.term.school_day_set or not 1 <= goal_num <= _MOST_LESSONS or (goal, goal_num) == (day, num):
        raise EditError("no such goal: a school day and a number from 1 to 8, other than the lesson's own")
    moving = lessons_named(book, {**document, "grp": None})
    meeting = [lesson for lesson in table.get(goal, ()) if lesson.num == goal_num]
    for lesson in moving:
        lesson.date, lesson.num = goal, goal_num
    for lesson in meeting:
        lesson.date, lesson.num = day, num
    lessons = {id(lesson): lesson for of_day in (day, goal) for lesson in table.get(of_day, ())}.values()
    for of_day in (day, goal):
        # Only days that the table has are in order of number, so the moved ones are sorted in.
        table[of_day] = sorted((one for one in lessons if one.date == of_day), key=lambda one: (one.num, one.grp))
    return {"to_date": goal.isoformat(), "to_num": goal_num, "swapped": bool(meeting)}


def _plan_control(book: Rollbook, document: Document) -> Done:
    lessons, topic = lessons_named(book, document), str(document.get("topic", _CONTROL_TOPIC))
    if any(lesson.cancelled for lesson in lessons):
        raise EditError("no control work in a cancelled lesson")
    for lesson in lessons:
        lesson.control = topic
    return {"topic": topic, "subject": lessons[0].name}


def _call_control_off(book: Rollbook, document: Document) -> Done:
    lessons = [lesson for lesson in lessons_named(book, document) if lesson.is_control]
    if not lessons:
        raise EditError("no control work there")
    shown = {"topic": lessons[0].control, "subject": lessons[0].name}
    for lesson in lessons:
        lesson.control = None
    return shown


def _wipe_timetable(book: Rollbook, document: Document) -> Done:
    form = class_named(book, document)
    # A second wipe must not put the empty timetable in place of the one kept.
    book.wiped.setdefault(form, book.timetable[form])
    book.timetable[form] = {}
    return {}


def _restore_timetable(book: Rollbook, document: Document) -> Done:
    form = class_named(book, document)
    book.timetable[form] = book.wiped.pop(form)
    return {}


LESSON_OPERATIONS: dict[str, Callable[[Rollbook, Document], Done]] = {
    "lesson_replaced": _replace_lesson,
    "lesson_cancelled": _cancel_lesson,
    "lesson_moved": _move_lesson,
    "room_changed": _change_room,
    "control_planned": _plan_control,
    "control_called_off": _call_control_off,
    "timetable_wiped": _wipe_timetable,
    "timetable_restored": _restore_timetable,
}
