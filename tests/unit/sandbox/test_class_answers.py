"""Truths about the shapes of reads by class and account, held against the fact sheet's examples."""

from collections import Counter
from datetime import date

import pytest

from ejsync.sandbox import class_answers
from ejsync.sandbox.accounts import CLASS_METHODS, PUPIL_METHODS, invent_accounts
from ejsync.sandbox.assignments import Task
from ejsync.sandbox.edits import edit
from ejsync.sandbox.question import understand
from ejsync.sandbox.rollbook import invent_rollbook

MONDAY = date(2026, 11, 23)


@pytest.fixture
def book():
    """A school of six classes on a Monday."""
    return invent_rollbook(pupils=150, seed=7, today=MONDAY)


def ask(book, answer, method, login="service", **params):
    """What an account is answered."""
    account = next(account for account in invent_accounts(book) if account.login == login)
    return answer(book, understand(book, account=account, method=method, params=params))


def test_timetable_by_class_is_a_list_in_which_groups_share_a_number(book):
    """There is no pupils' level, and both English groups stand under one number with their teachers' ids."""
    shown = ask(book, class_answers.schedule, "getschedule", **{"class": "10А"}, days="20261109-20261113")
    assert set(shown) == {"days"}
    english = [i for day in shown["days"].values() for i in day["items"] if i["name"] == "Англ. яз."]
    assert english
    assert Counter(item["grp"] for item in english)["И1"] == Counter(item["grp"] for item in english)["И2"]
    assert all(isinstance(item["teacher_id"], int) for item in english)


def test_replaces_are_the_replaced_lessons_of_the_day(book):
    """`getreplaces` lists what was replaced on the day and nothing else."""
    lessons = book.timetable["10А"][MONDAY]
    for lesson in lessons:
        lesson.replaced = lesson.num == 2
    shown = ask(book, class_answers.replaces, "getreplaces", **{"class": "10А"}, days="20261123")
    assert {item["num"] for item in shown["replace"]} == {"2"}
    empty = ask(book, class_answers.replaces, "getreplaces", **{"class": "10А"}, days="20270701")
    assert empty == {"replace": []}


def test_a_lesson_replaced_by_an_edit_keeps_showing_among_the_replaces(book):
    """Whatever changed (teacher, subject, room), the replaced lesson is listed on its day and on no other."""
    place = {"class": "10А", "date": "2026-11-24", "num": book.timetable["10А"][date(2026, 11, 24)][0].num}
    edit(book, {"op": "lesson_replaced", **place, "subject": "Физика", "teacher_id": "502", "room": "7"})
    edit(book, {"op": "room_changed", **place, "room": "8"})
    shown = ask(book, class_answers.replaces, "getreplaces", **{"class": "10А"}, days="20261124")["replace"]
    assert {"name": "Физика", "room": "8", "teacher_id": 502}.items() <= shown[0].items()
    other = ask(book, class_answers.replaces, "getreplaces", **{"class": "10А"}, days="20261125")["replace"]
    assert shown[0] not in other


def test_homework_by_class_hides_what_is_individual(book):
    """An individual task is only hinted at, groups have an item each, files are an object with a list inside."""
    pupil = book.members("10А")[0].id
    book.homework["10А"][MONDAY] = [
        Task("10А", MONDAY, "Физика", "", None, 1, "всем", ("a.pdf",)),
        Task("10А", MONDAY, "Физика", "", pupil, 2, "лично"),
        Task("10А", MONDAY, "Англ. яз.", "И1", None, 1, "первым"),
        Task("10А", MONDAY, "Англ. яз.", "И2", None, 1, "вторым"),
        Task("10А", MONDAY, "Химия", "", pupil, 1, "лично"),
    ]
    shown = ask(book, class_answers.homework, "gethomework", **{"class": "10А"}, days="20261123")
    physics, first, second, chemistry = shown["days"]["20261123"]["items"]
    assert physics["homework"] == {"1": {"id": 1, "value": "всем"}}
    assert physics["individual_exists"] is True
    assert physics["files"]["file"][0]["toid"] == 1
    assert (first["grp"], second["grp"]) == ("И1", "И2")
    assert "individual_exists" not in first
    assert (chemistry["homework"], chemistry["individual_exists"]) == ([], True)


def test_rules_of_the_service_account(book):
    """The service account relates to every class and, as PHP's `[]`, to no pupil."""
    shown = ask(book, class_answers.rules, "getrules")
    assert shown["roles"] == ["administrator"]
    assert set(shown["relations"]["groups"]) == set(book.forms)
    assert shown["relations"]["students"] == []
    assert shown["vuid"] == f"{class_answers.VENDOR_ID}#{shown['id']}"


def test_rules_of_a_bridge(book):
    """A bridge lists every pupil of its class with all pupil methods, and its class."""
    relations = ask(book, class_answers.rules, "getrules", login="bridge-10a")["relations"]
    assert set(relations["students"]) == {pupil.id for pupil in book.members("10А")}
    assert all(pupil["rules"] == list(PUPIL_METHODS) for pupil in relations["students"].values())
    assert {form: group["rules"] for form, group in relations["groups"].items()} == {"10А": list(CLASS_METHODS)}


def test_receivers_name_every_pupil_and_some_teachers_twice(book):
    """The list of receivers holds all pupils class by class, all teachers, and the heads a second time."""
    heads, teachers, students = ask(book, class_answers.receivers, "getmessagereceivers")["groups"]
    assert {user["name"] for group in students["subgroups"] for user in group["users"]} == set(book.pupils)
    assert {user["name"] for user in teachers["users"]} == set(book.teachers)
    assert {user["name"] for user in heads["users"]} < set(book.teachers)


def test_missing_patronymic_is_empty_or_absent(book):
    """Whoever has no patronymic has an empty one or none, never an invented one."""
    for pupil in list(book.pupils.values())[:2]:
        pupil.middlename = ""
    *_, students = ask(book, class_answers.receivers, "getmessagereceivers")["groups"]
    users = {user["name"]: user for group in students["subgroups"] for user in group["users"]}
    shown = [users[pupil].get("middlename") for pupil in list(book.pupils)[:2]]
    assert sorted(shown, key=str) == ["", None]
