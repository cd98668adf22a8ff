"""Forecasts, worked out by hand and by their laws."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ejsync.contracts import Contracts
from ejsync.domain.forecast import METHOD, Course, forecast
from ejsync.domain.school_days import SchoolDays
from tests.doubles.class_journal import CLASS, FIRST_FORM, QUARTER, absence, control_work, final, mark

CONTRACTS = Contracts()
TODAY = date(2026, 10, 5)
HALFWAY = SchoolDays(TODAY, 26, 26)
RAWS = st.sampled_from(["2", "3", "4", "5", "5-", "3/5", "1", "зч", "н/а"])
MARKS = st.lists(st.builds(mark, RAWS, st.sampled_from([None, 0, 0.1, 1, 1.5, 3])), max_size=10)
DAYS = st.builds(SchoolDays, st.just(TODAY), st.integers(0, 60), st.integers(0, 60))
WORKS = st.lists(st.just(control_work()), max_size=4)
often = settings(derandomize=True, deadline=None, max_examples=200)


def course(*marks, of=CLASS, **more):
    """A pupil in algebra in the first quarter."""
    return Course("1001", "Алгебра", of, QUARTER, marks, **more)


def look(found, *names):
    """Some fields of a forecast."""
    return tuple(found[name] for name in names)


RESULT = ("expected", "lowest", "highest")


def test_a_forecast_by_hand():
    """5, 4 (weight 2) and 3 make 16/4; with as much weight ahead 24/8 = 3 at worst and 36/8 = 4.5, a five, at best."""
    marks = mark("5"), mark("4", 2), mark("3"), mark("зч")
    found = forecast(course(*marks, absences=[absence(), absence("late")]), HALFWAY)
    assert found == {
        "pupil": "1001", "level": "secondary", "school_year": 2026, "period": "q1", "subject": "Алгебра",
        "scale": "five", "state": "expected", "mean": "4.00",
        "expected": 4, "lowest": 3, "highest": 5, "settled": False,
        "needed": [{"result": 5, "fives": 4}], "lowering_twos": 2, "counted": 3, "left_out": 1, "absences": 1,
        "method": METHOD, "as_of": "2026-10-05",
    }  # fmt: skip


def test_what_is_out_of_reach_by_hand():
    """Two threes and a quarter of their weight ahead: 8.5/2.5 = 3.4 at best, 7/2.5 = 2.8 at worst: three it is."""
    found = forecast(course(mark("3"), mark("3")), SchoolDays(TODAY, 40, 10))
    assert look(found, *RESULT, "settled", "lowering_twos") == (3, 3, 3, True, None)
    assert found["needed"] == [{"result": 4, "fives": None}, {"result": 5, "fives": None}]


def test_planned_control_works_are_ahead_at_least():
    """Late in the period a four may still become 3 or 5 as two control works lie ahead; those of other days do not."""
    works = [control_work(day) for day in ("2026-10-20", "2026-10-21", "2026-09-20", "2026-11-20")]
    days = SchoolDays(TODAY, 50, 1)
    assert look(forecast(course(mark("4")), days), *RESULT) == (4, 4, 4)
    assert look(forecast(course(mark("4"), control_works=works[2:]), days), *RESULT) == (4, 4, 4)
    assert look(forecast(course(mark("4"), control_works=works), days), *RESULT) == (4, 3, 5)


def test_half_a_mark_is_rounded_up_exactly():
    """5 and 4 are a five, and a hair less than 4.5 is a four though 4.50 is shown."""
    assert look(forecast(course(mark("5"), mark("4")), HALFWAY), "mean", "expected") == ("4.50", 5)
    hair = [mark("5", 1), mark("4", 1.001)]
    assert look(forecast(course(*hair), HALFWAY), "mean", "expected") == ("4.50", 4)


def test_tenths_are_tenths():
    """Ten fives of weight 0.1 and a four of weight 1 are 4.5 and a five, which floats would deny."""
    assert forecast(course(*[mark("5", 0.1)] * 10, mark("4", 1)), HALFWAY)["expected"] == 5


def test_a_period_that_is_over_is_settled():
    """After the last day nothing moves any more."""
    found = forecast(course(mark("4")), SchoolDays(date(2026, 11, 1), 52, 0))
    assert look(found, *RESULT, "settled", "lowering_twos") == (4, 4, 4, True, None)


@pytest.mark.parametrize(("raw", "result"), [("3", 3), ("н/а", None), ("зч", None)])
def test_a_final_mark_takes_the_place_of_the_forecast(raw, result):
    """Once the final mark is set it is the result, and it is settled, whatever the mean says."""
    found = forecast(course(mark("5"), final=final(raw)), HALFWAY)
    assert look(found, "state", "mean", *RESULT, "settled") == ("assigned", "5.00", result, result, result, True)
    assert look(found, "needed", "lowering_twos") == ([], None)


def test_a_first_former_without_marks_is_no_fault():
    """A first-former has the scale none and is unmarked, even where somebody entered a mark."""
    for marks in ((), (mark("5"),)):
        found = forecast(course(*marks, of=FIRST_FORM), HALFWAY)
        assert look(found, "scale", "state", "level", "expected", "mean") == ("none", "unmarked", "primary", None, None)
        assert look(found, "counted", "left_out") == (0, len(marks))


def test_nobody_marked_yet():
    """Without a mark that counts the subject is unmarked on the scale of five."""
    for marks in ((), (mark("5", 0),), (mark("5", day="2026-11-05"),)):
        assert look(forecast(course(*marks), HALFWAY), "scale", "state", "counted") == ("five", "unmarked", 0)


def test_what_never_was_marked_is_settled_by_the_end():
    """Without a result the forecast is open while the period lasts, and settled after it."""
    for of in (CLASS, FIRST_FORM):
        open_and_over = [SchoolDays(day, 52, 0) for day in (date(2026, 10, 31), date(2026, 11, 1))]
        assert [forecast(course(of=of), days)["settled"] for days in open_and_over] == [False, True]


@pytest.mark.parametrize(("raw", "scale"), [("зч", "pass"), ("87", "points")])
def test_other_scales_have_no_mean(raw, scale):
    """Credits and points are not forecast."""
    found = forecast(course(mark(raw)), HALFWAY)
    assert look(found, "scale", "state", "mean", "expected", "left_out") == (scale, "not_scaled", None, None, 1)


@often
@given(MARKS, DAYS, WORKS)
def test_every_forecast_keeps_its_contract_and_its_range(marks, days, works):
    """The expected result lies in the range, and what is worked out is what the contract wants."""
    found = forecast(course(*marks, control_works=works), days)
    assert CONTRACTS.faults("ed/v1/forecast", found) == ()
    if found["state"] == "expected":
        assert 2 <= found["lowest"] <= found["expected"] <= found["highest"] <= 5
        assert all((row["fives"] is None) is (row["result"] > found["highest"]) for row in found["needed"])


def more(marks, days, works, raw, weight):
    """The forecasts before and after one more mark; None where nothing was marked before."""
    before = forecast(course(*marks, control_works=works), days)
    after = forecast(course(*marks, mark(raw, weight), control_works=works), days)
    return (before, after) if before["state"] == "expected" else None


@often
@given(MARKS, DAYS, WORKS, st.sampled_from([0.1, 1, 3]))
def test_a_five_never_lowers(marks, days, works, weight):
    """One more five lowers neither mean, nor result, nor either end of the range."""
    if found := more(marks, days, works, "5", weight):
        before, after = (look(one, "mean", *RESULT) for one in found)
        assert all(old <= new for old, new in zip(before, after, strict=True))


@often
@given(MARKS, DAYS, WORKS, st.sampled_from([0.1, 1, 3]))
def test_a_two_never_raises(marks, days, works, weight):
    """One more two raises neither mean, nor result, nor either end of the range, unless there were ones."""
    marks = [row for row in marks if row["raw"] != "1"]
    if found := more(marks, days, works, "2", weight):
        before, after = (look(one, "mean", *RESULT) for one in found)
        assert all(old >= new for old, new in zip(before, after, strict=True))


@often
@given(st.lists(st.tuples(RAWS, st.integers(1, 9)), min_size=1), DAYS, st.integers(2, 5))
def test_only_the_ratio_of_weights_matters(rows, days, factor):
    """All weights times one factor change neither mean, nor result, nor range."""
    one = forecast(course(*(mark(*row) for row in rows)), days)
    other = forecast(course(*(mark(raw, factor * weight) for raw, weight in rows)), days)
    assert look(one, "mean", *RESULT) == look(other, "mean", *RESULT)


@often
@given(MARKS, DAYS, st.randoms(use_true_random=False))
def test_order_does_not_matter(marks, days, random):
    """Shuffled marks give the same forecast."""
    assert forecast(course(*random.sample(marks, len(marks))), days) == forecast(course(*marks), days)


@often
@given(MARKS, st.integers(1, 60), st.integers(0, 59))
def test_the_range_only_narrows_with_the_days(marks, days, passed):
    """Without new marks the range of a later day lies inside that of an earlier one."""
    early, late = (SchoolDays(TODAY, done, 60 - done) for done in sorted((min(passed, days), max(passed, days))))
    wide, narrow = (forecast(course(*marks), when) for when in (early, late))
    if wide["state"] == "expected":
        assert wide["lowest"] <= narrow["lowest"]
        assert narrow["highest"] <= wide["highest"]
