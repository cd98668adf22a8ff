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
    assert {owner for coverage in reading.coverages for owner in coverage.owners} == {"pupil:1001", "pupil:1002"}
    assert reading.passed_over == {"foreign_pupil": 1, "silent_pupil": 1}


def believed(reading):
    """Owners and belief of the coverages."""
    return {(owner, one.believable_when_empty) for one in reading.coverages for owner in one.owners}


ANSWERS = {
    "getmarks": {"lessons": [LESSON]},
    "getdiary": {"days": {"20261116": {"items": []}}},
    "getfinalassessments": {"items": [{"name": "Алгебра", "assessments": []}]},
    "gethomework": {"days": {"20261116": {"items": []}}},
}


@pytest.mark.parametrize("method", ANSWERS)
def test_a_silent_pupil_is_covered_without_belief(mapped, method):
    """A pupil whom a good answer leaves out, or shows with nothing, is covered but not believed to have nothing."""
    for students in ({"1001": ANSWERS[method]}, {"1001": ANSWERS[method], "1002": []}):
        reading = mapped(method, {"students": students})
        assert believed(reading) == {("pupil:1001", True), ("pupil:1002", False)}


def test_a_silent_pupil_is_doubted_over_the_whole_window(mapped, week):
    """The doubt about a silent pupil reaches over every day that was asked for."""
    reading = mapped("getdiary", {"students": {"1001": ANSWERS["getdiary"]}})
    assert [one.days for one in reading.coverages if not one.believable_when_empty] == [week]


def test_a_pupil_under_another_name_is_foreign(mapped):
    """A pupil whose id contradicts the key he stands under is dropped, counted, and his place is doubted."""
    answer = marks_of("1001")
    answer["students"]["1001"]["name"] = 1999
    reading = mapped("getmarks", answer, pupils=("1001",))
    assert (reading.records, believed(reading)) == ((), {("pupil:1001", False)})
    assert reading.passed_over == {"foreign_pupil": 1, "silent_pupil": 1}


def spans(reading):
    """The believed days as text."""
    return [str(one.days) for one in reading.coverages if one.believable_when_empty]


LISTED = {day: {"items": []} for day in ("20261116", "20261117", "20261119", "20261130")}


@pytest.mark.parametrize(
    ("method", "result", "pupils"),
    [
        ("getschedule", {"days": LISTED}, ()),
        ("getdiary", {"students": {"1001": {"days": LISTED}}}, ("1001",)),
    ],
)
def test_only_listed_days_are_covered(mapped, method, result, pupils):
    """Nothing is concluded about a day of the window that the answer leaves out."""
    assert spans(mapped(method, result, pupils=pupils)) == ["2026-11-16..2026-11-17", "2026-11-19..2026-11-19"]


@pytest.mark.parametrize("nothing", [[], {}, None])
def test_a_day_without_structure_is_not_listed(mapped, nothing):
    """A day under which nothing stands is neither a day of the calendar nor believed to be empty."""
    reading = mapped("getschedule", {"days": {"20261116": {"items": []}, "20261117": nothing}})
    assert [record.key for record in reading.records] == ["10А/2026-11-16"]
    assert (spans(reading), reading.passed_over) == (["2026-11-16..2026-11-16"], {"empty_day": 1})


def test_days_nobody_can_read_conclude_nothing(mapped):
    """Where a diary lists only days that nobody can read, its marks are taken and nothing else is concluded."""
    mark = {"value": "5", "date": "2026-11-16", "nm": "0"}
    days = {"понедельник": {"items": [{**LESSON, "assessments": [mark]}]}}
    reading = mapped("getdiary", {"students": {"1001": {"days": days}}}, pupils=("1001",))
    assert (len(reading.records), reading.coverages) == (1, ())


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


def test_an_unplaced_row_spoils_the_belief_in_its_owner_only(mapped):
    """Where a row's place cannot be read, its owner is not spoken about; others are."""
    answer = marks_of("1001", "1002")
    answer["students"]["1001"]["lessons"] = [{**LESSON, "marks": [{"value": "5", "date": "вчера", "nm": "0"}]}]
    reading = mapped("getmarks", answer)
    assert believed(reading) == {("pupil:1002", True)}
    assert (len(reading.records), reading.passed_over) == (2, {"unplaced": 1})
