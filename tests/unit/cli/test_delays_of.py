"""Delays and what is undelivered, as `status` tells them."""

from datetime import UTC, datetime, timedelta

from ejsync.cli.delays_of import delays_at, delays_of, longest_wait_s, undelivered_at
from ejsync.domain.delays import Bucket, Undelivered, bucket_of
from ejsync.domain.records import Feed

NOW = datetime(2026, 11, 16, 8, tzinfo=UTC)
BUCKETS = {
    ("ed", Feed.MARKS): {bucket_of(10): Bucket(3, 3, 10.0)},
    ("region", Feed.MARKS): {bucket_of(100): Bucket(1, 1, 100.0)},
}
PROMISED = dict.fromkeys(Feed, timedelta(hours=1))


def test_a_feed_is_told_for_all_sinks_or_for_one():
    """All sinks together have the worst of them; a sink alone has its own; a feed that brought nothing has none."""
    both, one = delays_of(Feed.MARKS, BUCKETS), delays_of(Feed.MARKS, BUCKETS, sink="ed")
    assert (both["delivered"], both["worst_s"], one["delivered"], one["worst_s"]) == (4, 100.0, 3, 10.0)
    assert delays_of(Feed.FINALS, BUCKETS)["p50_s"] is None
    assert delays_at("ed", BUCKETS) == {"marks": one}


def test_what_a_sink_has_not_got_is_told_in_seconds():
    """By feed, with age and promise; of other sinks nothing; a clock set back makes no negative age."""
    missing = {
        ("ed", Feed.MARKS): Undelivered(1, 2, 3, NOW - timedelta(minutes=2), NOW - timedelta(minutes=1)),
        ("ed", Feed.ROSTER): Undelivered(0, 1, 0, NOW + timedelta(minutes=2)),
        ("region", Feed.FINALS): Undelivered(1, 0, 0, NOW),
    }
    roster, marks = undelivered_at("ed", missing, PROMISED, NOW)
    assert (marks["feed"], marks["waiting"], marks["refused"], marks["late"]) == ("marks", 1, 2, 3)
    assert (marks["oldest_s"], marks["promised_s"], roster["oldest_s"]) == (120, 3600, 0)
    assert longest_wait_s([roster, marks]) == 60
    assert longest_wait_s([roster]) is None
