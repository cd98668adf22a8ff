"""Truths about where edits point to."""

from datetime import date

import pytest

from ejsync.sandbox.edit_places import EditError, class_named, day_named, lessons_named, pupil_named
from ejsync.sandbox.rollbook import invent_rollbook

BOOK = invent_rollbook(pupils=60, seed=7, today=date(2026, 11, 23))


def test_pupil_and_class_are_found_by_id_and_name():
    """A pupil's id may come as a number; a class has to exist."""
    pupil = next(iter(BOOK.pupils.values()))
    assert pupil_named(BOOK, {"pupil": int(pupil.id)}) is pupil
    assert class_named(BOOK, {"class": "10А"}) == "10А"
    with pytest.raises(EditError):
        class_named(BOOK, {"class": "10Я"})


def test_day_is_written_in_one_way():
    """A day is `YYYY-MM-DD`, in whatever field it stands."""
    assert day_named({"since": "2026-11-23"}, field="since") == date(2026, 11, 23)
    with pytest.raises(EditError, match="date"):
        day_named({"date": "23.11.2026"})


def test_lessons_of_a_number_are_those_of_every_group_or_of_one():
    """Without a group all halves of a number are meant, with one only its own."""
    lesson = next(one for of_day in BOOK.timetable["10А"].values() for one in of_day if one.grp == "И2")
    place = {"class": "10А", "date": lesson.date.isoformat(), "num": lesson.num}
    assert {one.grp for one in lessons_named(BOOK, place)} == {"И1", "И2"}
    assert lessons_named(BOOK, {**place, "grp": "И2"}) == [lesson]
    with pytest.raises(EditError):
        lessons_named(BOOK, {**place, "grp": "И3"})
