"""Moments of changes, and delays told from buckets."""

from datetime import UTC, date, datetime, timedelta
from math import ceil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ejsync.domain.delays import (
    ACCURACY,
    Bucket,
    Delays,
    Moments,
    Undelivered,
    bucket_of,
    counted,
    last_read,
    merged,
    told,
)
from ejsync.domain.reads import Read
from ejsync.domain.records import Feed, Kind
from ejsync.domain.windows import Days

AT = datetime(2026, 11, 16, 8, tzinfo=UTC)
MONDAY, TUESDAY, SUNDAY = date(2026, 11, 16), date(2026, 11, 17), date(2026, 11, 22)
SECONDS = st.lists(st.floats(0, 40 * 86_400), min_size=1, max_size=200)


def ago(seconds):
    """The instant so long before."""
    return AT - timedelta(seconds=seconds)


def buckets(delays, hidden=()):
    """What is counted of marks with these delays; `hidden` are how much earlier their days were read before."""
    both = zip(delays, hidden or [0] * len(delays), strict=True)
    changes = [(Kind.MARK, Moments(ago(seconds), ago(seconds + more))) for seconds, more in both]
    return {number: bucket for (_, number), bucket in counted(changes, AT).items()}


def exact(delays, percent):
    """The nearest-rank percentile of what the instants say, to the microsecond."""
    true = sorted((AT - ago(seconds)).total_seconds() for seconds in delays)
    return true[ceil(len(true) * percent / 100) - 1]


def close(value, true):
    """Tell whether a told delay is as near as promised."""
    return abs(value - true) <= max(1.0, true * ACCURACY * (1 + 1e-9))


@settings(derandomize=True, deadline=None)
@given(SECONDS)
def test_percentiles_are_near_and_the_worst_is_exact(delays):
    """Median and 95th percentile are within 5 % (or a second) of the true ones, and the worst is the worst."""
    found = told(buckets(delays))
    assert close(found.p50_s, exact(delays, 50))
    assert close(found.p95_s, exact(delays, 95))
    assert found.worst_s == exact(delays, 100)
    assert found.delivered == len(delays)
    assert found.p50_s <= found.p95_s <= found.worst_s


@settings(derandomize=True, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 86_400), st.floats(0, 86_400)), min_size=1, max_size=100))
def test_the_upper_bound_counts_from_the_read_before(pairs):
    """The bound is told of the earlier read as exactly as the delay itself, and is never below it."""
    delays, more = zip(*pairs, strict=True)
    found = told(buckets(delays, more))
    assert close(found.p95_at_most_s, exact([a + b for a, b in pairs], 95))
    assert found.p95_at_most_s * (1 + 3 * ACCURACY) + 1 >= found.p95_s


@settings(derandomize=True, deadline=None)
@given(SECONDS, SECONDS)
def test_days_add_up(monday, tuesday):
    """Buckets of two days tell the same as those of all their changes."""
    assert merged([buckets(monday), buckets(tuesday)]) == buckets(monday + tuesday)


@settings(derandomize=True, deadline=None)
@given(st.floats(1, 1e8), st.floats(1, 1e8))
def test_longer_is_never_in_an_earlier_bucket(one, other):
    """Buckets keep the order of delays."""
    assert (one <= other) <= (bucket_of(one) <= bucket_of(other))


def test_nothing_delivered_tells_nothing():
    """Where nothing came there is no delay, not one of zero."""
    assert told({}) == Delays(0, None, None, None, None)


def test_a_month_takes_few_buckets():
    """A feed's day takes some 150 rows at most, however many changes it brings and however late they are."""
    assert bucket_of(timedelta(days=35).total_seconds()) == 150


def test_a_first_load_counts_from_the_moment_it_was_seen():
    """Nobody knows since when what was never read before stood there: the bound is the delay itself."""
    [(place, bucket)] = counted([(Kind.HOMEWORK, Moments(ago(0.5)))], AT).items()
    assert (place, bucket) == ((Feed.HOMEWORK, 0), Bucket(1, 1, 0.5))


def test_what_nobody_saw_come_is_not_counted():
    """What an older ejsync queued has no moments and tells nothing."""
    assert counted([(Kind.MARK, Moments())], AT) == {}


def test_a_clock_set_back_makes_no_negative_delay():
    """A delay is never below zero, nor its bound below the delay."""
    moments = Moments(AT + timedelta(hours=1), AT + timedelta(hours=2))
    assert counted([(Kind.MARK, moments)], AT) == {(Feed.MARKS, 0): Bucket(1, 1, 0.0)}


@pytest.mark.parametrize(
    ("reads", "day", "at"),
    [
        ([], MONDAY, None),
        ([Read(None, AT)], MONDAY, AT),
        ([Read(None, AT)], None, AT),
        ([Read(Days(MONDAY, TUESDAY), AT)], TUESDAY, AT),
        ([Read(Days(MONDAY, TUESDAY), AT)], SUNDAY, None),
        ([Read(Days(MONDAY, TUESDAY), AT)], None, None),
        ([Read(Days(MONDAY, MONDAY), ago(9)), Read(Days(MONDAY, SUNDAY), ago(5))], MONDAY, ago(5)),
    ],
)
def test_a_day_was_last_read_when_a_read_covered_it(reads, day, at):
    """The latest read that covers the day counts; one without days covers all; what has no day is in no dated read."""
    assert last_read(reads, day) == at


def test_what_is_undelivered_adds_up():
    """Counts are added, and the oldest moments are the oldest of both."""
    one, other = Undelivered(1, 2, 3, ago(5), ago(4)), Undelivered(10, 20, 30, ago(9))
    assert one + other == Undelivered(11, 22, 33, ago(9), ago(4))
    assert Undelivered() + one == one + Undelivered() == one
