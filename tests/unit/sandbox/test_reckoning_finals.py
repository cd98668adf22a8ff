"""The second opinion's cells of a summary sheet, and its shares, worked out by hand."""

import pytest

from ejsync.sandbox.reckoning_finals import cells, summary

FORM = {"name": "5Б", "parallel": 5, "level": "basic"}
TERM = {"period": "q1", "school_year": 2026, "start": "2026-09-01", "end": "2026-10-31"}
AFTER, WITHIN = "2026-11-10", "2026-10-01"
NOTHING = {"until": None, "final": None}


def final(pupil, raw, subject="Алгебра", **more):
    """A final mark of the period."""
    grade = raw.isdigit()
    reading = {"type": "grade" if grade else "other", "value": int(raw) if grade else None}
    return {
        "pupil": pupil,
        "subject": subject,
        "period": "q1",
        "school_year": 2026,
        "raw": raw,
        "reading": reading,
        **more,
    }


def row(state="deferred", until="2026-11-10", *, subject=None, period="q1"):
    """What the office says of the first pupil."""
    return {
        "pupil": "1", "school_year": 2026, "subject": subject, "period": period, "state": state, "until": until
    }  # fmt: skip


def cell(*, day=AFTER, form=FORM, finals=(), deferrals=()):
    """The one cell of the first pupil."""
    found = cells(form, TERM, day, {"1": {"Алгебра"}}, {"finals": finals, "deferrals": deferrals})
    return found["1", "Алгебра"]


@pytest.mark.parametrize(
    ("case", "state"),
    [
        ({}, "missing"),
        ({"day": WITHIN}, "not_due"),
        ({"form": {**FORM, "parallel": 1}}, "not_due"),
        ({"deferrals": [row("exempt", None)]}, "exempt"),
        ({"deferrals": [row("exempt", None, period="year")]}, "exempt"),
        ({"deferrals": [row(until="2026-11-09")]}, "missing"),
        ({"deferrals": [row(period="year")]}, "missing"),
        ({"deferrals": [row(subject="Физика")]}, "missing"),
    ],
)
def test_why_there_is_no_final_mark(case, state):
    """What the office has registered, else whether one is due; a deferral holds to its last day and its period."""
    assert cell(**case) == {"state": state, **NOTHING}


def test_the_latest_deferral_counts():
    """Of several that hold the last day is told, and none where one has no end."""
    both = [row(), row(until="2026-12-01", subject="Алгебра")]
    assert cell(deferrals=both) == {"state": "deferred", "until": "2026-12-01", "final": None}
    assert cell(deferrals=[*both, row(until=None)])["until"] is None


def test_a_final_mark_speaks_for_itself():
    """What is set stands, whatever the office says; осв is exempt; other periods' marks are not looked at."""
    assert cell(finals=[final("1", "5")], deferrals=[row()])["state"] == "assigned"
    assert cell(finals=[final("1", "осв.")])["state"] == "exempt"
    assert cell(finals=[final("1", "5", period="q2")])["state"] == "missing"


def test_a_summary_worked_out_by_hand():
    """Of three pupils two are finished, one of them with a two: quality and progress 1/2; one subject is missing."""
    finals = [final("1", "5"), final("1", "4", "Физика"), final("2", "2"), final("2", "осв", "Физика"), final("3", "4")]
    studied = {pupil: {"Алгебра", "Физика"} for pupil in "123"}
    sheet = cells(FORM, TERM, AFTER, studied, {"finals": finals, "deferrals": []})
    found = summary(sheet)
    assert (found["pupils"], found["finished"], found["complete"]) == (3, 2, False)
    assert (found["quality"], found["progress"]) == ("0.5000", "0.5000")
    assert found["missing"] == {"3": ["Физика"]}
    assert found["by_subject"]["Алгебра"]["quality"] == "0.6667"
    assert found["by_subject"]["Физика"]["pupils"] == 1
