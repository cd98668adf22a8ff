"""What was read and what is due, against a model that knows every day for itself."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ejsync.domain.reads import SERVED, Demand, Order, Read, Sweep, due, noted, ordered, urgency
from ejsync.domain.records import Feed
from ejsync.domain.windows import Days, Due, Heat

ZONE = ZoneInfo("Asia/Kamchatka")  # half a day ahead of UTC: its date is often another
ORIGIN = datetime(2026, 10, 1, tzinfo=UTC)
FIRST = date(2026, 9, 20)


def day(number):
    """A day of the model's little calendar."""
    return FIRST + timedelta(days=number)


def days(first, last):
    """A span of it."""
    return Days(day(first), day(last))


def each(span):
    """Every day of a span."""
    return [span.first + timedelta(days=step) for step in range((span.last - span.first).days + 1)]


spans = st.tuples(st.integers(0, 30), st.integers(0, 30)).map(lambda ends: days(min(ends), max(ends)))
instants = st.integers(0, 40 * 24).map(lambda hours: ORIGIN + timedelta(hours=hours))
histories = st.lists(st.tuples(spans, instants), max_size=8).map(lambda reads: sorted(reads, key=lambda read: read[1]))
heats = st.lists(st.tuples(spans, st.none() | instants), min_size=1, max_size=4)


def remembered(history):
    """The ledger after some reads."""
    reads = ()
    for span, at in history:
        reads = noted(reads, Read(span, at))
    return reads


def day_by_day(history):
    """The model: the last read of each day."""
    return {one: at for span, at in history for one in each(span)}


@settings(derandomize=True, deadline=None, max_examples=300)
@given(histories)
def test_the_ledger_knows_the_last_read_of_every_day(history):
    """However reads overlap, each day is remembered once with its last read, and equal neighbours are one."""
    reads = remembered(history)
    assert {one: read.at for read in reads for one in each(read.days)} == day_by_day(history)
    assert sum(len(each(read.days)) for read in reads) == len(day_by_day(history))
    for left, right in pairwise(reads):
        assert left.days.last < right.days.first
        assert left.at != right.at or right.days.first - left.days.last > timedelta(days=1)


@settings(derandomize=True, deadline=None, max_examples=500)
@given(histories, heats)
def test_what_is_due_is_what_a_day_by_day_model_says(history, wanted):
    """Every day is due once, under the first demand that finds it too old, and no other day is."""
    demands = [Demand(heat, span, since) for heat, (span, since) in zip(Heat, wanted, strict=False)]
    found = due(remembered(history), demands, ZONE)
    last = day_by_day(history)
    begun = min((at.astimezone(ZONE).date() for at in last.values()), default=None)
    expected = {}
    for demand in demands:
        for one in each(demand.days):
            if demand.since is not None:
                wanted_now = one not in last or last[one] < demand.since
            else:
                read_late = one in last and last[one].astimezone(ZONE).date() > one
                wanted_now = begun is not None and one >= begun and not read_late
            if wanted_now:
                expected.setdefault(one, demand.heat)
    assert {one: item.heat for item in found for one in each(item.days)} == expected
    assert sum(len(each(item.days)) for item in found) == len(expected)


def test_what_has_no_days_is_due_once_it_is_old():
    """A read without days is good as long as the demand says, and is asked for once under the most urgent demand."""
    hot, order = Demand(Heat.HOT, None, ORIGIN), Demand(Heat.ORDERED, None, ORIGIN)
    assert due((), [hot, order], ZONE) == (Due(Heat.HOT, None),)
    assert due(noted((), Read(None, ORIGIN)), [hot, order], ZONE) == ()
    old = noted((), Read(None, ORIGIN - timedelta(seconds=1)))
    assert due(old, [hot], ZONE) == (Due(Heat.HOT, None),)
    assert noted(old, Read(None, ORIGIN)) == (Read(None, ORIGIN),)


def test_a_read_of_days_takes_the_place_of_one_without():
    """Where a feed is asked for by days from now on, what was read without days says nothing of any day."""
    assert noted((Read(None, ORIGIN),), Read(days(0, 3), ORIGIN)) == (Read(days(0, 3), ORIGIN),)
    assert due((Read(None, ORIGIN),), [Demand(Heat.HOT, days(0, 1), ORIGIN)], ZONE) == (Due(Heat.HOT, days(0, 1)),)


def test_before_the_first_read_nothing_was_missed():
    """Who was never read has missed nothing: his days are wanted as hot, warm and cold ones."""
    assert due((), [Demand(Heat.MISSED, days(0, 30), None)], ZONE) == ()
    assert due((), [Demand(Heat.MISSED, days(5, 4), None), Demand(Heat.COLD, days(5, 4), ORIGIN)], ZONE) == ()


@settings(derandomize=True, deadline=None, max_examples=200)
@given(st.lists(st.tuples(st.integers(1, 9 * 24), st.booleans()), min_size=1, max_size=25), st.integers(1, 5))
def test_every_past_day_is_read_after_it_was_over_however_long_nothing_could_be_read(steps, back):
    """After any pauses, one cycle leaves no day since the first read that was not read when it was over."""
    reads, now, begun = (), ORIGIN, None
    for hours, works in steps:
        now += timedelta(hours=hours)
        today = now.astimezone(ZONE).date()
        if not works:
            continue
        begun = begun or today
        hot = Days(today - timedelta(days=back), today + timedelta(days=2))
        missed = Demand(Heat.MISSED, Days(FIRST, hot.first - timedelta(days=1)), None)
        items = due(reads, (missed, Demand(Heat.HOT, hot, now)), ZONE)
        for item in items:
            reads = noted(reads, Read(item.days, now))
        late = {one for read in reads for one in each(read.days) if read.at.astimezone(ZONE).date() > one}
        assert {begun + timedelta(days=step) for step in range((today - begun).days)} <= late


@pytest.mark.parametrize(("feed", "wanted"), [(Feed.MARKS, days(0, 9)), (Feed.FINALS, None)])
def test_an_order_is_a_demand_since_it_was_given(feed, wanted):
    """What was read since an order was given is read; feeds without days are ordered as a whole."""
    assert ordered(Order(feed, days(0, 9), ORIGIN)) == Demand(Heat.ORDERED, wanted, ORIGIN)


def test_demands_and_dues_are_ordered_by_urgency():
    """Missed days come before hot ones, ordered before warm and cold; every heat is served by one of the two sweeps."""
    assert sorted((Due(heat, None) for heat in reversed(Heat)), key=urgency) == [Due(heat, None) for heat in Heat]
    assert list(Heat) == [Heat.MISSED, Heat.HOT, Heat.ORDERED, Heat.WARM, Heat.COLD]
    assert SERVED[Sweep.NOW] | SERVED[Sweep.LATER] == SERVED[Sweep.ALL] == set(Heat)
    assert not SERVED[Sweep.NOW] & SERVED[Sweep.LATER]
