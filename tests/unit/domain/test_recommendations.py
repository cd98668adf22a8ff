"""Recommendations: to whom, under which key, how often."""

from datetime import date

from ejsync.contracts import Contracts
from ejsync.domain.recommendations import of_lessons, of_marks, of_office
from ejsync.domain.records import Kind
from tests.doubles.class_journal import mark

CONTRACTS = Contracts()
TEXT = "Повторить дроби"
TAUGHT = {("Алгебра", "2026-09-14"), ("Алгебра", "2026-09-15"), ("Счёт", "2026-09-14")}


def twice(**fields):
    """The same mark of two pupils: what stands beside both is the lesson's."""
    return [mark(who=who, **fields) for who in ("1001", "1002")]


def checked(records):
    """The records as a list, once each has kept its contract."""
    found = list(records)
    assert all(record.kind is Kind.RECOMMENDATION for record in found)
    assert [CONTRACTS.faults("ed/v1/recommendation", record.data) for record in found] == [()] * len(found)
    return found


def test_a_comment_on_a_mark_is_meant_for_its_pupil():
    """It belongs to the pupil, needs his consent, and its key is that of the mark; a mark without one says nothing."""
    marks = {"1001/77/2026-09-14/0": mark(comment=TEXT), "1001/77/2026-09-14/1": mark()}
    (found,) = checked(of_marks(marks))
    assert (found.key, found.owner, found.pupil) == ("mark/1001/77/2026-09-14/0", "pupil:1001", "1001")
    assert (found.day, found.data["text"], found.data["class"]) == (date(2026, 9, 14), TEXT, None)


def test_a_comment_on_a_lesson_is_told_once_to_its_class():
    """Whatever number of marks repeats it, it is one record of the class and of no pupil."""
    marks = [mark(who=who, lesson_comment=TEXT) for who in ("1001", "1002", "1003")]
    (found,) = checked(of_lessons("10А", [*marks, mark()], TAUGHT))
    assert (found.key, found.owner, found.pupil) == ("lesson/10А/77/2026-09-14/0", "class:10А", None)
    assert (found.data["pupil"], found.data["class"]) == (None, "10А")


def test_several_comments_of_a_day_are_told_apart():
    """Two texts of one journal and day have two keys, the same in whatever order the marks come."""
    marks = [one for text in ("б", "а") for one in twice(lesson_comment=text)]
    marks += twice(lesson_comment="а", day="2026-09-15")
    keys = {record.key: record.data["text"] for record in checked(of_lessons("10А", marks, TAUGHT))}
    assert keys == {record.key: record.data["text"] for record in of_lessons("10А", marks[::-1], TAUGHT)}
    assert keys == {
        "lesson/10А/77/2026-09-14/0": "а",
        "lesson/10А/77/2026-09-14/1": "б",
        "lesson/10А/77/2026-09-15/0": "а",
    }


def test_a_journal_without_id_is_known_by_its_subject():
    """Without `lesson_id` the subject stands in the key, without ё."""
    (found,) = checked(of_lessons("10А", twice(lesson=None, subject="Счёт", lesson_comment=TEXT), TAUGHT))
    assert found.key == "lesson/10А/Счет/2026-09-14/0"


def test_a_comment_beside_one_pupil_s_marks_is_not_told_to_the_class():
    """It may be about him, and he may have refused: it stays in his own mark."""
    marks = [mark(lesson_comment=TEXT), mark(lesson_comment=TEXT, day="2026-09-14")]
    assert list(of_lessons("10А", marks, TAUGHT)) == []


def test_who_came_from_another_class_brings_none_of_its_comments():
    """A comment is told to the class only if the class had that lesson on that day."""
    assert list(of_lessons("10Б", twice(lesson_comment=TEXT), set())) == []


def test_what_the_office_imported_goes_as_it_is():
    """A row for a pupil is his, a row for a class is the class's."""
    row = {
        "pupil": "1001",
        "class": None,
        "subject": None,
        "date": "2026-09-14",
        "teacher": "Пробная М. И.",
        "text": TEXT,
    }
    rows = {"1001/2026-09-14/-/1": row, "class:10А/2026-09-14/-/1": {**row, "pupil": None, "class": "10А"}}
    his, theirs = checked(of_office(rows))
    assert (his.key, his.owner, his.pupil) == ("office/1001/2026-09-14/-/1", "pupil:1001", "1001")
    assert (theirs.key, theirs.owner, theirs.pupil) == ("office/class:10А/2026-09-14/-/1", "class:10А", None)
