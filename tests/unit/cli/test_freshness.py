"""Promises of freshness."""

import pytest

from ejsync.cli.freshness import broken_promises, threatened_promises


def _school(age_s=60, waits_s=None, *, enabled=True, lost=0, **owed):
    feed = {"feed": "marks", "enabled": enabled, "every_minutes": 10, "age_s": age_s, "lost": lost}
    results = {"waiting": 0, "held": 0, "late": 0, "left_s": None, "urgency": "in_time", **owed}
    sink = {"sink": "ed", "waits_s": waits_s, "final_results": results}
    return {"school": "lyceum", "feeds": [feed], "sinks": [sink]}


@pytest.mark.parametrize(
    ("school", "what"),
    [
        (_school(age_s=1800), []),
        (_school(age_s=1801), ["marks"]),
        (_school(age_s=None), ["marks"]),
        (_school(age_s=None, enabled=False), []),
        (_school(lost=1), ["marks"]),
        (_school(lost=1, enabled=False), []),
        (_school(age_s=1801, lost=1), ["marks", "marks"]),
        (_school(waits_s=3600), []),
        (_school(waits_s=3601), ["ed"]),
    ],
)
def test_a_promise_is_three_intervals_or_an_hour(school, what):
    """A feed is late after three intervals or when never read; a lost right breaks it too, or an hour's wait."""
    broken = broken_promises([school])
    assert [one.what for one in broken] == what
    assert all(one.sentence for one in broken)


LATE = {"waiting": 5, "late": 2, "left_s": -60, "urgency": "late"}
PRESSING = {"waiting": 5, "left_s": 5400, "urgency": "pressing"}


def test_a_late_final_result_breaks_a_promise():
    """What is late is counted in the sentence, with the hours within which it was owed."""
    [broken] = broken_promises([_school(**LATE)])
    assert broken.sentence == "lyceum: 2 final results for ed are late: families are owed them within 24 h"
    assert broken_promises([_school(**PRESSING)]) == []


@pytest.mark.parametrize(
    ("owed", "words"),
    [
        ({}, []),
        ({"held": 3}, []),
        (PRESSING, ["5 final results wait for ed; 1 h 30 min left for the oldest"]),
        ({**PRESSING, "waiting": 1}, ["1 final result waits for ed; 1 h 30 min left"]),
        ({**LATE, "held": 1}, ["1 final result for ed is held for approval: ejsync batches list --state held"]),
        ({**PRESSING, "held": 3}, ["1 h 30 min left", "3 final results for ed are held for approval"]),
    ],
)
def test_half_of_the_time_gone_is_a_warning(owed, words):
    """From half of the time on people are warned, and told what waits for their word; what is late is no warning."""
    found = [one.sentence for one in threatened_promises([_school(**owed)])]
    assert len(found) == len(words)
    assert all(word in sentence for word, sentence in zip(words, found, strict=True))
