"""Promises of freshness."""

import pytest

from ejsync.cli.freshness import broken_promises, threatened_promises


def _school(age_s=60, *, enabled=True, lost=0, sink=None, **owed):
    feed = {"feed": "marks", "enabled": enabled, "every_minutes": 10, "age_s": age_s, "lost": lost}
    results = {"waiting": 0, "held": 0, "late": 0, "left_s": None, "urgency": "in_time", **owed}
    well = {"sink": "ed", "waits_s": None, "undelivered": [], "error": None, "breaker": None, "final_results": results}
    return {"school": "lyceum", "feeds": [feed], "sinks": [well | (sink or {})]}


def _undelivered(feed="marks", **fields):
    return {"feed": feed, "late": 1, "refused": 0, "oldest_s": 7200.0, "promised_s": 3600.0, **fields}


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
    ],
)
def test_a_feed_promises_a_read_in_three_intervals(school, what):
    """A feed is late after three intervals or when never read; a lost right breaks the promise too."""
    broken = broken_promises([school])
    assert [one.what for one in broken] == what
    assert all(one.sentence for one in broken)


AWAY = {"host": "https://ed.example", "state": "open"}


@pytest.mark.parametrize(
    ("sink", "words", "command"),
    [
        ({}, None, None),
        ({"undelivered": [_undelivered(late=0)]}, None, None),
        (
            {"undelivered": [_undelivered()]},
            "1 change of marks is late for ed: 120 min old, promised within 60 min",
            "ejsync doctor",
        ),
        ({"undelivered": [_undelivered(late=3)]}, "3 changes of marks are late", "ejsync doctor"),
        ({"undelivered": [_undelivered(refused=1)]}, "1 change of marks", "ejsync batches list --dead"),
        ({"error": "EJ-403"}, "ed refuses our credentials (EJ-403)", "ejsync doctor"),
        ({"error": "EJ-401"}, None, None),
        ({"breaker": AWAY}, None, None),
        ({"breaker": AWAY, "waits_s": 3600.0}, None, None),
        (
            {"breaker": AWAY, "waits_s": 3660.0},
            "https://ed.example is away, and changes for ed have waited for 61 min",
            "ejsync doctor",
        ),
        ({"waits_s": 3660.0}, None, None),
    ],
)
def test_a_sink_breaks_promises(sink, words, command):
    """Late changes, refused credentials, a host that is away while changes wait for an hour: each with what to type."""
    broken = broken_promises([_school(sink=sink)])
    assert [(words in one.sentence, one.next_step) for one in broken] == ([(True, command)] if words else [])


def test_late_final_marks_are_told_once():
    """The clock of final results says what the promise of their feed would say again."""
    late = {"undelivered": [_undelivered("finals"), _undelivered("derived")]}
    assert len(broken_promises([_school(sink=late)])) == 2
    assert len(broken_promises([_school(sink=late, **LATE)])) == 2


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
