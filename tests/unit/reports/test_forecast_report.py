"""`report forecast`."""

import pytest

from ejsync.domain.records import Kind
from ejsync.errors import NotFound
from ejsync.reports.forecast_report import forecast_report
from ejsync.reports.paper import Press
from ejsync.wording import use_language
from tests.doubles.paper_class import SUBJECTS, TODAY, records_of

OPEN = {
    "state": "expected", "mean": "3.33", "expected": 3, "lowest": 2, "highest": 4, "settled": False, "lowering_twos": 2,
    "needed": [{"result": 4, "fives": 2}, {"result": 5, "fives": None}], "counted": 6, "absences": 1,
}  # fmt: skip


@pytest.fixture(autouse=True)
def _english():
    use_language("en")


@pytest.fixture
def records():
    """A class whose first pupil's first subject is open."""
    found = records_of()
    first = min(found.of(Kind.FORECAST, found.people[0].pupil), key=lambda row: row["subject"])
    first |= OPEN
    return found


def test_each_pupil_has_a_line_for_each_subject_and_his_name_once(records):
    """Mean, expected, range, whether it is settled, and the fives that reach more where they can."""
    (screen,) = forecast_report(records).screens
    assert len(screen.rows) == len(records.people) * len(SUBJECTS)
    assert screen.rows[0] == ["Выдумкина-Долгофами…", "Алгебра", "3.33", "3", "2–4", "", "4: 2"]
    assert screen.rows[1][0] == ""


def test_the_sheet_names_the_pupil_in_every_row(records):
    """A sheet is sorted and filtered: each row stands for itself."""
    (leaf,) = forecast_report(records).leaves
    assert leaf.rows[0] == (
        "2004", "Выдумкина-Долгофамильная Константина Святославовна", "Алгебра", "expected", 3.33, 3, 2, 4, "no", None,
        2, None, 2, 6, 1,
    )  # fmt: skip
    assert {len(row) for row in leaf.rows} == {len(leaf.heads)}


def test_json_holds_the_records_themselves(records):
    """By pupil, whole."""
    pupils = forecast_report(records).data["pupils"]
    assert [row for one in pupils for row in one["subjects"] if row["mean"] == "3.33" and row["lowest"] == 2]
    assert sum(len(one["subjects"]) for one in pupils) == len(records.of(Kind.FORECAST))


def test_the_page_has_a_cell_only_where_a_subject_is_studied(records):
    """What is settled is framed, what can be raised says by what."""
    records.rows[Kind.FORECAST].remove(records.of(Kind.FORECAST, records.people[1].pupil)[0])
    page = forecast_report(records).page
    assert page["rows"][0]["cells"][0] == {
        "expected": "3", "mean": "3.33", "reach": "2–4", "settled": False, "next": "+2×5",
    }  # fmt: skip
    assert page["rows"][1]["cells"].count(None) == 1
    assert Press("forecast").pdf(page, TODAY).pages == 1


def test_a_period_without_forecasts_is_refused():
    """The year is concluded from its quarters, not from marks."""
    with pytest.raises(NotFound):
        forecast_report(records_of(period="year"))
