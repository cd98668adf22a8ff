"""The second opinion's forecasts and results, worked out by hand."""

from fractions import Fraction

import pytest

from ejsync.sandbox.reckoning_marks import (
    Course,
    forecast,
    result_of,
    share,
    spread_of_marks,
    spread_of_results,
    written,
)
from ejsync.sandbox.reckoning_terms import Pace

FORM = {"name": "5Б", "parallel": 5, "level": "basic"}
TERM = {"period": "q1", "school_year": 2026, "start": "2026-09-01", "end": "2026-10-31"}
DAY = "2026-09-30"
PACE = Pace(20, 10)
FIXED = {"expected": None, "lowest": None, "highest": None, "needed": [], "lowering_twos": None}


def mark(value, weight=1, kind="grade", *, second=None, day="2026-09-14", averaged=True):
    """A mark of the period."""
    reading = {"type": kind, "value": value, "second": second, "sign": None}
    return {"date": day, "reading": reading, "weight": weight, "averaged": averaged, "subject": "Алгебра"}


def final(raw, kind="grade"):
    """A final mark."""
    value = int(raw) if kind == "grade" else None
    return {"raw": raw, "reading": {"type": kind, "value": value, "second": None, "sign": None}}


def looked_at(*marks, pace=PACE, form=FORM, day=DAY, **more):
    """The forecast of a course with these marks."""
    return forecast(Course("1", "Алгебра", list(marks), **more), form, TERM, pace, day)


def test_a_forecast_worked_out_by_hand():
    """Marks 4 (weight 2), 5, 3/5 and half the pace ahead.

    Σ value·weight = 8+5+3+5 = 21, Σ weight = 5, mean 4.20; ahead 2.5: (21+5)/7.5 = 3.47, (21+12.5)/7.5 = 4.47. A 5 is
    out of reach. With two more twos 25/7 = 3.57 is a 4 still, with three 27/8 = 3.38 is none.
    """
    found = looked_at(mark(4, 2), mark(5, None), mark(3, kind="double", second=5))
    assert found["mean"] == "4.20"
    assert (found["expected"], found["lowest"], found["highest"]) == (4, 3, 4)
    assert found["needed"] == [{"result": 5, "fives": None}]
    assert found["lowering_twos"] == 3
    assert (found["counted"], found["left_out"], found["settled"], found["state"]) == (4, 0, False, "expected")


def test_a_control_work_ahead_widens_the_range():
    """With no school day left one work ahead still counts as a mark of weight 1; works that are past do not."""
    works = [{"date": "2026-10-20"}, {"date": DAY}, {"date": "2026-12-01"}]
    found = looked_at(mark(4), mark(5), pace=Pace(30, 0), works=works)
    assert (found["expected"], found["lowest"], found["highest"]) == (5, 4, 5)
    assert found["lowering_twos"] == 1
    assert looked_at(mark(4), mark(5), pace=Pace(30, 0))["settled"]


def test_what_is_not_averaged_is_left_out():
    """Marks that do not count, of weight 0, points beside grades, and those of other days change no mean."""
    found = looked_at(mark(5), mark(2, averaged=False), mark(2, 0), mark(87, kind="points"), mark(2, day="2026-11-09"))
    assert (found["mean"], found["counted"], found["left_out"], found["scale"]) == ("5.00", 1, 3, "five")


@pytest.mark.parametrize(
    ("marks", "form", "state", "scale"),
    [
        ([], FORM, "unmarked", "five"),
        ([mark(5)], {**FORM, "parallel": 1}, "unmarked", "none"),
        ([mark(87, kind="points")], FORM, "not_scaled", "points"),
        ([mark(None, kind="pass")], FORM, "not_scaled", "pass"),
    ],
)
def test_where_no_result_can_be_expected_none_is(marks, form, state, scale):
    """Without marks, in the first year, of points and of credits there is a state and no number."""
    found = looked_at(*marks, form=form)
    assert {name: found[name] for name in FIXED} == FIXED
    assert (found["state"], found["scale"], found["mean"], found["settled"]) == (state, scale, None, False)
    assert looked_at(*marks, form=form, day="2026-11-01")["settled"]


@pytest.mark.parametrize(("raw", "kind", "result"), [("5", "grade", 5), ("н/а", "other", None)])
def test_a_final_mark_takes_the_place_of_the_forecast(raw, kind, result):
    """What is set is set, whatever the mean says."""
    found = looked_at(mark(3), final=final(raw, kind))
    assert (found["state"], found["expected"], found["settled"]) == ("assigned", result, True)
    assert found["mean"] == "3.00"


def test_half_is_rounded_up_and_never_before_the_end():
    """4.5 is a 5, 4.495 is shown as 4.50 and is a 4; ones alone are a 2."""
    assert looked_at(mark(4), mark(5))["expected"] == 5
    just_below = [mark(4, 505), mark(5, 495)]
    found = looked_at(*just_below)
    assert (found["mean"], found["expected"]) == ("4.50", 4)
    assert looked_at(mark(1))["expected"] == 2


def test_results_are_counted_and_shared():
    """Of a 5, a 3, a 2 and one not attested: quality 1/4, progress 2/4; a credit counts nowhere."""
    finals = {"1": final("5"), "2": final("н/а", "other"), "3": final("зч", "pass")}
    awaited = {"1": {"expected": 2}, "4": {"expected": 3}, "5": {"expected": 2}, "6": {"expected": None}}
    found = spread_of_results(finals, awaited)
    assert (found["pupils"], found["not_attested"], found["basis"]) == (4, 1, "mixed")
    assert (found["quality"], found["progress"]) == ("0.2500", "0.5000")
    assert found["distribution"] == {"1": 0, "2": 1, "3": 1, "4": 0, "5": 1}
    assert spread_of_results({}, {})["basis"] == "none"
    assert spread_of_results(finals, {})["basis"] == "finals"
    assert [result_of(one) for one in finals.values()] == [5, 0, None]


def test_a_spread_takes_each_value_once():
    """The plain mean of 4 (weight 3), 5 and 3/4 is 16/4, whatever their weights."""
    found = spread_of_marks([mark(4, 3), mark(5), mark(3, kind="double", second=4)])
    assert (found["count"], found["mean"]) == (4, "4.00")
    assert spread_of_marks([])["mean"] is None


def test_numbers_are_written_with_their_digits():
    """Halves go up, zeros stay."""
    assert [written(Fraction(one), 2) for one in ("1/3", "0.005", "3", "4.995")] == ["0.33", "0.01", "3.00", "5.00"]
    assert share([], 3) is None
    assert share([3, 3, 2], 3) == "0.6667"
