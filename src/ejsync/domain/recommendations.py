"""Teachers' recommendations: comments on marks and on lessons, and the rows of the office's sheet.

A comment on a mark is meant for its pupil. ElJur repeats the comment on a lesson beside every mark of that lesson: it
is told once to the class, under class, journal and day; several of one day and journal are numbered in the order of
their texts.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
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


def of_lessons(of_class: str, marks: Iterable[Mark]) -> Iterator[Record]:
    """Yield the recommendations in comments on the lessons of one class, by the marks of its pupils."""
    found: defaultdict[tuple[str, str], dict[str, Mark]] = defaultdict(dict)
    for mark in marks:
        if mark["lesson_comment"]:
            found[mark["lesson"] or unaccented(mark["subject"]), mark["date"]][mark["lesson_comment"]] = mark
    for (journal, day), texts in found.items():
        for number, text in enumerate(sorted(texts)):
            yield _record(
                f"lesson/{of_class}/{journal}/{day}/{number}", _comment("lesson", text, texts[text], of_class=of_class)
            )


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
