"""[retention]."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from ejsync.settings import Retention

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def test_days_and_years_count_back_from_now():
    """A year is never shorter than a year of the calendar."""
    before = Retention(quarantine_days=10, acts_years=3).cutoffs(NOW)
    assert before.quarantine == NOW - timedelta(days=10)
    assert before.acts <= NOW.replace(year=2023)


def test_acts_are_kept_as_long_as_the_law_asks():
    """Fewer than three years cannot be set."""
    with pytest.raises(ValidationError):
        Retention(acts_years=2)
