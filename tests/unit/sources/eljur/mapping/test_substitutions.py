"""What `getreplaces` says of one class and day."""

from datetime import date

import pytest

from ejsync.domain.records import Feed, Kind
from ejsync.domain.windows import Coverage, Days, Page, Roster, Window
from ejsync.sources.eljur.mapping import read

MONDAY = Days(date(2026, 11, 16), date(2026, 11, 16))
ALGEBRA = {"name": "Алгебра", "num": "2", "room": "42", "teacher": "Пробный  П. П.", "sort": 20, "teacher_id": 503}


@pytest.fixture
def of_answer():
    """Read an answer for class 10А and one Monday."""

    def make(result):
        window = Window(Feed.SUBSTITUTIONS, "10А", "getreplaces", "bridge", MONDAY, ("10А",))
        return read(Page(window, result), Roster({"10А": ("1001",)}))

    return make


def test_a_replacement_is_told_without_a_guess(of_answer, diary_faults):
    """A replaced lesson gives what stands there now, under the lesson's key, and no word of what was before."""
    reading = of_answer({"replace": [ALGEBRA, {**ALGEBRA, "num": 3, "grp": "И2", "teacher_id": "", "room": []}]})
    first, second = reading.records
    assert (first.kind, first.key, first.owner, first.pupil, first.day) == (
        Kind.LESSON_CHANGE, "10А/2026-11-16/2/-", "class:10А", None, MONDAY.first,
    )  # fmt: skip
    after = {
        "subject": "Алгебра", "teacher": "Пробный П. П.", "teacher_id": "503", "room": "42", "number": 2,
        "date": "2026-11-16",
    }  # fmt: skip
    place = {"class": "10А", "date": "2026-11-16", "number": 2, "group": None}
    assert first.data == {**place, "change": "replaced", "before": None, "after": after}
    assert (second.key, second.data["group"]) == ("10А/2026-11-16/3/И2", "И2")
    assert set(diary_faults(reading).values()) == {()}


def test_a_replacement_called_cancel_is_cancelled(of_answer, diary_faults):
    """A lesson named `Cancel` has nothing after it."""
    reading = of_answer({"replace": [{**ALGEBRA, "name": "Cancel"}]})
    [record] = reading.records
    assert (record.data["change"], record.data["after"]) == ("cancelled", None)
    assert set(diary_faults(reading).values()) == {()}


@pytest.mark.parametrize("empty", [[], {}, None])
def test_no_replacement_is_believed(of_answer, empty):
    """An empty list says that no lesson of the day is a replacement."""
    reading = of_answer({"replace": empty})
    assert reading.records == ()
    assert reading.coverages == (
        Coverage(frozenset({Kind.LESSON_CHANGE}), ("class:10А",), MONDAY, believable_when_empty=True),
    )


@pytest.mark.parametrize("nothing", [[], {}, None, {"message": "нет данных"}])
def test_an_answer_without_the_list_concludes_nothing(of_answer, nothing):
    """Where the list itself is missing, nothing is said of the day."""
    reading = of_answer(nothing)
    assert (reading.records, reading.coverages) == ((), ())


def test_rows_may_be_keyed(of_answer):
    """An object in the list's place says the same."""
    assert of_answer({"replace": {"2": ALGEBRA}}).records == of_answer({"replace": [ALGEBRA]}).records


def test_a_malformed_replacement_goes_to_quarantine(of_answer, diary_faults):
    """A replacement without a subject breaks the contract where it is wrong."""
    assert list(diary_faults(of_answer({"replace": [{**ALGEBRA, "name": ""}]})).values()) == [("/after/subject",)]
