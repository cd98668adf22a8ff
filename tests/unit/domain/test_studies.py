"""Which pupil studies which subject."""

from ejsync.domain.studies import studies
from tests.doubles.class_journal import lesson

GERMAN = lesson(number=2, subject="Нем. яз.", group="Н")
FRENCH = lesson(number=2, subject="Фр. яз.", group="Ф")
ENGLISH = [lesson(number=3, subject="Англ. яз.", group=group) for group in ("И1", "И2")]


def test_a_subject_of_the_whole_class_is_everybodys():
    """Every pupil studies what the whole class has, with a trace or without."""
    assert studies(["1001", "1002"], [lesson()], {}) == {"1001": {"Алгебра"}, "1002": {"Алгебра"}}


def test_a_subject_in_groups_without_a_choice_is_everybodys():
    """Who has no mark in English all quarter studies it all the same: both groups learn it."""
    assert studies(["1001"], ENGLISH, {}) == {"1001": {"Англ. яз."}}


def test_who_is_seen_in_one_of_two_languages_does_not_study_the_other():
    """Traces choose between subjects at the same time; who has none in either is taken to study both."""
    traces = {"1001": {"Нем. яз."}, "1002": {"Фр. яз."}}
    assert studies(["1001", "1002", "1003"], [GERMAN, FRENCH], traces) == {
        "1001": {"Нем. яз."}, "1002": {"Фр. яз."}, "1003": {"Нем. яз.", "Фр. яз."},
    }  # fmt: skip


def test_a_trace_is_always_a_subject():
    """What a pupil has marks in he studies, in no timetable or beside a rival."""
    traces = {"1001": {"Нем. яз.", "Фр. яз.", "Хор"}}
    assert studies(["1001"], [GERMAN, FRENCH], traces) == {"1001": {"Нем. яз.", "Фр. яз.", "Хор"}}


def test_clubs_and_single_pupils_lessons_and_cancelled_ones_say_nothing():
    """An after-school lesson, one of a single pupil and a cancelled one make nobody study anything."""
    rows = [lesson(number=None), lesson(pupil="1001"), {**lesson(), "cancelled": True}]
    assert studies(["1001"], rows, {}) == {"1001": set()}
