"""The diary's clock."""

from datetime import UTC, datetime

from ejsync.sandbox.diary_clock import UtcClock


def test_stamp_is_utc_with_microseconds():
    """A stamp is RFC 3339 with six digits of a second and Z, on the whole second too."""
    instant = datetime(2026, 11, 16, 5, 30, tzinfo=UTC).timestamp()
    assert UtcClock(lambda: instant).stamp() == "2026-11-16T05:30:00.000000Z"


def test_now_is_the_given_time():
    """The clock tells what its source tells."""
    assert UtcClock(lambda: 12.5).now() == 12.5
