"""What follows from a class: every period that has begun, every pupil and subject, and nothing of a day alone."""

from datetime import date

import pytest

from ejsync.domain.conclusions import CONCLUDED, ClassBook, Office, conclusions
from ejsync.domain.records import Kind
from tests.doubles import class_journal as journal

DAY = date(2026, 10, 1)
QUARTER, ALGEBRA = journal.QUARTER, "Алгебра"
YEAR = {**QUARTER, "period": "year", "end": "2027-05-31"}
NEXT = {**QUARTER, "period": "q2", "start": "2026-11-09", "end": "2026-12-28"}


def keyed(*rows):
    """Rows under keys of their own."""
    return {str(number): row for number, row in enumerate(rows)}


def book(*, of=journal.CLASS, on=DAY, office=None, concluded=None, **facts):
    """A class of two pupils with one lesson of algebra."""
    usual = {Kind.PERIOD: keyed(QUARTER), Kind.LESSON: keyed(journal.lesson())}
    told = usual | {Kind(kind): keyed(*rows) for kind, rows in facts.items()}
    return ClassBook(of, ("1001", "1002"), on, told, Office(**(office or {})), concluded or {})


def drawn(*args, **more):
    """The conclusions by kind."""
    found = {}
    for record in conclusions(book(*args, **more)):
        found.setdefault(record.kind, []).append(record)
    return found


def test_every_pupil_has_a_forecast_in_every_subject_he_studies():
    """Also who has no mark; who has a trace of another subject has one there too."""
    found = drawn(mark=[journal.mark(), journal.mark(subject="Физика")])
    told = {(row.data["pupil"], row.data["subject"]): row.data["state"] for row in found[Kind.FORECAST]}
    assert told == {
        ("1001", ALGEBRA): "expected", ("1001", "Физика"): "expected", ("1002", ALGEBRA): "unmarked"
    }  # fmt: skip


def test_only_periods_that_have_begun_count_and_the_year_is_not_forecast():
    """A quarter that lies ahead, one of another year and the year around them have no forecast and no statistic."""
    old = {**QUARTER, "period": "old", "school_year": 2025}
    found = drawn(period=[QUARTER, YEAR, NEXT, old])
    for kind in (Kind.FORECAST, Kind.LESSON_STATISTICS):
        assert {row.data["period"] for row in found[kind]} == {"q1"}


def test_a_final_mark_is_taken_from_its_own_period():
    """The final mark of one quarter is no result of another."""
    found = drawn(on=date(2026, 11, 20), period=[QUARTER, NEXT], final_mark=[journal.final("4")])
    states = {(row.data["pupil"], row.data["period"]): row.data["state"] for row in found[Kind.FORECAST]}
    assert states["1001", "q1"] == "assigned"
    assert {state for place, state in states.items() if place != ("1001", "q1")} == {"unmarked"}


@pytest.mark.parametrize(("on", "states"), [("2026-10-31", set()), ("2026-11-03", set()), ("2026-11-04", {"missing"})])
def test_what_is_missing_is_told_three_days_after_the_period(on, states):
    """Before that the marks are being entered; a mark that is set is never told of here."""
    found = drawn(on=date.fromisoformat(on), final_mark=[journal.final("4")])
    rows = found.get(Kind.FINAL_STATE, [])
    assert {row.data["state"] for row in rows} == states
    assert {row.data["pupil"] for row in rows} <= {"1002"}


def test_a_first_form_misses_nothing():
    """Without marks nothing is due, and its forecasts say so."""
    lesson = {**journal.lesson(), "class": "1А"}
    found = drawn(of=journal.FIRST_FORM, on=date(2026, 11, 20), period=[{**QUARTER, "class": "1А"}], lesson=[lesson])
    assert Kind.FINAL_STATE not in found
    assert {row.data["scale"] for row in found[Kind.FORECAST]} == {"none"}


def test_a_deferral_is_told_at_once():
    """While the period still runs families learn that a result is put off."""
    row = {
        "pupil": "1001", "school_year": 2026, "subject": None, "period": "q1", "state": "deferred",
        "until": "2026-12-01", "document": "1-у",
    }  # fmt: skip
    [told] = drawn(office={"deferrals": keyed(row)})[Kind.FINAL_STATE]
    assert (told.pupil, told.data["state"], told.data["until"]) == ("1001", "deferred", "2026-12-01")
    assert "document" not in told.data


