"""Control works, clubs and lesson changes, worked out anew."""

import pytest

from ejsync.sandbox.diary_contracts import EdContract
from ejsync.sandbox.expected_days import clubs, control_works, lesson_changes

ONE = {"id": "1", "class": "10А", "groups": {"Англ. яз.": "И1"}}
TWO = {"id": "2", "class": "10А", "groups": {"Англ. яз.": "И2"}}
WORK = {
    "class": "10А", "date": "2026-11-20", "num": "2", "grp": None, "subject": "Физика", "topic": "Силы &amp; поля",
    "lesson_id": "80",
}  # fmt: skip
CLUB = {
    "pupil": "1", "date": "2026-11-18", "name": "Шахматы", "grp": "Ш-1", "grp_short": "1", "topic": "",
    "teacher": "Пробная  Мария", "starttime": "17:10:00", "endtime": "17:50:00", "sort": 111,
}  # fmt: skip
KEY, GOAL = "10А/2026-11-16/1/-", "10А/2026-11-16/5/-"
CONTRACT = EdContract.load()


def lesson(number=1, subject="Алгебра", **fields):
    """A lesson of 10А as the ED must hold it."""
    place = {"class": "10А", "pupil": None, "date": "2026-11-16", "number": number, "group": None, "subject": subject}
    rest = {"teacher": "Первый П. П.", "teacher_id": "501", "room": "42", "starts_at": None, "ends_at": None}
    return {**place, **rest, "cancelled": subject is None, **fields}


def held(of):
    """What a change compares of a lesson."""
    return {name: of[name] for name in ("subject", "teacher", "teacher_id", "room", "number", "date")}


def change(how, before, after):
    """A change of the first lesson."""
    place = {"class": "10А", "date": "2026-11-16", "number": 1, "group": None}
    return {**place, "change": how, "before": before and held(before), "after": after and held(after)}


def test_every_pupil_of_the_class_or_subgroup_writes_a_control_work():
    """A control work of the class is each pupil's own, one of a subgroup only its pupils'."""
    other_class = {"id": "3", "class": "11А", "groups": {}}
    facts = [WORK, {**WORK, "grp": "И1", "subject": "Англ. яз.", "lesson_id": "", "topic": ""}]
    found = list(control_works({"control_works": facts, "pupils": [ONE, TWO, other_class]}))
    assert [key for _, key, _ in found] == ["1/2026-11-20/2/80", "2/2026-11-20/2/80", "1/2026-11-20/2/Англ. яз."]
    assert found[0][2]["topic"] == "Силы & поля"
    assert {CONTRACT.flaw_of_data(data, kind=kind) for kind, _, data in found} == {None}


def test_a_club_is_its_pupils_lesson():
    """What follows the lessons is known by group and beginning."""
    [(kind, key, data)] = clubs({"extday": [CLUB], "pupils": [ONE]})
    assert (kind, key) == ("lesson", "pupil:1/2026-11-18/-/Ш-1/17:10")
    assert (data["pupil"], data["class"], data["teacher"]) == ("1", "10А", "Пробная Мария")
    assert CONTRACT.flaw_of_data(data, kind=kind) is None


@pytest.mark.parametrize(
    ("lessons", "told", "wanted"),
    [
        ([lesson()], None, None),
        ([lesson(subject=None)], None, change("cancelled", None, None)),
        ([lesson(room="17")], change("replaced", lesson(), lesson()), change("replaced", lesson(), lesson(room="17"))),
        ([lesson()], change("replaced", lesson(), lesson(room="17")), None),
        ([], change("replaced", lesson(), lesson(room="17")), change("cancelled", lesson(), None)),
        ([lesson(subject=None)], change("cancelled", lesson(), None), change("cancelled", lesson(), None)),
        ([lesson(5)], change("moved", lesson(), lesson(5)), change("moved", lesson(), lesson(5))),
        ([lesson(5, room="1")], change("moved", lesson(), lesson(5)), change("moved", lesson(), lesson(5, room="1"))),
        ([lesson(5, "Химия")], change("moved", lesson(), lesson(5)), change("cancelled", lesson(), None)),
        ([], change("moved", lesson(), lesson(5)), change("cancelled", lesson(), None)),
        ([], change("cancelled", None, None), None),
    ],
)
def test_a_change_is_judged_by_what_the_journal_shows(lessons, told, wanted):
    """The plan is taken from what the ED was told; how it differs now, and whether at all, from the journal."""
    known = {f"10А/2026-11-16/{one['number']}/-": one for one in lessons}
    found = lesson_changes(known, {KEY: told} if told else {}, replaced=())
    assert found == ({("lesson_change", KEY): wanted} if wanted else {})


@pytest.mark.parametrize(
    ("shown", "of", "wanted"),
    [
        (("И1", "И2"), None, False),
        (("И1",), None, True),
        ((None,), "И1", False),
        (("И2",), "И1", True),
        ((None, "И1"), "И1", True),
    ],
)
def test_a_lesson_taught_in_other_groups_is_not_gone(shown, of, wanted):
    """Split or joined, it must not be told as cancelled; where part of those who had it are left out, it must."""
    known = {f"10А/2026-11-16/1/{group or '-'}": lesson(group=group) for group in shown}
    if of in shown:
        known[f"10А/2026-11-16/1/{of}"] = lesson(group=of, subject=None)
    key = f"10А/2026-11-16/1/{of or '-'}"
    told = {**change("cancelled", lesson(), None), "group": of}
    assert lesson_changes(known, {key: told}, replaced=()) == ({("lesson_change", key): told} if wanted else {})


def test_a_replacement_that_was_announced_stands():
    """What the journal calls a replacement may be told without a plan; not told, nobody could know of it."""
    told = change("replaced", None, lesson())
    assert lesson_changes({KEY: lesson()}, {KEY: told}, replaced={KEY}) == {("lesson_change", KEY): told}
    assert lesson_changes({KEY: lesson()}, {KEY: told}, replaced=()) == {}
    assert lesson_changes({KEY: lesson()}, {}, replaced={KEY}) == {}
