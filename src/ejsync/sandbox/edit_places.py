"""What every edit of the simulated journal starts from: the document that asks for it, and where that points to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from ejsync.sandbox.invented import Pupil
    from ejsync.sandbox.rollbook import Rollbook
    from ejsync.sandbox.weekplan import Lesson

Document: TypeAlias = Mapping[str, Any]
Done: TypeAlias = dict[str, Any]


class EditError(ValueError):
    """An edit that the journal cannot make: an unknown operation, a missing field, nothing at that place."""


def pupil_named(book: Rollbook, document: Document) -> Pupil:
    """The pupil.

    Raises:
        KeyError: There is no such pupil.
    """
    return book.pupils[str(document["pupil"])]


def class_named(book: Rollbook, document: Document) -> str:
    """The class.

    Raises:
        EditError: There is no such class.
    """
    form = str(document["class"])
    if form not in book.forms:
        raise EditError("no such class")
    return form


def day_named(document: Document, *, field: str = "date") -> date:
    """The day, written `YYYY-MM-DD`.

    Raises:
        EditError: It is written otherwise.
    """
    try:
        return date.fromisoformat(str(document[field]))
    except ValueError:
        raise EditError(f"{field} is YYYY-MM-DD") from None


def lessons_named(book: Rollbook, document: Document) -> list[Lesson]:
    """The lessons of a class, day and number: of every subgroup where the document names none.

    Raises:
        EditError: None stands there.
    """
    num, grp = int(document["num"]), document.get("grp")
    of_day = book.timetable[class_named(book, document)].get(day_named(document), [])
    found = [lesson for lesson in of_day if lesson.num == num and grp in {None, lesson.grp}]
    if not found:
        raise EditError("no lesson there")
    return found
