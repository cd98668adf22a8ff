"""Marks and absences."""

from datetime import date

import pytest

from ejsync.domain.records import Kind

FULL = {
    "value": "5-",
    "weight": 2,
    "weight_float": "2.00",
    "countas": "5",
    "count": True,
    "mtype": {"id": 3, "type": "Контрольная  работа", "short": "КР"},
    "comment": "",
    "lesson_comment": None,
    "max_mark": None,
    "date": "2026-11-16",
    "lesson_id": "77",
    "nm": "0",
}


@pytest.fixture
def of_marks(mapped):
    """Read marks of one pupil in one subject."""

    def make(*marks, lesson=None):
        lessons = [{"name": "Алгебра", "lesson_id": "77", "marks": list(marks), **(lesson or {})}]
        return mapped("getmarks", {"students": {"1001": {"name": "1001", "lessons": lessons}}}, pupils=("1001",))

    return make


def test_a_mark_in_full(of_marks, diary_faults):
    """Every field of a mark arrives where the diary's contract has it."""
    reading = of_marks(FULL)
    (record,) = reading.records
    assert (record.kind, record.key, record.owner) == (Kind.MARK, "1001/77/2026-11-16/0", "pupil:1001")
    assert (record.pupil, record.day) == ("1001", date(2026, 11, 16))
    assert record.data == {
        "pupil": "1001",
        "subject": "Алгебра",
        "lesson": "77",
        "date": "2026-11-16",
        "column": 0,
        "raw": "5-",
        "reading": {"type": "grade", "value": 5.0, "second": None, "sign": "-"},
        "weight": 2.0,
        "averaged": True,
        "work": {"title": "Контрольная работа", "short": "КР"},
        "comment": None,
        "lesson_comment": None,
        "max_mark": None,
    }
    assert diary_faults(reading) == {record.key: ()}


@pytest.mark.parametrize(
    "drift",
    [
        {"weight": "2", "weight_float": 2},
        {"weight_float": None},
        {"weight_float": ""},
        {"count": 1},
        {"count": "true"},
        {"nm": 0},
        {"lesson_id": 77},
        {"lesson_id": None},
        {"mtype": {"id": "3", "type": "Контрольная работа", "short": " КР"}},
        {"date": "20261116"},
        {"comment": None},
        {"comment": [], "lesson_comment": {}, "max_mark": []},
        {"weight_float": []},
        {"lesson_id": []},
        {"unheard_of": 1},
    ],
)
def test_drift_changes_nothing(of_marks, drift):
    """A mark whose scalars drift is the same record to the byte."""
    (plain,), (drifted,) = of_marks(FULL).records, of_marks({**FULL, **drift}).records
    assert repr(drifted) == repr(plain)


@pytest.mark.parametrize(("raw", "status"), [("Н", "absent"), ("н", "absent"), ("оп", "late"), ("ОП", "late")])
def test_absence_is_no_mark(of_marks, diary_faults, raw, status):
    """Absence and lateness are records of their own kind, without any reason."""
    reading = of_marks({**FULL, "value": raw, "mtype": []})
    (record,) = reading.records
    assert (record.kind, record.data["status"], record.data["raw"]) == (Kind.ABSENCE, status, raw)
    assert diary_faults(reading) == {record.key: ()}


@pytest.mark.parametrize("value", ["", " ", None, [], {}])
def test_phantoms_are_skipped(of_marks, value):
    """A mark without a value is none; it is counted."""
    reading = of_marks({**FULL, "value": value})
    assert (reading.records, reading.passed_over) == ((), {"phantom": 1})


@pytest.mark.parametrize("raw", ["5", "3/5", "зч", "осв", "87", "б", "н/а", "??"])
def test_no_spelling_is_refused(of_marks, diary_faults, raw):
    """Whatever was entered travels as it is and keeps the contract."""
    reading = of_marks({**FULL, "value": raw})
    assert [record.data["raw"] for record in reading.records] == [raw]
    assert list(diary_faults(reading).values()) == [()]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"date": None}, "date"),
        ({"date": "вчера"}, "date"),
        ({"nm": "первая"}, "column"),
        ({"weight_float": "много"}, "weight"),
        ({"value": "5" * 41}, "raw"),
        ({"nm": "1e30"}, "column"),
        ({"nm": 1e300}, "column"),
        ({"nm": "99999999999999999999999"}, "column"),
        ({"weight_float": 1e300}, "weight"),
        ({"max_mark": "1e30"}, "max_mark"),
        ({"max_mark": [5]}, "max_mark"),
        ({"value": True}, "raw"),
        ({"value": {"mark": "5"}}, "raw"),
        ({"comment": ["a"]}, "comment"),
        ({"count": {"a": 1}}, "averaged"),
        ({"lesson_id": ["77"]}, "lesson"),
        ({"mtype": {"type": ["a"]}}, "work/title"),
    ],
)
def test_a_malformed_mark_goes_to_quarantine(of_marks, diary_faults, change, pointer):
    """A mark that cannot be understood is still a record, and breaks the contract where it is wrong."""
    reading = of_marks({**FULL, **change})
    assert list(diary_faults(reading).values()) == [(f"/{pointer}",)]


