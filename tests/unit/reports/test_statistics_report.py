"""`report statistics`."""

import pytest

from ejsync.domain.records import Kind
from ejsync.errors import NotFound
from ejsync.reports.paper import Press
from ejsync.reports.statistics_report import statistics_report
from ejsync.wording import use_language
from tests.doubles.paper_class import TODAY, records_of

GROUPS = [
    {
        "group": group, "planned_hours": 24, "in_timetable": 24, "held": 14, "replaced": 1, "cancelled": 2,
        "to_come": 8, "control_works": 2, "planned_control_works": None,
    }
    for group in ("И1", "И2")
]  # fmt: skip


@pytest.fixture(autouse=True)
def _english():
    use_language("en")


@pytest.fixture
def records():
    """A class whose first subject is taught in two groups."""
    found = records_of()
    found.rows[Kind.LESSON_STATISTICS].sort(key=lambda row: row["subject"])
    found.rows[Kind.LESSON_STATISTICS][0] |= {
        "lessons": GROUPS, "works": [{"title": "=1+1", "lessons": 2, "marks": 24}],
        "marks": {"distribution": {"1": 0, "2": 1, "3": 4, "4": 9, "5": 10}, "count": 24, "mean": "4.17"},
        "results": {
            "basis": "mixed", "distribution": {}, "not_attested": 1, "pupils": 12, "quality": "0.7500",
            "progress": None,
        },
        "absences": 7, "late": 1,
    }  # fmt: skip
    return found


def test_every_group_has_its_line_of_lessons(records):
    """Planned, held, replaced, cancelled, to come, control works, and how many of those were planned."""
    lessons = statistics_report(records).screens[0]
    assert lessons.rows[:2] == [[f"Алгебра ({group})", "24", "14", "1", "2", "8", "2", "—"] for group in ("И1", "И2")]
    assert [len(row) for row in lessons.rows] == [len(lessons.heads)] * len(lessons.rows)


def test_marks_and_shares_are_told_by_subject(records):
    """Distribution from five to one, count, mean, quality, progress, and what they rest on."""
    report = statistics_report(records)
    assert report.screens[1].rows[0] == ["Алгебра", 10, 9, 4, 1, 0, 24, "4.17", "75 %", "—", "both"]
    assert report.screens[2].rows[0] == ["Алгебра", "=1+1", 2, 24]


def test_the_sheet_holds_everything_as_numbers(records):
    """A line for each group; means and shares can be reckoned with; a dash is an empty cell."""
    leaf, works = statistics_report(records).leaves
    assert leaf.rows[0] == (
        "Алгебра", "И1", 24, 14, 1, 2, 8, 2, None, 10, 9, 4, 1, 0, 24, 4.17, 0.75, None, "both", 1, 7, 1,
        "=1+1: 2 (24)",
    )  # fmt: skip
    assert len(leaf.heads) == len(leaf.rows[0])
    assert works.rows[0] == ("Алгебра", "=1+1", 2, 24)


def test_json_holds_the_records_themselves(records):
    """Nothing is rounded or renamed on the way."""
    assert statistics_report(records).data["subjects"] == records.of(Kind.LESSON_STATISTICS)


def test_the_page_can_be_set_for_any_spread_of_marks(records):
    """With marks, without any, and in a class that has none by rule."""
    people = [(number, "Малышева", "Ия", None) for number in ("1", "2", "3")]
    first_form = records_of(name="1А", people=people)
    for found in (records, first_form):
        assert Press("statistics").pdf(statistics_report(found).page, TODAY).pages >= 1


def test_a_period_without_statistics_is_refused():
    """Only quarters and half-years have them: the year does not."""
    with pytest.raises(NotFound):
        statistics_report(records_of(period="year"))
