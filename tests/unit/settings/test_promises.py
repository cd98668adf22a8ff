"""What is promised to families."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from ejsync.domain.deadlines import WITHIN
from ejsync.domain.records import FEED_OF, FINAL_RESULTS, Feed
from ejsync.settings.promises import Promises


def test_every_feed_has_a_promise():
    """What families look at every day comes within the hour, everything else within a day."""
    within = Promises(homework_minutes=15).within()
    hour = {Feed.TIMETABLE, Feed.SUBSTITUTIONS, Feed.MARKS}
    assert {feed for feed, promise in within.items() if promise == timedelta(hours=1)} == hour
    assert within[Feed.HOMEWORK] == timedelta(minutes=15)
    assert set(within) == set(Feed)


@pytest.mark.parametrize("kind", sorted(FINAL_RESULTS))
def test_no_setting_promises_final_results_later_than_the_law(kind):
    """The promise for final results and their states is the law's, or an earlier one."""
    name = f"{FEED_OF[kind].value}_minutes"
    assert Promises().within()[FEED_OF[kind]] == WITHIN
    with pytest.raises(ValidationError, match=name):
        Promises(**{name: 1441})
