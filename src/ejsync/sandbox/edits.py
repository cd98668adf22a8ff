"""Edits of the simulated journal: what a teacher or a secretary does to it between two reads.

Every edit is a JSON document with `op` and the fields that `OPERATIONS` names; `edit` applies it and returns it
completed with what the journal worked out (`nm`, `lesson_id`, `index`, a new pupil's id).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from ejsync.sandbox.assignments import Task, next_index
from ejsync.sandbox.edit_places import Document, Done, EditError, day_named, pupil_named
from ejsync.sandbox.lesson_edits import LESSON_OPERATIONS
from ejsync.sandbox.markbook import ORDINARY_KIND, Final, Mark
from ejsync.sandbox.school_edits import SCHOOL_OPERATIONS

if TYPE_CHECKING:
    from ejsync.sandbox.rollbook import Rollbook


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


def _course(book: Rollbook, document: Document) -> str:
    if "lesson_id" in document:
        return str(document["lesson_id"])
    return book.courses[pupil_named(book, document).form][str(document["subject"])]


def _find_mark(book: Rollbook, document: Document) -> tuple[list[Mark], Mark]:
    cells = book.marks[pupil_named(book, document).id].get(_course(book, document), [])
    day, nm = day_named(document), int(document.get("nm", 0))
    for mark in cells:
        if (mark.date, mark.nm) == (day, nm):
            return cells, mark
    raise EditError("no mark there")


def _add_mark(book: Rollbook, document: Document) -> Done:
    pupil, lesson_id, day = pupil_named(book, document), _course(book, document), day_named(document)
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
    return book.homework[str(document["class"])].setdefault(day_named(document), [])


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
    tasks.append(Task(form, day_named(document), subject, grp, pupil, index, str(document["text"]), files))
    return {"index": index}


def _change_homework(book: Rollbook, document: Document) -> Done:
    task = _find_task(book, document)
    task.text = str(document["text"])
    return {}


def _remove_homework(book: Rollbook, document: Document) -> Done:
    task = _find_task(book, document)
    _tasks(book, document).remove(task)
    return {"text": task.text}


def _set_final(book: Rollbook, document: Document) -> Done:
    """Set, change or (value null) take back a final assessment."""
    pupil, subject, period = pupil_named(book, document), str(document["subject"]), str(document["period"])
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
    "final_set": _set_final,
    **LESSON_OPERATIONS,
    **SCHOOL_OPERATIONS,
}
