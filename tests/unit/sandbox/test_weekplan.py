"""Truths about the invented timetable."""

from collections import Counter
from datetime import date
from random import Random

import pytest

from ejsync.sandbox.curriculum import CANCELLED, ENGLISH, weekly_hours
from ejsync.sandbox.term import Term, holiday_name
from ejsync.sandbox.weekplan import Lesson, Staff, plan_week, topic, unroll

TERM = Term(date(2026, 11, 23))


def a_week(form="7А"):
    """A class's week."""
    return plan_week(Random(1), form=form, staff=Staff(), first_teacher_id=501)


def a_year(form="7А"):
    """A class's year."""
    return unroll(Random(2), form=form, week=a_week(form), term=TERM, teacher_ids=["501", "502"])


@pytest.mark.parametrize("form", ["1А", "2Б", "7А", "9В", "11А"])
def test_week_holds_the_curriculum(form):
    """Each subject has its hours, no day has a subject twice, and numbers run from 1 without a gap."""
    week = a_week(form)
    assert Counter(slot[1] for day in week for slot in {s[:2] for s in day}) == weekly_hours(int(form[:-1]))
    for day in week:
        numbers = sorted({slot[0] for slot in day})
        assert numbers == list(range(1, len(numbers) + 1))
        assert 4 <= len(numbers) <= 7


def test_english_is_taught_in_two_groups_at_one_time():
    """Both English groups share a lesson's number and have a teacher each."""
    pairs = [[slot for slot in day if slot[1] == ENGLISH] for day in a_week()]
    for one, other in filter(None, pairs):
        assert one[0] == other[0]
        assert (one[2], other[2]) == ("И1", "И2")
        assert one[3] != other[3]


def test_staff_hires_when_a_week_is_full():
    """A teacher takes classes until his hours are spent."""
    staff = Staff()
    ids = [staff.take("Физика", hours=10, first_id=501) for _ in range(3)]
    assert ids == ["501", "501", "502"]
    assert staff.hired == 2


def test_holidays_are_free_and_the_autumn_vacation_carries_items():
    """No items stand on holidays or in the winter; the autumn vacation has some, as ElJur's may."""
    table = a_year()
    assert not any(holiday_name(day) for day in table)
    assert any(TERM.vacation(day) == "autumn" for day in table)
    assert not any(TERM.vacation(day) == "winter" for day in table)


def test_a_year_has_mishaps():
    """Over a year some lessons are cancelled and some replaced, but few."""
    lessons = [lesson for of_day in a_year().values() for lesson in of_day]
    cancelled = [lesson for lesson in lessons if lesson.name == CANCELLED]
    replaced = [lesson for lesson in lessons if lesson.replaced]
    assert 0 < len(cancelled) < len(lessons) / 50
    assert 0 < len(replaced) < len(lessons) / 25


def test_topic_is_known_once_the_lesson_was_held():
    """A future or cancelled lesson has no topic."""
    held = Lesson("7А", date(2026, 11, 20), 1, "Физика", "", "501", "")
    assert topic(held, term=TERM)
    assert topic(Lesson("7А", date(2026, 11, 24), 1, "Физика", "", "501", ""), term=TERM) == ""
    assert topic(Lesson("7А", date(2026, 11, 20), 1, CANCELLED, "", "501", ""), term=TERM) == ""
