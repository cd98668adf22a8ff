"""`report summary`."""

from dataclasses import replace
from datetime import date

import pytest

from ejsync.errors import NotFound
from ejsync.reports.paper import Press
from ejsync.reports.summary_report import sheet_of, summary_report
from ejsync.wording import use_language
from tests.doubles.paper_class import QUARTERS, TODAY, final, records_of, state

PEOPLE = (("1", "Первая", "Анна", None), ("2", "Второй", "Пётр", None))
TWO = {"Алгебра": None, "Физика": None}


@pytest.fixture(autouse=True)
def _english():
    use_language("en")


def _records(*more, period="p1", **known):
    return records_of(people=PEOPLE, subjects=TWO, more=more, period=period, **known)


def _finals(**raws):
    places = {"a1": ("1", "Алгебра"), "f1": ("1", "Физика"), "a2": ("2", "Алгебра"), "f2": ("2", "Физика")}
    return [final(who, raws[name], subject=subject) for name, (who, subject) in places.items() if name in raws]


def test_a_sheet_whose_every_cell_is_decided_is_complete():
    """A mark, н/а and an exemption decide; the shares count as offices count them."""
    report = summary_report(_records(*_finals(a1="5", f1="осв", a2="3", f2="н/а")))
    assert report.notes == ("The sheet is complete.",)
    assert report.data["complete"]
    assert report.screens[0].rows == [["Второй П.", "3", "н/а"], ["Первая А.", "5", "осв"]]
    assert report.data["total"] == {"pupils": 2, "finished": 2, "quality": "0.5000", "progress": "0.5000"}


def test_who_is_missing_what_is_said_at_the_top():
    """Names with subjects; what is put off or not due is counted apart."""
    lacking = [state("2", "missing", subject="Физика", until=None), state("2", "deferred", subject="Алгебра")]
    report = summary_report(_records(*_finals(a1="5"), extra=lacking))
    assert report.notes == (
        "The sheet is not complete: 1 final mark is missing, 2 are put off or not due yet.",
        "Missing of Второй П.: Физика.",
    )
    assert report.data["missing"] == {"2": ["Физика"]}
    assert [row["state"] for row in report.data["pupils"][0]["finals"]] == ["deferred", "missing"]


def test_who_lacks_everything_is_said_in_a_word():
    """A new pupil without any final mark does not fill the page with subjects."""
    lacking = [state("2", "missing", subject=subject, until=None) for subject in TWO]
    assert summary_report(_records(extra=lacking)).notes[1] == "Missing of Второй П.: all subjects."


def test_the_sheet_tells_grades_as_numbers_and_states_in_words():
    """Excel can count the grades; a deferral says until when; the shares stand below."""
    put_off = [state("2", "deferred", subject="Физика")]
    (leaf,) = summary_report(_records(*_finals(a1="5", a2="3", f1="зч"), extra=put_off)).leaves
    assert leaf.rows == [
        ("2", "Второй Пётр", 3, "put off until 30.12.2026"), ("1", "Первая Анна", 5, "зч"),
        (None, "Quality, %", 50.0, None), (None, "Progress, %", 100.0, None),
    ]  # fmt: skip


def test_the_year_has_a_sheet_too():
    """Its columns are what the pupils study this year, though no forecast is made of it."""
    records = _records(final("1", "5", subject="Алгебра", period="year"), period="year")
    found = sheet_of(records)
    assert (len(found.pupils), found.subjects) == (2, ("Алгебра", "Физика"))
    assert summary_report(records).title.startswith("Summary sheet of the year's final marks · 10А · Год")
    assert summary_report(records).data["period"]["sort"] == "year"


def test_a_year_without_any_final_mark_says_what_is_open_instead_of_refusing():
    """Before its end everything is not due yet; the day after it everything is missing, and of whom is said."""
    records = _records(period="year")
    assert summary_report(records).notes == ("The sheet is not complete: 4 are put off or not due yet.",)
    over = replace(records, today=date(2027, 5, 27))
    assert summary_report(over).notes == (
        "The sheet is not complete: 4 final marks are missing.",
        "Missing of Второй П.: all subjects.",
        "Missing of Первая А.: all subjects.",
    )


def test_a_first_form_misses_no_final_mark():
    """The first year is taught without marks: even after its end nothing is missing."""
    records = records_of(name="1А", people=PEOPLE, subjects=TWO, terms=QUARTERS, period="q1")
    assert sheet_of(replace(records, today=date(2027, 5, 27))).missing == {}


def test_many_subjects_go_on_in_a_second_table():
    """No table is wider than 80 columns; on paper they turn the page over."""
    subjects = {f"Предмет {number}": None for number in range(20)}
    report = summary_report(records_of(people=PEOPLE, subjects=subjects))
    assert [len(screen.heads) for screen in report.screens] == [12, 10]
    assert Press("summary").pdf(report.page, TODAY).pages == 1


def test_a_subject_that_is_not_studied_is_an_empty_cell():
    """It is no missing mark."""
    records = _records()
    records.studied["1"] = frozenset({"Алгебра"})
    report = summary_report(records)
    assert report.screens[0].rows[1] == ["Первая А.", "·", ""]
    assert report.page["rows"][1]["cells"][1] == {"text": "", "state": ""}


def test_a_period_of_which_nothing_is_known_is_refused():
    """There is no sheet of nothing."""
    records = replace(_records(period="p2"), studied={})
    with pytest.raises(NotFound):
        summary_report(records)
