"""What stands in an extract."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from ejsync.domain.records import Kind
from ejsync.reports.extract import booklet, extract
from ejsync.reports.paper import Press
from ejsync.wording import use_language
from tests.doubles import class_journal, paper_class

GOLDEN = Path(__file__).with_name("extract.json")


@pytest.fixture(autouse=True)
def _english():
    use_language("en")


@pytest.fixture(scope="module")
def records():
    """A class with a final mark, a deferral and recommendations."""
    more = [paper_class.final(), paper_class.state(), paper_class.commented("Молодец")]
    return paper_class.records_of(more=more, extra=[paper_class.advice(), paper_class.advice("Ему", who="2002")])


def _of(records, pupil="2001"):
    return extract(records, next(person for person in records.people if person.pupil == pupil))


def test_the_data_of_a_page_are_as_they_were(records):
    """The whole input of the template for one pupil, word for word."""
    found = json.loads(json.dumps(booklet(records, [one for one in records.people if one.pupil == "2001"])))
    assert found == json.loads(GOLDEN.read_text(encoding="utf-8"))


def test_a_final_mark_or_its_state_stands_beside_the_subject(records):
    """A mark that is set, why one is not, or nothing."""
    finals = {row["name"]: row["final"] for row in _of(records)["subjects"]}
    assert finals["История"] == {"mark": "5", "state": ""}
    assert finals["Физика"] == {"mark": "", "state": "put off until 30.12.2026"}
    assert finals["Алгебра"] == {"mark": "", "state": ""}


def test_what_is_decided_is_not_forecast(records):
    """The subject whose final mark is set has no line among the forecasts; the others have."""
    told = {row["subject"] for row in _of(records)["outlook"]}
    assert "История" not in told
    assert {"Алгебра", "Физика"} <= told


def test_absences_are_counted_and_never_explained(records):
    """Only numbers leave: of each subject and of all."""
    mine = _of(records)
    assert sum(row["absent"] for row in mine["subjects"]) == 3
    assert mine["attendance"] == "3 lessons missed, late 1 time."


def test_recommendations_are_his_own_and_his_classes(records):
    """Nobody reads what is meant for another; the newest stands first."""
    assert [row["text"] for row in _of(records)["advice"]] == ["Молодец", "Повторить квадратные уравнения, §§ 5–7."]
    assert "Ему" in [row["text"] for row in _of(records, "2002")["advice"]]


def test_changes_say_what_becomes_of_a_lesson(records):
    """Moved, replaced and cancelled, each in its words."""
    assert [row["text"] for row in _of(records)["changes"]] == [
        "lesson 2 is moved to Fri 27.11, lesson 7",
        "lesson 1 will be: Запасной З. З., room 17",
        "lesson 2 is cancelled",
    ]


def test_a_lesson_cancelled_when_it_was_first_seen_is_told_without_its_subject(records):
    """Nobody knows what was planned: day, number and group are told."""
    change = {**records.of(Kind.LESSON_CHANGE)[0], "change": "cancelled", "before": None, "after": None, "number": 3}
    plain = replace(records, rows={**records.rows, Kind.LESSON_CHANGE: [change, {**change, "group": "Н1"}]})
    told = [(row["subject"], row["text"]) for row in _of(plain)["changes"]]
    assert told == [("—", "lesson 3 is cancelled"), ("Н1", "lesson 3 is cancelled")]


def test_results_of_the_year_and_of_examinations_stand_beside_one_another():
    """Whatever period is asked for, each subject has its row and each such period its column; parts have none."""
    terms = (*paper_class.TERMS, ("exam", "Экзамен", None, None))
    given = [
        paper_class.final(raw="4", period="year"),
        paper_class.final(raw="5", period="exam"),
        paper_class.final(raw="3", period="exam", subject="Алгебра"),
        paper_class.final(raw="4", period="p1"),
        paper_class.final("2002", "2", period="year"),
    ]
    known = paper_class.records_of(terms=terms, more=given, period="p1")
    assert _of(known)["concluding"] == {
        "heads": ["Год", "Экзамен"], "rows": [["Алгебра", "", "3"], ["История", "4", "5"]],
    }  # fmt: skip
    assert _of(known, "2003")["concluding"] == {"heads": [], "rows": []}
    assert _of(paper_class.records_of(terms=terms, more=given, period="year"))["concluding"]["heads"] == ["Экзамен"]
    everybody = booklet(known, known.people)
    assert Press("extract").pdf(everybody, known.today).pages >= len(known.people)


def test_a_subject_he_does_not_study_is_not_his():
    """Homework of a group whose subject he does not learn is left out; a group that may be his is named."""
    group = {"number": 3, "group": "Н1", "subject": "Немецкий язык"}
    records = paper_class.records_of()
    task = {**records.of(Kind.HOMEWORK)[0], **group}
    mine = {**task, "subject": "Алгебра"}
    records.rows[Kind.HOMEWORK].extend([task, mine])
    subjects = [row["subject"] for row in _of(records)["homework"]]
    assert "Алгебра (Н1)" in subjects
    assert "Немецкий язык (Н1)" not in subjects


def test_a_first_former_has_a_page_without_marks():
    """No mean, no drawing: instead of a forecast for each subject it is said once why there is none."""
    people = (("1001", "Малышева", "Ия", None),)
    mine = _of(paper_class.records_of(name="1А", people=people, terms=paper_class.QUARTERS), "1001")
    assert {row["mean"] for row in mine["subjects"]} == {"—"}
    assert (mine["outlook"], mine["outlook_note"]) == ([], "The first year is taught without marks.")


def test_marks_that_do_not_count_are_told_apart():
    """A credit is shown and bracketed by the template; its weight is shown if it is not one."""
    records = paper_class.records_of()
    records.rows[Kind.MARK].append(class_journal.mark("зч", 2, who="2001", day="2026-11-15"))
    algebra = _of(records)["subjects"][0]["marks"]
    assert {"raw": "зч", "day": "15.11", "weight": "×2", "counts": False} in algebra
