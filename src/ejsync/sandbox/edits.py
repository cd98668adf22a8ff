"""Edits of the simulated journal: what a teacher or a secretary does to it between two reads.

Every edit is a JSON document with `op` and the fields that `OPERATIONS` names; `edit` applies it and returns it
completed with what the journal worked out (`nm`, `lesson_id`, `index`, a new pupil's id).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, TypeAlias

from ejsync.sandbox.assignments import Task, next_index
from ejsync.sandbox.curriculum import CANCELLED
from ejsync.sandbox.markbook import ORDINARY_KIND, Final, Mark

if TYPE_CHECKING:
    from ejsync.sandbox.invented import Pupil
    from ejsync.sandbox.rollbook import Rollbook
    from ejsync.sandbox.weekplan import Lesson

Document: TypeAlias = Mapping[str, Any]
Done: TypeAlias = dict[str, Any]


class EditError(ValueError):
    """An edit that the journal cannot make: an unknown operation, a missing field, nothing at that place."""


def edit(book: Rollbook, document: object) -> Done:
    """Make one edit.

    Raises:
        EditError: Nothing was changed, because the document names no place or operation of this journal.
    """
    if not isinstance(document, Mapping):
        raise EditError("an edit is a JSON object")
    operation = OPERATIONS.get(str(document.get("op")))
    if operation is None:
        raise EditError(f"unknown op; known are {', '.join(sorted(OPERATIONS))}")
    try:
        return {**document, **operation(book, document)}
    except KeyError as missing:
        raise EditError(f"no such field, pupil, class, subject or day: {missing.args[0]}") from None


def _pupil(book: Rollbook, document: Document) -> Pupil:
    return book.pupils[str(document["pupil"])]


def _day(document: Document) -> date:
    try:
        return date.fromisoformat(str(document["date"]))
    except ValueError:
        raise EditError("date is YYYY-MM-DD") from None


def _course(book: Rollbook, document: Document) -> str:
    if "lesson_id" in document:
        return str(document["lesson_id"])
    return book.courses[_pupil(book, document).form][str(document["subject"])]


def _find_mark(book: Rollbook, document: Document) -> tuple[list[Mark], Mark]:
    cells = book.marks[_pupil(book, document).id].get(_course(book, document), [])
    day, nm = _day(document), int(document.get("nm", 0))
    for mark in cells:
        if (mark.date, mark.nm) == (day, nm):
            return cells, mark
    raise EditError("no mark there")


def _add_mark(book: Rollbook, document: Document) -> Done:
    pupil, lesson_id, day = _pupil(book, document), _course(book, document), _day(document)
    names = {known: name for name, known in book.courses[pupil.form].items()}
    cells = book.marks[pupil.id].setdefault(lesson_id, [])
    subject = cells[0].subject if cells else names[lesson_id]
    nm = sum(mark.date == day for mark in cells)
    weight, comment = int(document.get("weight", 1)), str(document.get("comment", ""))
    mark = Mark(lesson_id, subject, day, nm, str(document["value"]), weight, ORDINARY_KIND, comment, None)
    # ElJur gives an absence no type of work.
    if not mark.count:
        mark.kind = None
    cells.append(mark)
    cells.sort(key=lambda known: (known.date, known.nm))
    return _shown(mark)


def _change_mark(book: Rollbook, document: Document) -> Done:
    _, mark = _find_mark(book, document)
    mark.value = str(document.get("value", mark.value))
    mark.weight = int(document.get("weight", mark.weight))
    mark.comment = str(document.get("comment", mark.comment))
    mark.kind = (mark.kind or ORDINARY_KIND) if mark.count else None
    return _shown(mark)


def _remove_mark(book: Rollbook, document: Document) -> Done:
    """Remove a mark; those after it in its cell move up, as they may in ElJur."""
    cells, removed = _find_mark(book, document)
    shown = _shown(removed)
    cells.remove(removed)
    for nm, mark in enumerate(mark for mark in cells if mark.date == removed.date):
        mark.nm = nm
    return shown


def _shown(mark: Mark) -> Done:
    # The place is told in full, so that a comparator need not know how the journal numbers its cells.
    head = {"lesson_id": mark.lesson_id, "subject": mark.subject, "nm": mark.nm}
    return {**head, "value": mark.value, "weight": mark.weight, "comment": mark.comment}


def _task_place(document: Document) -> tuple[str, str, str | None]:
    pupil = document.get("pupil")
    return str(document["subject"]), str(document.get("grp") or ""), None if pupil is None else str(pupil)


def _tasks(book: Rollbook, document: Document) -> list[Task]:
    return book.homework[str(document["class"])].setdefault(_day(document), [])


def _find_task(book: Rollbook, document: Document) -> Task:
    place = (*_task_place(document), int(document["index"]))
    for task in _tasks(book, document):
        if (task.subject, task.grp, task.pupil, task.index) == place:
            return task
    raise EditError("no homework there")


def _add_homework(book: Rollbook, document: Document) -> Done:
    subject, grp, pupil = _task_place(document)
    tasks, form = _tasks(book, document), str(document["class"])
    index = next_index(tasks, subject=subject, grp=grp, pupil=pupil)
    files = tuple(str(name) for name in document.get("files", ()))
    tasks.append(Task(form, _day(document), subject, grp, pupil, index, str(document["text"]), files))
    return {"index": index}


def _change_homework(book: Rollbook, document: Document) -> Done:
    task = _find_task(book, document)
    task.text = str(document["text"])
    return {}


def _remove_homework(book: Rollbook, document: Document) -> Done:
    task = _find_task(book, document)
    _tasks(book, document).remove(task)
    return {"text": task.text}


def _lessons(book: Rollbook, document: Document) -> list[Lesson]:
    num, grp = int(document["num"]), document.get("grp")
    of_day = book.timetable[str(document["class"])].get(_day(document), [])
    found = [lesson for lesson in of_day if lesson.num == num and grp in {None, lesson.grp}]
    if not found:
        raise EditError("no lesson there")
    return found


def _replace_lesson(book: Rollbook, document: Document) -> Done:
    # Without a group, the replacement takes the whole class and so every subgroup of the number.
    for lesson in _lessons(book, document):
        teacher = book.teachers[str(document.get("teacher_id", lesson.teacher_id))]
        lesson.teacher_id, lesson.replaced = teacher.id, True
        lesson.name = str(document.get("subject", lesson.name))
        lesson.room = str(document.get("room", lesson.room))
    return {}


def _cancel_lesson(book: Rollbook, document: Document) -> Done:
    for lesson in _lessons(book, document):
        lesson.name = CANCELLED
    return {}


def _wipe_timetable(book: Rollbook, document: Document) -> Done:
    form = str(document["class"])
    # A second wipe must not put the empty timetable in place of the one kept.
    book.wiped.setdefault(form, book.timetable[form])
    book.timetable[form] = {}
    return {}


def _restore_timetable(book: Rollbook, document: Document) -> Done:
    form = str(document["class"])
    book.timetable[form] = book.wiped.pop(form)
    return {}


def _leave(book: Rollbook, document: Document) -> Done:
    book.remove_pupil(_pupil(book, document).id)
    return {}


def _join(book: Rollbook, document: Document) -> Done:
    form = str(document["class"])
    if form not in book.forms:
        raise EditError("no such class")
    pupil = book.admit_pupil(form)
    for name in ("lastname", "firstname", "middlename"):
        setattr(pupil, name, str(document.get(name, getattr(pupil, name))))
    return {"pupil": pupil.id, "lastname": pupil.lastname, "firstname": pupil.firstname, "middlename": pupil.middlename}


def _move(book: Rollbook, document: Document) -> Done:
    """Move a pupil to another class; his marks stay under the courses they were given in."""
    pupil, form = _pupil(book, document), str(document["class"])
    before = pupil.form
    if form not in book.forms:
        raise EditError("no such class")
    book.drop_individual(pupil.id)
    pupil.form = form
    return {"from": before}


def _set_final(book: Rollbook, document: Document) -> Done:
    """Set, change or (value null) take back a final assessment."""
    pupil, subject, period = _pupil(book, document), str(document["subject"]), str(document["period"])
    if period not in {known.name for known in book.periods(pupil.form)}:
        raise EditError("no such period in the pupil's class")
    finals = book.finals[pupil.id]
    # In place: the list is shared with whoever holds the journal.
    finals[:] = [final for final in finals if (final.subject, final.period) != (subject, period)]
    if document["value"] is not None:
        finals.append(Final(subject, period, str(document["value"]), str(document.get("comment", ""))))
    return {}


OPERATIONS: dict[str, Callable[[Rollbook, Document], Done]] = {
    "mark_added": _add_mark,
    "mark_changed": _change_mark,
    "mark_removed": _remove_mark,
    "homework_added": _add_homework,
    "homework_changed": _change_homework,
    "homework_removed": _remove_homework,
    "lesson_replaced": _replace_lesson,
    "lesson_cancelled": _cancel_lesson,
    "timetable_wiped": _wipe_timetable,
    "timetable_restored": _restore_timetable,
    "pupil_left": _leave,
    "pupil_joined": _join,
    "pupil_moved": _move,
    "final_set": _set_final,
}
