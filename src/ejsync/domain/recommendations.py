"""Teachers' recommendations: comments on marks and on lessons, and the rows of the office's sheet.

A comment on a mark is meant for its pupil. ElJur repeats the comment on a lesson beside every mark of that lesson: it
is told once to the class, under class, journal and day; several of one day and journal are numbered in the order of
their texts.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from datetime import date

from ejsync.domain.derived_payloads import Recommendation
from ejsync.domain.office import Recommendation as OfficeRow
from ejsync.domain.payloads import Mark
from ejsync.domain.records import Kind, Record, owner_class, owner_pupil, unaccented


def of_marks(marks: Mapping[str, Mark]) -> Iterator[Record]:
    """Yield the recommendations in comments on marks, given by their keys."""
    for key, mark in marks.items():
        if mark["comment"]:
            yield _record(f"mark/{key}", _comment("mark", mark["comment"], mark))


def of_lessons(of_class: str, marks: Iterable[Mark], taught: AbstractSet[tuple[str | None, str]]) -> Iterator[Record]:
    """Yield the recommendations in comments on the lessons of one class, by the marks of its pupils.

    A comment seen beside one pupil's marks only may be about him: it stays in his own mark.

    Args:
        taught: subject and day of every lesson of the class: a pupil who moved brings comments of another class along.
    """
    found: defaultdict[tuple[str, str], defaultdict[str, dict[str, Mark]]] = defaultdict(lambda: defaultdict(dict))
    for mark in marks:
        if mark["lesson_comment"] and (mark["subject"], mark["date"]) in taught:
            place = mark["lesson"] or unaccented(mark["subject"]), mark["date"]
            found[place][mark["lesson_comment"]][mark["pupil"]] = mark
    for (journal, day), texts in found.items():
        shared = sorted(text for text, beside in texts.items() if len(beside) > 1)
        for number, text in enumerate(shared):
            told = _comment("lesson", text, next(iter(texts[text].values())), of_class=of_class)
            yield _record(f"lesson/{of_class}/{journal}/{day}/{number}", told)


def of_office(rows: Mapping[str, OfficeRow]) -> Iterator[Record]:
    """Yield the recommendations that the office has imported, given by their keys."""
    for key, row in rows.items():
        yield _record(f"office/{key}", {"source": "office", **row})


def _comment(source: str, text: str, mark: Mark, *, of_class: str | None = None) -> Recommendation:
    """Return a comment on a mark or, for a class, on its lesson; ElJur does not say who wrote it."""
    return {
        "source": source,
        "pupil": None if of_class else mark["pupil"],
        "class": of_class,
        "subject": mark["subject"],
        "date": mark["date"],
        "teacher": None,
        "text": text,
    }


def _record(key: str, data: Recommendation) -> Record:
    owner = owner_pupil(data["pupil"]) if data["pupil"] else owner_class(data["class"] or "")
    return Record(Kind.RECOMMENDATION, key, owner, data["pupil"], date.fromisoformat(data["date"]), data)
