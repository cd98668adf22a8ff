"""The second opinion: raw facts of the journal become exactly what the published contract describes."""

import ast
from collections import Counter
from datetime import date
from pathlib import Path

import orjson
import pytest

from ejsync.sandbox import expectation
from ejsync.sandbox.diary_contracts import EdContract
from ejsync.sandbox.expectation import Covered, Span, TwoFactsOneKeyError, everyone, expected
from ejsync.sandbox.journal_state import journal_state
from ejsync.sandbox.reckoning import CONCLUDED
from ejsync.sandbox.rollbook import invent_rollbook

YEAR = Span("2026-09-01", "2027-05-31")
COVERED = Covered(YEAR, YEAR, YEAR, YEAR)
EMPTY = {
    "classes": [], "teachers": [], "pupils": [], "periods": [], "days": [],
    "lessons": [], "homework": [], "marks": [], "finals": [], "school_year": "2026/2027",
    "control_works": [], "extday": [],
}  # fmt: skip
PUPIL = {"id": "1", "lastname": "Тестова", "firstname": " Анна ", "middlename": "", "class": "10А", "groups": {}}
HALF = (
    "expectation", "expected_days", "spelling", "comparison", "reckoning", "reckoning_finals", "reckoning_lessons",
    "reckoning_marks", "reckoning_terms",
)  # fmt: skip
OWN = {f"ejsync.sandbox.{name}" for name in HALF}
MARK = {
    "pupil": "1", "lesson_id": "77", "subject": "Физическая  культура", "date": "2026-11-16", "nm": "0", "value": "5-",
    "weight": 2, "count": True, "countas": "5", "mtype": {"id": 3, "type": "Контрольная работа", "short": "КР"},
    "comment": "за &quot;чтение&quot;", "lesson_comment": None, "max_mark": None,
}  # fmt: skip


def derive(**tables):
    """What is expected of a journal that holds these facts and one pupil with consent."""
    return expected({**EMPTY, "pupils": [PUPIL], **tables}, permitted={"1"}, covered=COVERED)


@pytest.mark.parametrize("name", HALF)
def test_it_shares_nothing_with_the_flow(name):
    """The comparator imports nothing of ejsync but its own half."""
    tree = ast.parse(Path(expectation.__file__).with_name(f"{name}.py").read_text(encoding="utf-8"))
    froms = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    plain = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert {name for name in froms | plain if name.startswith("ejsync")} <= OWN


def test_every_expectation_keeps_the_contract():
    """Whatever a whole invented school makes expected is valid by the contract of its kind, and every kind occurs.

    But for lesson changes, of which a single dump knows none.
    """
    book = invent_rollbook(pupils=60, seed=3, today=date(2026, 11, 20))
    journal = orjson.loads(orjson.dumps(journal_state(book)))
    contract = EdContract.load()
    found = expected(journal, permitted=everyone(journal), covered=COVERED)
    flaws = {name: flaw for name, data in found.items() if (flaw := contract.flaw_of_data(data, kind=name[0]))}
    assert flaws == {}
    assert set(contract.kinds) - {"lesson_change"} - CONCLUDED == set(Counter(kind for kind, _ in found))


def test_a_mark_is_read_as_a_person_reads_it():
    """Entities and double blanks are resolved, and the grade, its sign, weight and work stand in their fields."""
    data = derive(marks=[MARK])["mark", "1/77/2026-11-16/0"]
    assert (data["subject"], data["comment"], data["column"]) == ("Физическая культура", 'за "чтение"', 0)
    assert data["reading"] == {"type": "grade", "value": 5, "second": None, "sign": "-"}
    assert (data["weight"], data["averaged"]) == (2, True)
    assert data["work"] == {"title": "Контрольная работа", "short": "КР"}


@pytest.mark.parametrize(
    ("raw", "kind"),
    [("3/5", "double"), ("87", "points"), ("зч", "pass"), ("н/а", "other"), ("осв", "other"), ("б", "other")],
)
def test_unusual_values_are_taken_for_what_the_contract_calls_them(raw, kind):
    """A value is never refused for its spelling; what the contract does not name a pass is none."""
    assert derive(marks=[{**MARK, "value": raw}])["mark", "1/77/2026-11-16/0"]["reading"]["type"] == kind


@pytest.mark.parametrize(("raw", "status"), [("Н", "absent"), ("н", "absent"), ("ОП", "late"), ("оп", "late")])
def test_attendance_is_no_mark(raw, status):
    """The two attendance codes are an absence or a lateness, in either case of letters."""
    found = derive(marks=[{**MARK, "value": raw}])
    assert found["absence", "1/77/2026-11-16/0"]["status"] == status
    assert "mark" not in {kind for kind, _ in found}


def test_a_phantom_is_nothing():
    """An empty value stands for no record at all."""
    assert set(derive(marks=[{**MARK, "value": " "}])) == {("pupil", "1")}


def test_days_outside_the_window_are_not_expected():
    """What lies outside the days that were read is not asked of the ED."""
    days = Covered(YEAR, YEAR, Span("2026-11-17", "2026-11-20"), YEAR)
    found = expected({**EMPTY, "pupils": [PUPIL], "marks": [MARK]}, permitted={"1"}, covered=days)
    assert set(found) == {("pupil", "1")}


def test_without_consent_nothing_of_a_pupil_is_expected():
    """A pupil's record, marks, finals and own homework all need his family's consent; the class's homework does not."""
    task = {"class": "10А", "pupil": None, "date": "2026-11-23", "subject": "Алгебра", "grp": None, "index": "1"}
    task |= {"text": "§ 5", "files": []}
    final = {"pupil": "1", "subject": "Алгебра", "period": "year", "value": "5", "comment": ""}
    tables = {"marks": [MARK], "finals": [final], "homework": [task, {**task, "pupil": "1", "index": "2"}]}
    journal = {**EMPTY, "pupils": [PUPIL], **tables}
    closed = expected(journal, permitted=(), covered=COVERED)
    opened = expected(journal, permitted={"1"}, covered=COVERED)
    assert set(closed) == {("homework", "10А/2026-11-23/Алгебра/-/1")}
    assert ("homework", "pupil:1/2026-11-23/Алгебра/-/2") in opened
    assert len(opened) == 5


def test_a_cancelled_lesson_has_no_subject():
    """A lesson named Cancel keeps its place and group and loses its subject."""
    lesson = {
        "class": "10А",
        "date": "2026-11-23",
        "num": "2",
        "name": "Cancel",
        "grp": "И1",
        "teacher": "Первый П. П.",
    }
    lesson |= {"teacher_id": 501, "room": "", "starttime": "09:20:00", "endtime": "10:00:00"}
    data = derive(lessons=[lesson])["lesson", "10А/2026-11-23/2/И1"]
    assert (data["subject"], data["cancelled"], data["room"]) == (None, True, None)
    assert (data["starts_at"], data["ends_at"], data["teacher_id"]) == ("09:20", "10:00", "501")


def test_two_facts_under_one_key_are_said_aloud():
    """Facts that the keys cannot tell apart are an error of the comparison, never silently one."""
    with pytest.raises(TwoFactsOneKeyError):
        derive(marks=[MARK, {**MARK, "value": "2"}])