def test_an_examination_without_days_can_be_put_off():
    """ElJur gives it no days: a deferral is told, nothing is missing, and other periods without days tell nothing."""
    bare = {"start": None, "end": None, "weeks": []}
    exam = {**QUARTER, **bare, "period": "p9", "title": "Экзамен"}
    vague = {**QUARTER, **bare, "period": "p8", "title": "Модуль"}
    row = {
        "pupil": "1001", "school_year": 2026, "subject": ALGEBRA, "period": "p9", "state": "deferred",
        "until": "2027-06-20", "document": "1-у",
    }  # fmt: skip
    office = {"deferrals": keyed(row, {**row, "period": "p8"})}
    [told] = drawn(period=[QUARTER, exam, vague], office=office)[Kind.FINAL_STATE]
    assert (told.data["period"], told.data["state"], told.data["until"]) == ("p9", "deferred", "2027-06-20")
    off = drawn(period=[QUARTER, {**exam, "disabled": True}], office=office)
    assert Kind.FINAL_STATE not in off


def test_a_subject_of_the_plan_has_a_statistic_before_its_first_lesson():
    """What the curriculum names is counted, with nothing in the timetable yet."""
    found = drawn(office={"curriculum": keyed(journal.planned(9, subject="Химия"))})
    [chemistry] = [row.data for row in found[Kind.LESSON_STATISTICS] if row.data["subject"] == "Химия"]
    assert (chemistry["lessons"][0]["planned_hours"], chemistry["lessons"][0]["in_timetable"]) == (9, 0)


def test_the_lessons_of_single_pupils_belong_to_nobody_else():
    """A lesson of one pupil alone makes no subject of the class."""
    found = drawn(lesson=[journal.lesson(subject="Шахматы", pupil="1001")])
    assert Kind.LESSON_STATISTICS not in found
    assert Kind.FORECAST not in found


def test_comments_and_the_office_s_advice_are_recommendations():
    """A comment on a mark is its pupil's, one on a lesson the class's, the office's whose it says."""
    marks = [journal.mark(comment="Молодец", lesson_comment="Повторить § 5")]
    marks += [journal.mark(who="1002", lesson_comment="Повторить § 5")]
    advice = {
        "pupil": "1002", "class": None, "subject": None, "date": "2026-09-30", "teacher": "Пробный П. П.",
        "text": "Читать",
    }  # fmt: skip
    found = drawn(mark=marks, office={"recommendations": keyed(advice)})[Kind.RECOMMENDATION]
    assert {(row.data["source"], row.pupil) for row in found} == {
        ("mark", "1001"),
        ("lesson", None),
        ("office", "1002"),
    }


def test_a_contact_leaves_what_only_the_office_needs():
    """It holds from its first to its last day, and its days are not told."""
    row = {
        "pupil": "1001", "whose": "mother", "way": "email", "address": "a@example.org", "form": "electronic",
        "valid_from": "2026-10-01", "valid_until": "2026-10-02",
    }  # fmt: skip
    days = {"2026-09-30": 0, "2026-10-01": 1, "2026-10-02": 1, "2026-10-03": 0}
    for on, count in days.items():
        found = drawn(on=date.fromisoformat(on), office={"contacts": keyed(row)}).get(Kind.CONTACT, [])
        assert len(found) == count
        assert all(told.data.keys() == {"pupil", "whose", "way", "address", "form"} for told in found)


def test_what_only_grew_older_stays_what_it_was():
    """A figure that is the same the next day keeps its day; one that changed has the new one."""
    first = conclusions(book(mark=[journal.mark()]))
    known = {(row.kind, row.key): row.data for row in first}
    later = conclusions(book(mark=[journal.mark()], on=date(2026, 10, 2), concluded=known))
    unmarked = next(row for row in later if row.kind is Kind.FORECAST and row.data["state"] == "unmarked")
    assert unmarked.data["as_of"] == DAY.isoformat()
    changed = conclusions(book(mark=[journal.mark("3")], on=date(2026, 10, 2), concluded=known))
    marked = next(row for row in changed if row.kind is Kind.FORECAST and row.data["state"] == "expected")
    assert marked.data["as_of"] == "2026-10-02"


def test_keys_are_never_used_twice_and_kinds_are_known():
    """Every record has a key of its own and is of a kind that coverage speaks about."""
    found = conclusions(book(mark=[journal.mark(), journal.mark("4", day="2026-09-15")]))
    assert len({(row.kind, row.key) for row in found}) == len(found)
    assert {row.kind for row in found} <= CONCLUDED