def test_a_mark_without_a_value_field_goes_to_quarantine(of_marks, diary_faults):
    """A mark whose value is missing altogether is malformed, not a phantom."""
    reading = of_marks({name: value for name, value in FULL.items() if name != "value"})
    assert list(diary_faults(reading).values()) == [("/raw",)]


def test_the_subject_stands_in_for_a_missing_lesson(of_marks):
    """Without any `lesson_id` the subject is the mark's place, in the key only."""
    (record,) = of_marks({**FULL, "lesson_id": None}, lesson={"lesson_id": ""}).records
    assert (record.key, record.data["lesson"]) == ("1001/Алгебра/2026-11-16/0", None)


def test_identical_rows_collapse(of_marks):
    """The same mark twice is one record."""
    reading = of_marks(FULL, {**FULL, "nm": 0})
    assert (len(reading.records), reading.passed_over) == (1, {"duplicate": 1})


def test_different_marks_of_one_cell_are_told_apart(of_marks):
    """Two different marks under one key both survive, in an order that does not depend on the answer's."""
    rows = [{**FULL, "value": "4"}, {**FULL, "value": "5"}]
    one, other = of_marks(*rows), of_marks(*reversed(rows))
    assert sorted(map(repr, one.records)) == sorted(map(repr, other.records))
    assert {record.key for record in one.records} == {"1001/77/2026-11-16/0", "1001/77/2026-11-16/0~2"}
    assert one.passed_over == {"collision": 1}


def test_subjects_without_marks_are_believed(mapped):
    """A pupil whose subjects are listed is believed to have no marks; one without subjects is not."""
    students = {"1001": {"lessons": [{"name": "Химия", "marks": []}]}, "1002": {"lessons": []}}
    coverages = mapped("getmarks", {"students": students}).coverages
    assert {coverage.owners: coverage.believable_when_empty for coverage in coverages} == {
        ("pupil:1001",): True,
        ("pupil:1002",): False,
    }
    assert {coverage.kinds for coverage in coverages} == {frozenset({Kind.MARK, Kind.ABSENCE})}


def test_the_diary_gives_the_same_marks(mapped, of_marks):
    """Marks read from a diary have the keys and the data that `getmarks` gives them."""
    shown = {name: FULL[name] for name in ("value", "weight", "weight_float", "count", "date", "nm", "comment")}
    shown |= {"control_type": "Контрольная работа", "control_type_short": "КР"}
    item = {"name": "Алгебра", "lesson_id": "77", "assessments": [shown], "homework": {"1": {"value": "§ 1"}}}
    days = {"20261116": {"items": {"1": item}, "items_extday": []}}
    reading = mapped("getdiary", {"students": {"1001": {"days": days}}}, pupils=("1001",))
    assert reading.records == of_marks(FULL).records
    assert [coverage.believable_when_empty for coverage in reading.coverages] == [True]


def test_a_diary_mark_without_a_date_stands_under_its_day(mapped):
    """Where a diary's mark has no date of its own, the day it is shown under is its date."""
    item = {"name": "Хор", "assessments": {"0": {"value": 5, "nm": 0}}}
    days = {"20261116": {"items": [], "items_extday": [item]}}
    (record,) = mapped("getdiary", {"students": [{"name": 1001, "days": days}]}, pupils=("1001",)).records
    assert (record.key, record.data["raw"]) == ("1001/Хор/2026-11-16/0", "5")


@pytest.mark.parametrize(
    "nonsense",
    [{"date": "вчера"}, {"date": None}, {"nm": "первая"}, {"nm": None}, {"lesson_id": ["77"]}, {"value": True}],
)
def test_a_mark_whose_place_nobody_can_read_may_be_any(of_marks, nonsense):
    """Where day, journal, index or value of a mark is nonsense, no mark of the pupil is taken for gone."""
    reading = of_marks(FULL, {**FULL, "nm": "1", **nonsense})
    assert (len(reading.records), reading.coverages, reading.passed_over) == (2, (), {"unplaced": 1})


def test_a_subject_s_yo_is_no_other_place(of_marks):
    """Without any `lesson_id` a mark keeps its key, whether its subject is written with `ё` or `е`."""
    mark = {**FULL, "lesson_id": None}
    one, other = (of_marks(mark, lesson={"lesson_id": None, "name": name}) for name in ("Учёт", "Учет"))
    assert [record.key for record in one.records] == [record.key for record in other.records]
    assert one.records[0].data["subject"] == "Учёт"
