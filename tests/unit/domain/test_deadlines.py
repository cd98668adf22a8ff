"""The 24 hours within which families get final results."""

from datetime import UTC, datetime, timedelta

import pytest

from ejsync.domain.deadlines import OwedResults, Urgency

SEEN = datetime(2026, 12, 28, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "left", "urgency"),
    [
        (0, 24, Urgency.IN_TIME),
        (11.99, 12.01, Urgency.IN_TIME),
        (12, 12, Urgency.PRESSING),
        (24, 0, Urgency.PRESSING),
        (24.01, -0.01, Urgency.LATE),
    ],
)
def test_half_of_the_time_presses_and_more_than_all_of_it_is_late(hours, left, urgency):
    """From twelve hours on a result presses, after twenty-four it is late, and the time left goes below zero."""
    now, owed = SEEN + timedelta(hours=hours), OwedResults(1, since=SEEN)
    assert owed.left_s(now) == pytest.approx(left * 3600)
    assert owed.urgency(now) is urgency


def test_where_nothing_is_owed_no_clock_runs():
    """Without a waiting result there is no deadline and no hurry."""
    nothing = OwedResults()
    assert (nothing.due_at, nothing.left_s(SEEN), nothing.urgency(SEEN)) == (None, None, Urgency.IN_TIME)
