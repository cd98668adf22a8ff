"""States of final marks."""

from datetime import date

import pytest

from ejsync.domain.final_states import FinalState, Term, final_states
from tests.doubles.class_journal import CLASS, FIRST_FORM, QUARTER, final

ENDED = Term(CLASS, QUARTER, date(2026, 11, 5))
GOING_ON = Term(CLASS, QUARTER, date(2026, 10, 31))
OPEN = Term(CLASS, {**QUARTER, "start": None, "end": None}, date(2026, 11, 5))
STUDIED = {"1001": {"Алгебра"}}


def deferral(state="deferred", until="2026-11-20", *, subject="Алгебра", period="q1", who="1001", year=2026):
    """What the office has registered."""
    place = {"pupil": who, "school_year": year, "subject": subject, "period": period}
    return {**place, "state": state, "until": until, "document": "№ 1"}


def state(term, *, finals=(), deferrals=()):
    """The standing of the one pupil in the one subject."""
    (found,) = final_states(term, STUDIED, list(finals), list(deferrals)).values()
    return found


@pytest.mark.parametrize(
    ("term", "finals", "deferrals", "expected"),
    [
        (ENDED, [], [], FinalState.MISSING),
        (GOING_ON, [], [], FinalState.NOT_DUE),
        (OPEN, [], [], FinalState.NOT_DUE),
        (Term(FIRST_FORM, QUARTER, date(2026, 11, 5)), [], [], FinalState.NOT_DUE),
        (GOING_ON, [final("5")], [], FinalState.ASSIGNED),
        (ENDED, [final("н/а")], [], FinalState.ASSIGNED),
        (ENDED, [final("осв")], [], FinalState.EXEMPT),
        (ENDED, [final("5")], [deferral()], FinalState.ASSIGNED),
        (ENDED, [], [deferral()], FinalState.DEFERRED),
        (GOING_ON, [], [deferral()], FinalState.DEFERRED),
        (ENDED, [], [deferral(subject=None)], FinalState.DEFERRED),
        (ENDED, [], [deferral(until="2026-11-05")], FinalState.DEFERRED),
        (ENDED, [], [deferral(until="2026-11-04")], FinalState.MISSING),
        (ENDED, [], [deferral("exempt", None)], FinalState.EXEMPT),
        (ENDED, [], [deferral("exempt", None, period="year")], FinalState.EXEMPT),
        (ENDED, [], [deferral(period="year")], FinalState.MISSING),
        (ENDED, [], [deferral(), deferral("exempt", None, subject=None)], FinalState.EXEMPT),
        (ENDED, [], [deferral(subject="Физика"), deferral(who="1002")], FinalState.MISSING),
        (ENDED, [], [deferral(period="q2"), deferral(year=2025)], FinalState.MISSING),
        (ENDED, [final("5", year=2025), final("5", period="q2")], [], FinalState.MISSING),
    ],
)  # fmt: skip
def test_the_first_rule_that_fits_says_the_state(term, finals, deferrals, expected):
    """Final mark, exemption, deferral that still holds, not due, missing: in this order."""
    assert state(term, finals=finals, deferrals=deferrals).state is expected


def test_a_deferral_says_until_when():
    """The latest day of the deferrals that hold is told; none where one has no end."""
    later = deferral(until="2026-12-01", subject=None)
    assert state(ENDED, deferrals=[deferral(), later]).until == "2026-12-01"
    assert state(ENDED, deferrals=[deferral(until=None), later]).until is None


def test_a_final_mark_stands_where_nobody_expected_it():
    """A final mark in a subject that the pupil was not known to study has its cell; a stranger's has none."""
    found = final_states(ENDED, STUDIED, [final("5", subject="Хор"), final("4", who="1009")], [])
    assert {key: cell.state for key, cell in found.items()} == {
        ("1001", "Алгебра"): FinalState.MISSING, ("1001", "Хор"): FinalState.ASSIGNED,
    }  # fmt: skip
