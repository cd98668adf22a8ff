"""Truths about what is taught."""

import pytest

from ejsync.sandbox.curriculum import ENGLISH, weekly_hours


@pytest.mark.parametrize("level", range(1, 12))
def test_a_week_fits_four_to_seven_lessons_a_day(level):
    """At every level the week's hours make 4 to 7 lessons a day."""
    assert 20 <= sum(weekly_hours(level).values()) <= 35


@pytest.mark.parametrize("level", range(1, 12))
def test_no_subject_is_taught_more_often_than_there_are_days(level):
    """A subject can stand at most once a day."""
    assert max(weekly_hours(level).values()) <= 5


def test_english_starts_in_the_second_year():
    """First-formers learn no English."""
    assert ENGLISH not in weekly_hours(1)
    assert ENGLISH in weekly_hours(2)


def test_names_are_as_untidy_as_a_journal_has_them():
    """Some names carry a double space or an HTML entity."""
    assert any("  " in name for name in weekly_hours(8))
    assert any("&amp;" in name for name in weekly_hours(8))
