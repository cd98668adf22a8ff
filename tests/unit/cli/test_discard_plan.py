"""What would be given up, before anybody is asked."""

import pytest

from ejsync.cli.discard_plan import place_of


@pytest.mark.parametrize(
    ("reason", "place"),
    [
        ("timetable/getschedule/5А/2026-11-23..2026-12-06: retract lesson", "timetable 5А, 2026-11-23..2026-12-06"),
        ("roster/getrules/all: retract pupil", "roster all"),
        ("changes", "changes"),
    ],
)
def test_the_place_is_feed_class_and_days(reason, place):
    """Out of the reason of a held batch, without the journal's method."""
    assert place_of(reason) == place
