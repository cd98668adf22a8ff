"""Truths about after-school clubs."""

from datetime import date

from ejsync.sandbox.clubs import club_diary_items, club_facts, club_items
from ejsync.sandbox.rollbook import invent_rollbook

BOOK = invent_rollbook(pupils=30, seed=7, today=date(2026, 11, 23))
WEDNESDAY, THURSDAY, VACATION = date(2026, 11, 18), date(2026, 11, 19), date(2026, 10, 28)


def test_chess_is_on_wednesdays_for_every_tenth_pupil():
    """Only pupils whose id ends in 0 have a club, on Wednesdays, never in a vacation."""
    members = [pupil for pupil in BOOK.pupils.values() if club_items(BOOK, pupil, WEDNESDAY)]
    assert [pupil.id[-1] for pupil in members] == ["0"] * 3
    assert not any(club_items(BOOK, pupil, day) for pupil in members for day in (THURSDAY, VACATION))


def test_facts_are_the_items_with_pupil_and_day():
    """The plain state lists each club lesson of each member."""
    facts = club_facts(BOOK)
    assert {fact["pupil"] for fact in facts} == {pupil for pupil in BOOK.pupils if pupil.endswith("0")}
    assert all(fact["date"].weekday() == 2 for fact in facts)


def test_diary_shows_homework_of_the_first_week_of_a_month():
    """In the diary a club has a list of homework, mostly empty; the timetable has no such field."""
    member = next(pupil for pupil in BOOK.pupils.values() if pupil.id.endswith("0"))
    ((first,), (later,)) = (club_diary_items(BOOK, member, day) for day in (date(2026, 12, 2), WEDNESDAY))
    assert later["homework"] == []
    assert set(first["homework"][0]) == {"value", "id", "individual"}
    assert "homework" not in club_items(BOOK, member, WEDNESDAY)[0]
