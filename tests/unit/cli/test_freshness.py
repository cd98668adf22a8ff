"""Promises of freshness."""

import pytest

from ejsync.cli.freshness import broken_promises


def _school(age_s=60, waits_s=None, *, enabled=True):
    feed = {"feed": "marks", "enabled": enabled, "every_minutes": 10, "age_s": age_s}
    return {"school": "lyceum", "feeds": [feed], "sinks": [{"sink": "ed", "waits_s": waits_s}]}


@pytest.mark.parametrize(
    ("school", "what"),
    [
        (_school(age_s=1800), []),
        (_school(age_s=1801), ["marks"]),
        (_school(age_s=None), ["marks"]),
        (_school(age_s=None, enabled=False), []),
        (_school(waits_s=3600), []),
        (_school(waits_s=3601), ["ed"]),
    ],
)
def test_a_promise_is_three_intervals_or_an_hour(school, what):
    """A feed is late after three of its intervals or when it was never read; a change after an hour of waiting."""
    broken = broken_promises([school])
    assert [one.what for one in broken] == what
    assert all(one.sentence for one in broken)
