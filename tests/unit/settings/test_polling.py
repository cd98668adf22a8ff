"""Feeds: their schedules, and which days are wanted how fresh."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from ejsync.domain.quiet import QuietHours
from ejsync.domain.reads import SERVED, Demand, Sweep, urgency
from ejsync.domain.records import Feed
from ejsync.domain.windows import Days, Heat
from ejsync.errors import ConfigError
from ejsync.settings import Moment, load
from ejsync.settings.polling import Feeds, MarksRule, TimetableRule

ZONE = ZoneInfo("Asia/Kamchatka")
NOW = datetime(2027, 2, 10, 15, 0, tzinfo=UTC)  # 03:00 of 11 February at the school
TODAY, YEAR = date(2027, 2, 11), date(2026, 9, 1)
NIGHT = time(1)
PERIOD = date(2027, 1, 12)
MOMENT = Moment(NOW, ZONE, PERIOD, timedelta(minutes=5))


@pytest.mark.parametrize(
    ("feed", "first", "last"),
    [
        (Feed.MARKS, date(2027, 1, 28), TODAY),
        (Feed.HOMEWORK, date(2027, 2, 8), date(2027, 2, 21)),
        (Feed.TIMETABLE, date(2027, 2, 10), date(2027, 2, 23)),
        (Feed.DIARY, date(2027, 2, 10), date(2027, 2, 23)),
        (Feed.SUBSTITUTIONS, TODAY, date(2027, 2, 12)),
    ],
)
def test_hot_days_lie_around_the_school_s_today(feed, first, last):
    """Every cycle wants them, as fresh as its patience; days are counted by the school's own clock."""
    demands = Feeds().of(feed).demands(Sweep.NOW, MOMENT, NIGHT)
    assert demands[-1] == Demand(Heat.HOT, Days(first, last), NOW - timedelta(minutes=5))


@pytest.mark.parametrize("feed", [Feed.ROSTER, Feed.PERIODS, Feed.FINALS])
def test_what_has_no_days_is_wanted_in_every_cycle_and_never_later(feed):
    """Without days there is but one heat."""
    rule = Feeds().of(feed)
    assert rule.demands(Sweep.NOW, MOMENT, NIGHT) == (Demand(Heat.HOT, None, NOW - timedelta(minutes=5)),)
    assert rule.demands(Sweep.LATER, MOMENT, NIGHT) == ()
    assert rule.demands(Sweep.ALL, MOMENT, NIGHT) == rule.demands(Sweep.NOW, MOMENT, NIGHT)


def test_a_feed_with_days_is_wanted_in_four_ways():
    """Missed days up to the hot ones; the hot ones; the period some times a day; the year since the night began."""
    rule = TimetableRule(period_every_hours=3)
    missed, hot, warm, cold = rule.demands(Sweep.ALL, MOMENT, NIGHT)
    last = date(2027, 2, 23)
    assert missed == Demand(Heat.MISSED, Days(YEAR, date(2027, 2, 9)), None)
    assert hot == Demand(Heat.HOT, Days(date(2027, 2, 10), last), NOW - timedelta(minutes=5))
    assert warm == Demand(Heat.WARM, Days(PERIOD, last), NOW - timedelta(hours=3))
    assert cold == Demand(Heat.COLD, Days(YEAR, last), datetime(2027, 2, 11, 1, tzinfo=ZONE))


@pytest.mark.parametrize("feed", Feed)
@pytest.mark.parametrize("sweep", Sweep)
def test_each_sweep_wants_its_own_heats_the_most_urgent_first(feed, sweep):
    """What a cycle serves and what a sweep serves is what the ledger of heats says."""
    demands = Feeds().of(feed).demands(sweep, MOMENT, NIGHT)
    assert {demand.heat for demand in demands} <= SERVED[sweep]
    assert list(demands) == sorted(demands, key=urgency)


def test_substitutions_of_days_gone_by_are_never_wanted():
    """Of the past they would take a request for each class and day, and the timetable shows them too."""
    assert Feeds().substitutions.demands(Sweep.LATER, MOMENT, NIGHT) == ()
    (hot,) = Feeds().substitutions.demands(Sweep.ALL, MOMENT, NIGHT)
    assert hot.days.first == TODAY


def test_a_feed_that_reads_the_year_in_every_cycle_misses_nothing():
    """With days_back at the school year no day lies before the hot ones."""
    missed, hot = MarksRule(days_back="school_year").demands(Sweep.NOW, MOMENT, NIGHT)
    assert hot.days == Days(YEAR, TODAY)
    assert missed.days.last < missed.days.first


@pytest.mark.parametrize(
    ("period", "first"), [(None, TODAY - timedelta(days=63)), (date(2026, 1, 12), YEAR), (PERIOD, PERIOD)]
)
def test_where_no_period_is_known_nine_weeks_stand_for_it(period, first):
    """Warm days are those of the period, and never begin before the school year."""
    warm, _ = MarksRule().demands(Sweep.LATER, Moment(NOW, ZONE, period), NIGHT)
    assert warm.days.first == first


@pytest.mark.parametrize(("hour", "day"), [(0, 10), (1, 11), (23, 11)])
def test_a_night_begins_when_the_school_s_clock_says_so(hour, day):
    """Before that time the last night is yesterday's, from that very time on it is today's."""
    moment = Moment(datetime(2027, 2, 11, hour, tzinfo=ZONE).astimezone(UTC), ZONE)
    assert moment.last(NIGHT) == datetime(2027, 2, day, 1, tzinfo=ZONE)


def test_every_feed_has_a_rule(write, least):
    """No feed of the domain is without a schedule."""
    feeds = load(write(least)).feeds
    assert {feed: feeds.of(feed).every_minutes for feed in Feed} == {
        Feed.ROSTER: 720,
        Feed.PERIODS: 720,
        Feed.TIMETABLE: 30,
        Feed.SUBSTITUTIONS: 60,
        Feed.DIARY: 60,
        Feed.HOMEWORK: 15,
        Feed.MARKS: 10,
        Feed.FINALS: 60,
        Feed.DERIVED: 15,
    }


def test_times_of_the_day_are_read_as_people_write_them(write_above):
    """A time in quotes or TOML's own; hours as a span; both are shown again as they were written."""
    feeds = load(write_above('[feeds]\nnight_begins = "02:30"\nquiet_hours = "22:30-05:30"\n')).feeds
    assert (feeds.night_begins, feeds.quiet_hours) == (time(2, 30), QuietHours(time(22, 30), time(5, 30)))
    shown = feeds.model_dump(mode="json")
    assert (shown["night_begins"], shown["quiet_hours"]) == ("02:30:00", "22:30-05:30")
    assert load(write_above("[feeds]\nnight_begins = 03:00:00\n")).feeds.night_begins == time(3)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('night_begins = "late"', "this is no time of day"),
        ('night_begins = "25:00"', "this is no time of day"),
        ('quiet_hours = "22:30"', "these are no quiet hours"),
        ('quiet_hours = "22:30-22:30"', "these are no quiet hours"),
    ],
)
def test_what_is_no_time_is_a_fault_in_words(write_above, line, problem):
    """A wrong time is named by its key and in a sentence."""
    with pytest.raises(ConfigError) as caught:
        load(write_above(f"[feeds]\n{line}\n"))
    assert [(fault.key, fault.problem) for fault in caught.value.faults] == [(f"feeds.{line.split()[0]}", problem)]
