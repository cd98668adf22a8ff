"""Feeds: their schedules and days."""

from datetime import date

import pytest

from ejsync.domain.records import Feed
from ejsync.domain.windows import Days
from ejsync.settings import load


@pytest.mark.parametrize(
    ("feed", "first", "last"),
    [
        (Feed.MARKS, date(2026, 9, 1), date(2027, 2, 10)),
        (Feed.HOMEWORK, date(2027, 1, 27), date(2027, 2, 24)),
        (Feed.ROSTER, date(2026, 9, 1), date(2027, 2, 10)),
    ],
)
def test_a_feed_knows_its_days(write, least, feed, first, last):
    """Marks reach back to 1 September, dated feeds as far as they say, the others have the year so far."""
    rule = load(write(least)).feeds.of(feed)
    assert rule.days(date(2027, 2, 10)) == Days(first, last)


def test_every_feed_has_a_rule(write, least):
    """No feed of the domain is without a schedule."""
    feeds = load(write(least)).feeds
    assert {feed: feeds.of(feed).every_minutes for feed in Feed} == {
        Feed.ROSTER: 720,
        Feed.PERIODS: 720,
        Feed.TIMETABLE: 30,
        Feed.HOMEWORK: 15,
        Feed.MARKS: 10,
        Feed.FINALS: 60,
    }
