"""Truths about the plain state: it says what the dialect says."""

from datetime import date

import orjson
import pytest

from ejsync.sandbox import class_answers, pupil_answers
from ejsync.sandbox.accounts import invent_accounts
from ejsync.sandbox.curriculum import ENGLISH
from ejsync.sandbox.edits import edit
from ejsync.sandbox.journal_state import journal_state
from ejsync.sandbox.mischief import random_edits
from ejsync.sandbox.question import understand
from ejsync.sandbox.rollbook import invent_rollbook

YEAR = "20260901-20270531"


@pytest.fixture(scope="module")
def book():
    """A school after a day of random edits and some of the school's own life."""
    book = invent_rollbook(pupils=60, seed=7, today=date(2027, 2, 1))
    random_edits(book, count=150, seed=1)
    edit(book, {"op": "class_split", "class": "10А", "subject": "Информатика"})
    edit(book, {"op": "class_joined", "class": "5А", "subject": ENGLISH, "since": "2027-02-03"})
    edit(book, {"op": "subject_renamed", "class": "10А", "subject": "Физика", "name": "Физика (углубл.)"})
    for pupil in book.members("10А")[:3]:
        edit(book, {"op": "group_changed", "pupil": pupil.id})
    random_edits(book, count=100, seed=2)
    return book


def plain(document):
    """The document as a client would read it."""
    return orjson.loads(orjson.dumps(document))


@pytest.fixture(scope="module")
def state(book):
    """The plain state of that school."""
    return plain(journal_state(book))


def ask(book, answer, method, **params):
    """The answers of every bridge account, one by one."""
    for account in invent_accounts(book):
        if account.whole_class:
            by_class = {"class": account.forms[0]} if answer.__module__.endswith("class_answers") else {}
            question = understand(book, account=account, method=method, params={**params, **by_class})
            yield account.forms[0], plain(answer(book, question))


def test_marks_agree_with_getmarks(book, state):
    """The state's marks are those that `getmarks` shows, field by field."""
    fields = ("value", "weight", "count", "countas", "comment", "lesson_comment", "max_mark")
    shown = {
        (pupil, mark["lesson_id"], mark["date"], mark["nm"]): [mark[name] for name in fields]
        for _, answer in ask(book, pupil_answers.marks, "getmarks", days=YEAR)
        for pupil, row in answer["students"].items()
        for lesson in row["lessons"]
        for mark in lesson["marks"]
    }
    stated = {
        (mark["pupil"], mark["lesson_id"], mark["date"], mark["nm"]): [mark[name] for name in fields]
        for mark in state["marks"]
    }
    assert stated == shown
    assert len(stated) == len(state["marks"])


def test_lessons_agree_with_getschedule(book, state):
    """The state's lessons are those that `getschedule` by class shows."""
    fields = ("num", "name", "teacher", "teacher_id", "room", "starttime", "endtime")
    shown = [
        (form, day.replace("-", ""), lesson.get("grp"), *(lesson[name] for name in fields))
        for form, answer in ask(book, class_answers.schedule, "getschedule", days=YEAR, rings="1")
        for day, row in answer["days"].items()
        for lesson in row["items"]
    ]
    stated = [
        (row["class"], row["date"].replace("-", ""), row["grp"], *(row[name] for name in fields))
        for row in state["lessons"]
    ]
    assert sorted(stated, key=str) == sorted(shown, key=str)


def test_control_works_agree_with_getdiary(book, state):
    """The state's control works are the lessons that `getdiary` marks as such, by their topics and courses."""
    groups = {pupil["id"]: pupil["groups"] for pupil in state["pupils"]}
    classes = {pupil["id"]: pupil["class"] for pupil in state["pupils"]}
    shown = {
        (pupil, day, num, item["name"], item["topic"], item["lesson_id"])
        for _, answer in ask(book, pupil_answers.diary, "getdiary", days=YEAR)
        for pupil, row in answer["students"].items()
        for day, of_day in row["days"].items()
        for num, item in dict(of_day["items"]).items()
        if item["is_control"]
    }
    stated = {
        (pupil, row["date"].replace("-", ""), row["num"], row["subject"], row["topic"], row["lesson_id"])
        for row in state["control_works"]
        for pupil, form in classes.items()
        if form == row["class"] and row["grp"] in {None, groups[pupil].get(row["subject"])}
    }
    assert stated == shown
    assert any(row["date"] > state["today"] and row["topic"] for row in state["control_works"])


def test_days_agree_with_getschedule(book, state):
    """The state's days are those that `getschedule` lists, with their alerts and holidays."""
    shown = {
        (form, day): (row.get("alert"), row.get("holiday_name"))
        for form, answer in ask(book, class_answers.schedule, "getschedule", days=YEAR)
        for day, row in answer["days"].items()
    }
    stated = {
        (row["class"], row["date"].replace("-", "")): (row["alert"], row["holiday_name"]) for row in state["days"]
    }
    assert stated == shown


def test_homework_agrees_with_gethomework(book, state):
    """What each pupil sees of the homework is what the state's rows say he should see."""
    groups = {pupil["id"]: (pupil["class"], pupil["groups"]) for pupil in state["pupils"]}
    shown = {
        (pupil, day, subject, index, task["value"])
        for _, answer in ask(book, pupil_answers.homework, "gethomework", days=YEAR)
        for pupil, row in answer["students"].items()
        for day, of_day in dict(row["days"]).items()
        for subject, item in of_day["items"].items()
        for index, task in item["homework"].items()
    }
    stated = {
        (pupil, row["date"].replace("-", ""), row["subject"], row["index"], row["text"])
        for pupil, (form, group) in groups.items()
        for row in state["homework"]
        if row["class"] == form and row["pupil"] in {None, pupil} and row["grp"] in {None, group.get(row["subject"])}
    }
    assert stated == shown


def test_finals_and_periods_agree(book, state):
    """The state's finals are those of `getfinalassessments`, its periods those of `getperiods`."""
    finals = {
        (pupil, item["name"], final["period"], final["value"], final["comment"])
        for _, answer in ask(book, pupil_answers.finals, "getfinalassessments")
        for pupil, row in answer["students"].items()
        for item in row["items"]
        for final in item["assessments"]
    }
    assert {tuple(final.values()) for final in state["finals"]} == finals
    names = {
        (form, period["name"], period.get("start"))
        for form, answer in ask(book, pupil_answers.periods, "getperiods", show_disabled="1")
        for period in answer["students"][0]["periods"]
    }
    stated = {(row["class"], row["name"], row["start"] and row["start"].replace("-", "")) for row in state["periods"]}
    assert stated == names


def test_pupils_who_left_are_gone_with_their_facts(book):
    """Nothing in the state but `left` names a pupil who left."""
    pupil = next(iter(book.pupils))
    edit(book, {"op": "pupil_left", "pupil": pupil})
    state = plain(journal_state(book))
    assert pupil in state["left"]
    for rows in ("pupils", "marks", "homework", "finals", "extday"):
        assert not any(pupil in {row.get("pupil"), row.get("id")} for row in state[rows])
