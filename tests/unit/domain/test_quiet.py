"""Quiet hours."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ejsync.domain.quiet import QuietHours

MOSCOW, BERLIN = ZoneInfo("Europe/Moscow"), ZoneInfo("Europe/Berlin")
NIGHT = QuietHours.parse("22:30-06:00")


def at(spelled, zone=MOSCOW, fold=0):
    """A moment by the clocks of a zone."""
    return datetime.fromisoformat(spelled).replace(tzinfo=zone, fold=fold)


@pytest.mark.parametrize(
    ("spelled", "quiet"),
    [
        ("2026-11-16 22:29:59", False),
        ("2026-11-16 22:30:00", True),
        ("2026-11-17 00:00:00", True),
        ("2026-11-17 05:59:59.999999", True),
        ("2026-11-17 06:00:00", False),
        ("2026-11-17 12:00:00", False),
    ],
)
def test_a_night_goes_over_midnight(spelled, quiet):
    """From the first time on and up to the second, which is no part of it."""
    assert NIGHT.contains(at(spelled)) is quiet


@pytest.mark.parametrize(("spelled", "quiet"), [("08:59", False), ("09:00", True), ("13:29", True), ("13:30", False)])
def test_a_part_of_the_day_stays_inside_it(spelled, quiet):
    """Where the second time is the later one, midnight is not quiet."""
    assert QuietHours.parse("09:00-13:30").contains(at(f"2026-11-16 {spelled}")) is quiet


def test_nothing_is_never_quiet():
    """Without quiet hours every moment is good, and waiting for their end takes no time."""
    none, now = QuietHours.parse("  "), at("2026-11-16 03:00")
    assert (none, none.contains(now), none.ends_at(now), str(none)) == (QuietHours(), False, now, "")


@pytest.mark.parametrize(
    ("now", "end"),
    [
        ("2026-11-16 22:30:00", "2026-11-17 06:00"),
        ("2026-11-17 00:00:30.5", "2026-11-17 06:00"),
        ("2026-11-17 05:59:59", "2026-11-17 06:00"),
        ("2026-11-17 06:00:00", "2026-11-17 06:00"),
        ("2026-12-31 23:00:00", "2027-01-01 06:00"),
    ],
)
def test_the_end_is_the_next_time_it_is_not_quiet(now, end):
    """The end is on this day or the next, to the minute and in the same zone."""
    found = NIGHT.ends_at(at(now))
    assert (found, found.tzinfo) == (at(end), MOSCOW)


def test_midnight_may_be_written_as_24():
    """`24:00` ends a day as `00:00` begins one."""
    assert QuietHours.parse("22:00-24:00") == QuietHours.parse("22:00 – 00:00")


def test_a_time_left_out_by_the_clocks_ends_when_they_jump():
    """On the night of summer time 02:30 never comes: quiet hours end at 03:00, an hour after 01:59."""
    hours, now = QuietHours.parse("22:30-02:30"), at("2026-03-29 01:59", BERLIN)
    end = hours.ends_at(now)
    assert end == at("2026-03-29 03:00", BERLIN)
    assert end.astimezone(UTC) - now.astimezone(UTC) == timedelta(minutes=1)


def test_a_time_repeated_by_the_clocks_is_quiet_twice():
    """On the night of winter time the clocks show 02:10 twice, and are believed both times."""
    hours = QuietHours.parse("22:30-02:30")
    first, second = at("2026-10-25 02:10", BERLIN), at("2026-10-25 02:10", BERLIN, fold=1)
    assert hours.contains(first)
    assert hours.contains(second)
    assert (hours.ends_at(first) - first).total_seconds() == 20 * 60
    assert hours.ends_at(second).astimezone(UTC) - second.astimezone(UTC) == timedelta(minutes=20)
    assert hours.ends_at(second).astimezone(UTC) - first.astimezone(UTC) == timedelta(minutes=80)


@pytest.mark.parametrize(
    "text", ["22:30", "22:30-25:00", "22-06", "06:00-06:00", "00:00-24:00", "night", "22:60-06:00"]
)
def test_a_senseless_spelling_is_refused(text):
    """What is not two different times of the day is no setting."""
    with pytest.raises(ValueError, match=r"quiet hours|hour must|minute must"):
        QuietHours.parse(text)


@given(
    start=st.times(),
    end=st.times(),
    now=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)),  # noqa: DTZ001
)
def test_quiet_lasts_until_its_end_and_no_longer(start, end, now):
    """At its end it is not quiet, and it is quiet the minute before, in a zone with clock changes too."""
    spelled = f"{start:%H:%M}-{end:%H:%M}"
    if spelled[:5] == spelled[6:]:
        return
    hours, moment = QuietHours.parse(spelled), now.replace(tzinfo=UTC).astimezone(BERLIN)
    found = hours.ends_at(moment)
    assert str(hours) == spelled
    assert not hours.contains(found)
    if hours.contains(moment):
        before = (found.astimezone(UTC) - timedelta(seconds=1)).astimezone(BERLIN)
        assert hours.contains(before) or before < moment
