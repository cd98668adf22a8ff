"""What a page is taken to say, whatever it is about."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

LESSON = {"name": "Алгебра", "lesson_id": "77"}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 20_270_000) | st.sampled_from(["", "1001", "5", "Н", "20261116", "x"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "students",
                    "days",
                    "items",
                    "lessons",
                    "marks",
                    "name",
                    "homework",
                    "files",
                    "groups",
                    "1001",
                    "20261116",
                    "0",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=25,
)


def marks_of(*pupils):
    """A result of `getmarks` with a mark for each pupil."""
    mark = {"value": "5", "date": "2026-11-16", "nm": "0"}
    return {"students": {pupil: {"name": pupil, "lessons": [{**LESSON, "marks": [mark]}]} for pupil in pupils}}


def test_foreign_pupils_are_dropped(mapped):
    """A pupil who was not asked for leaves no record and no coverage, but is counted."""
    reading = mapped("getmarks", marks_of("1001", "9999"))
    assert {record.pupil for record in reading.records} == {"1001"}
    assert [coverage.owners for coverage in reading.coverages] == [("pupil:1001",)]
    assert reading.passed_over == {"foreign_pupil": 1, "silent_pupil": 1}


@pytest.mark.parametrize("nothing", [[], {}, None, {"students": []}, {"students": None}])
@pytest.mark.parametrize("method", ["getmarks", "getdiary", "getfinalassessments", "gethomework"])
def test_an_empty_answer_is_not_believed(mapped, method, nothing):
    """An answer without any pupil covers those asked for, but is not believed to say that they have nothing."""
    (coverage,) = mapped(method, nothing).coverages
    assert coverage.owners == ("pupil:1001", "pupil:1002")
    assert not coverage.believable_when_empty


@pytest.mark.parametrize("nothing", [[], {}, None, {"days": []}])
@pytest.mark.parametrize("method", ["getschedule", "gethomework"])
def test_an_empty_class_answer_is_not_believed(mapped, method, nothing):
    """An answer without any day covers the class, but is not believed to say that it has nothing."""
    (coverage,) = mapped(method, nothing, pupils=()).coverages
    assert coverage.owners == ("class:10А",)
    assert not coverage.believable_when_empty


def test_days_outside_the_window_are_dropped(mapped):
    """What lies outside the days asked for is counted and left alone."""
    days = {"20261115": {"items": []}, "20261116": {"items": []}}
    reading = mapped("getschedule", {"days": days})
    assert [record.key for record in reading.records] == ["10А/2026-11-16"]
    assert reading.passed_over == {"outside_window": 1}


def test_covered_days_are_those_of_the_window(mapped, week):
    """A page speaks about the days that were asked for."""
    assert {coverage.days for coverage in mapped("getmarks", marks_of("1001")).coverages} == {week}


@pytest.mark.parametrize("method", ["getmarks", "getdiary", "gethomework", "getschedule", "getperiods"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(result=JSON)
def test_no_answer_is_too_strange(mapped, method, result):
    """Whatever JSON comes is read without an error, and every key stands once."""
    records = mapped(method, result).records
    assert len({(record.kind, record.key) for record in records}) == len(records)
