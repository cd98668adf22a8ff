"""The cast of the demo: roles are given out once, by seed, and never two scenes to one mark."""

from datetime import date
from random import Random

import orjson
import pytest

from ejsync.sandbox.cast import Cast, PoorJournalError, cast_families, changed_mark, mark_key, removed_mark
from ejsync.sandbox.journal_state import journal_state
from ejsync.sandbox.rollbook import invent_rollbook

MARK = {"pupil": "1", "lesson_id": "77", "date": "2026-11-16", "nm": "0", "value": "5"}


@pytest.fixture(scope="module")
def journal():
    """The dump of a small school."""
    return orjson.loads(orjson.dumps(journal_state(invent_rollbook(pupils=40, seed=7, today=date(2026, 11, 20)))))


@pytest.fixture
def cast(journal):
    """A cast with its roles given out."""
    rng = Random(1)
    made = cast_families([pupil["id"] for pupil in journal["pupils"]], rng)
    made.find_roles(journal, rng)
    return made


def test_most_families_consent_some_refuse_some_are_silent():
    """Nine families in ten grant, and there is always one that refuses and one that has not answered."""
    cast = cast_families([str(number) for number in range(100)], Random(1))
    assert (len(cast.permitted), len(cast.refused), len(cast.missing)) == (90, 5, 5)


def test_no_two_scenes_touch_one_mark(cast):
    """Every scene gets a mark of its own, of a pupil with consent who stays to the end."""
    taken = [cast.next_mark() for _ in range(50)]
    assert len({mark_key(mark) for mark in taken}) == 50
    assert {mark["pupil"] for mark in taken} <= cast.permitted - {cast.leaver, cast.withdrawn}


def test_the_closed_mark_is_of_a_pupil_without_consent(cast):
    """The edit that must stay at the school is of a pupil whose family refused or is silent."""
    assert cast.closed_mark()["pupil"] in {*cast.refused, *cast.missing}


def test_what_is_coming_is_still_to_come(cast):
    """A lesson to be replaced lies ahead, and its new teacher is another one."""
    lesson = cast.coming("lessons")
    assert lesson["date"] > "2026-11-20"
    assert cast.another_teacher(lesson) != str(lesson["teacher_id"])


def test_a_school_without_marks_is_too_poor(journal):
    """Where nobody has marks the story says so instead of playing half of it."""
    with pytest.raises(PoorJournalError):
        cast_families(["1", "2"], Random(1)).find_roles({**journal, "marks": []}, Random(1))
    with pytest.raises(PoorJournalError):
        Cast(set(), [], []).next_mark()


def test_edits_name_the_cell_and_change_the_grade():
    """A corrected mark gets another grade in the same cell; a removed one is named by its cell alone."""
    place = {"pupil": "1", "lesson_id": "77", "date": "2026-11-16", "nm": "0"}
    assert changed_mark(MARK, comment="да") == {"op": "mark_changed", **place, "value": "2", "comment": "да"}
    assert removed_mark(MARK) == {"op": "mark_removed", **place}
    assert mark_key(MARK) == "1/77/2026-11-16/0"
