"""The course of a mean, worked out by hand."""

from ejsync.reports.mean_course import course, levels
from tests.doubles.class_journal import QUARTER, mark


def test_each_day_with_marks_is_a_point_of_the_weighted_mean_so_far():
    """4 on the first day; then 4 and 2·2 make 8/3; then with a five 13/4; the quarter has 60 days to its last."""
    marks = [mark("4", day="2026-09-01"), mark("2", 2, day="2026-10-01"), mark("5", day="2026-10-31")]
    assert course(marks, QUARTER) == [[0.0, 0.6667], [0.5, 0.2222], [1.0, 0.4167]]


def test_marks_of_one_day_make_one_point_and_what_does_not_count_makes_none():
    """A double is two values; credits and marks of weight 0 are left out."""
    marks = [mark("3"), mark("3/5"), mark("зч", day="2026-09-20"), mark("2", 0, day="2026-09-21")]
    assert [y for _, y in course(marks, QUARTER)] == [round(((3 + 3 + 5) / 3 - 2) / 3, 4)]


def test_a_mean_below_two_stands_on_the_ground():
    """A one is no reason to leave the drawing."""
    assert course([mark("1")], QUARTER)[0][1] == 0


def test_the_rules_of_the_drawing_are_two_to_five():
    """From the ground to the top."""
    assert levels() == [0.0, 0.3333, 0.6667, 1.0]
