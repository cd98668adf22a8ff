"""Statistics of a class's subject."""

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from ejsync.contracts import Contracts
from ejsync.domain.lesson_accounts import Lessons, Taught
from ejsync.domain.statistics import Achievements, Register, lesson_statistics, mark_spread, result_spread, work_counts
from tests.doubles.class_journal import CLASS, FIRST_FORM, QUARTER, absence, final, lesson, mark

CONTRACTS = Contracts()
TODAY = date(2026, 10, 5)
ALGEBRA = Taught("Алгебра", CLASS, QUARTER, TODAY)
TEST, ANSWER = {"title": "Контрольная работа", "short": "КР"}, {"title": "Ответ на уроке", "short": None}
RAWS = st.sampled_from(["1", "2", "3", "4", "5", "3/5", "зч"])
FINALS = st.dictionaries(
    st.integers(1001, 1030).map(str), st.sampled_from(["2", "3", "4", "5", "н/а", "осв", "зч"]), max_size=10
)


def expected(who, result):
    """As much of a forecast as counts here."""
    return {"pupil": who, "expected": result}


def test_statistics_by_hand():
    """One class in one subject, counted on paper; what lies outside of it is left out."""
    marks = [
        mark("5", 3, work=TEST), mark("4", 3, who="1002", work=TEST), mark("3/5", who="1003", work=ANSWER),
        mark("4", day="2026-09-21", work=TEST), mark("зч", day="2026-09-21"), mark("2", subject="Физика"),
        mark("2", day="2026-11-09"),
    ]  # fmt: skip
    done = Achievements(
        marks, [absence(), absence("late"), absence(subject="Физика")], [final("4")], [expected("1002", 2)]
    )
    found = lesson_statistics(ALGEBRA, Register(Lessons([lesson()]), done))
    assert found == {
        "class": "10А", "school_year": 2026, "period": "q1", "subject": "Алгебра",
        "lessons": [{
            "group": None, "planned_hours": None, "in_timetable": 1, "held": 1, "replaced": 0, "cancelled": 0,
            "to_come": 0, "control_works": 0, "planned_control_works": None,
        }],
        "works": [
            {"title": "Контрольная работа", "lessons": 2, "marks": 3},
            {"title": "Ответ на уроке", "lessons": 1, "marks": 1},
        ],
        "marks": {"distribution": {"1": 0, "2": 0, "3": 1, "4": 2, "5": 2}, "count": 5, "mean": "4.20"},
        "results": {
            "basis": "mixed", "distribution": {"1": 0, "2": 1, "3": 0, "4": 1, "5": 0}, "not_attested": 0, "pupils": 2,
            "quality": "0.5000", "progress": "0.5000",
        },
        "absences": 1, "late": 1, "as_of": "2026-10-05",
    }  # fmt: skip
    assert CONTRACTS.faults("ed/v1/lesson_statistics", found) == ()


def test_a_first_form_has_lessons_and_no_results():
    """Whatever stands in the journal of a first form, no marks and no results are counted, and shares are null."""
    found = lesson_statistics(
        Taught("Алгебра", FIRST_FORM, QUARTER, TODAY),
        Register(achievements=Achievements([mark()], [absence()], [final()])),
    )
    assert found["marks"] == {"distribution": {"1": 0, "2": 0, "3": 0, "4": 0, "5": 0}, "count": 0, "mean": None}
    assert (found["results"]["basis"], found["results"]["quality"], found["absences"]) == ("none", None, 1)
    assert CONTRACTS.faults("ed/v1/lesson_statistics", found) == ()


def test_it_is_said_what_the_results_rest_on():
    """Final marks alone, forecasts alone, both, or nothing; a final mark goes before its pupil's forecast."""
    finals, forecasts = [final("5")], [expected("1001", 2), expected("1002", None)]
    assert result_spread(finals, forecasts)["basis"] == "finals"
    assert result_spread(finals, forecasts)["quality"] == "1.0000"
    assert result_spread([], forecasts)["basis"] == "forecast"
    assert result_spread(finals, [expected("1002", 3)])["basis"] == "mixed"
    assert result_spread([final("осв")], [])["basis"] == "none"


def test_marks_without_a_type_of_work_are_no_work():
    """Only marks that name their work are counted by it."""
    assert work_counts([mark()]) == []


@settings(derandomize=True, deadline=None)
@given(FINALS, st.dictionaries(st.integers(1001, 1030).map(str), st.sampled_from([None, 2, 3, 4, 5]), max_size=10))
def test_results_add_up(finals, forecasts):
    """The distribution and those not attested are all pupils; 0 ≤ quality ≤ progress ≤ 1, and null for nobody."""
    found = result_spread(
        [final(raw, who=who) for who, raw in finals.items()], [expected(*row) for row in forecasts.items()]
    )
    assert sum(found["distribution"].values()) + found["not_attested"] == found["pupils"]
    if found["pupils"]:
        assert 0 <= float(found["quality"]) <= float(found["progress"]) <= 1
    else:
        assert (found["quality"], found["progress"], found["basis"]) == (None, None, "none")


@settings(derandomize=True, deadline=None)
@given(st.lists(RAWS), st.lists(RAWS), st.randoms(use_true_random=False))
def test_two_groups_together_are_the_class(one, other, random):
    """Counted apart and added up, two groups have the distribution of both together, in whatever order."""
    together = [mark(raw) for raw in one + other]
    parts = [mark_spread(map(mark, raws))["distribution"] for raws in (one, other)]
    whole = mark_spread(random.sample(together, len(together)))
    assert whole["distribution"] == {value: sum(part[value] for part in parts) for value in "12345"}
    assert whole["count"] == sum(whole["distribution"].values())
