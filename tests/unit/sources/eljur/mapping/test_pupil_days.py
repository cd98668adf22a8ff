"""A pupil's own days: control works, after-school lessons, and his regular lessons where they are wanted."""

from datetime import date

import pytest

from ejsync.domain.records import Feed, Kind
from ejsync.domain.windows import Page, Roster, Window
from ejsync.sources.eljur.mapping import read

PHYSICS = {
    "name": "Физика", "num": "2", "room": "42", "teacher": "Пробный Пётр  Петрович", "sort": 20, "lesson_id": "80",
    "topic": "Контрольная работа &laquo;Силы&raquo;", "is_control": True, "starttime": "09:20:00",
    "endtime": "10:00:00", "homework": {}, "files": [], "resources": [], "assessments": [],
}  # fmt: skip
CHESS = {
    "name": "Шахматы", "grp": "Ш-1", "grp_short": "1", "starttime": "17:10:00", "endtime": "17:50:00", "topic": "",
    "teacher": "Пробная Мария", "sort": 111,
}  # fmt: skip


@pytest.fixture
def of_pupils(week):
    """Read days of pupils 1001 (10А) and 1002 (11А) in the feed of the diary."""

    def make(students, *, method="getdiary", whole=False, pupils=("1001", "1002")):
        window = Window(Feed.DIARY, "10А", method, "bridge", week, ("10А",), pupils, whole=whole)
        return read(Page(window, {"students": students}), Roster({"10А": ("1001",), "11А": ("1002",)}))

    return make


@pytest.fixture
def of_day(of_pupils):
    """Read one Friday of pupil 1001."""

    def make(*items, extday=(), **how):
        day = {"name": "20261120", "items": {item["num"]: item for item in items}, "items_extday": list(extday)}
        return of_pupils({"1001": {"name": "1001", "days": {"20261120": day}}}, pupils=("1001",), **how)

    return make


def found(reading, kind):
    """The payloads of a kind by key."""
    return {record.key: record.data for record in reading.records if record.kind is kind}


def test_a_control_work_in_full(of_day, diary_faults):
    """What the diary calls a control work is the pupil's own record, whatever its day."""
    reading = of_day(PHYSICS, {**PHYSICS, "num": "3", "lesson_id": "77", "is_control": False})
    [record] = reading.records
    assert (record.kind, record.owner, record.pupil, record.day) == (
        Kind.CONTROL_WORK, "pupil:1001", "1001", date(2026, 11, 20),
    )  # fmt: skip
    assert (record.key, record.data) == (
        "1001/2026-11-20/2/80",
        {
            "pupil": "1001", "class": "10А", "date": "2026-11-20", "number": 2, "group": None, "subject": "Физика",
            "lesson": "80", "topic": "Контрольная работа «Силы»",
        },
    )  # fmt: skip
    assert set(diary_faults(reading).values()) == {()}


@pytest.mark.parametrize(
    ("value", "is_one"), [("1", True), (1, True), ("0", False), ("", False), (None, False), ([], False)]
)
def test_the_flag_is_read_as_php_casts_it(of_day, value, is_one):
    """The flag drifts among booleans, numbers and strings."""
    assert bool(of_day({**PHYSICS, "is_control": value}).records) is is_one


def test_a_control_work_without_its_journal_is_known_by_subject(of_day, diary_faults):
    """Where the answer lacks `lesson_id` and `topic`, the subject tells it apart, and both are null."""
    reading = of_day({**PHYSICS, "lesson_id": "", "topic": []})
    [(key, data)] = found(reading, Kind.CONTROL_WORK).items()
    assert (key, data["lesson"], data["topic"]) == ("1001/2026-11-20/2/Физика", None, None)
    assert set(diary_faults(reading).values()) == {()}


def test_a_cancelled_lesson_holds_no_control_work(of_day):
    """A lesson named `Cancel` is not held: its control work is passed over and counted."""
    reading = of_day({**PHYSICS, "name": "Cancel"})
    assert reading.records == ()
    assert reading.passed_over == {"cancelled_control": 1}


@pytest.mark.parametrize(
    ("change", "pointer"), [({"topic": {"a": 1}}, "/topic"), ({"num": "второй"}, "/number"), ({"name": ""}, "/subject")]
)
def test_a_malformed_control_work_goes_to_quarantine(of_day, diary_faults, change, pointer):
    """What cannot be understood is still a record, and breaks the contract where it is wrong."""
    reading = of_day({**PHYSICS, **change, "num": change.get("num", "2")})
    assert list(diary_faults(reading).values()) == [(pointer,)]


@pytest.mark.parametrize("method", ["getdiary", "getschedule"])
def test_what_follows_the_lessons_is_the_pupils_own(of_day, diary_faults, method):
    """An after-school lesson has no number, its bells, and a key of its group and beginning; others are the class's."""
    reading = of_day({**PHYSICS, "is_control": None}, extday=[CHESS, {**CHESS, "starttime": "18:00:00"}], method=method)
    lessons = found(reading, Kind.LESSON)
    assert set(lessons) == {"pupil:1001/2026-11-20/-/Ш-1/17:10", "pupil:1001/2026-11-20/-/Ш-1/18:00"}
    assert lessons["pupil:1001/2026-11-20/-/Ш-1/17:10"] == {
        "class": "10А", "pupil": "1001", "date": "2026-11-20", "number": None, "group": "Ш-1", "subject": "Шахматы",
        "teacher": "Пробная Мария", "teacher_id": None, "room": None, "starts_at": "17:10", "ends_at": "17:50",
        "cancelled": False,
    }  # fmt: skip
    assert {(r.owner, r.pupil) for r in reading.records} == {("pupil:1001", "1001")}
    assert set(diary_faults(reading).values()) == {()}


def test_a_club_keeps_its_key_whatever_it_is_called(of_day):
    """Renamed or cancelled, the lesson of that group and hour is the same; without either it still has a key."""
    for name in ("Шахматы и шашки", "Cancel"):
        assert set(found(of_day(extday=[{**CHESS, "name": name}]), Kind.LESSON)) == {
            "pupil:1001/2026-11-20/-/Ш-1/17:10"
        }
    bare = found(of_day(extday=[{"name": "Шахматы"}]), Kind.LESSON)
    assert set(bare) == {"pupil:1001/2026-11-20/-/-/-"}


@pytest.mark.parametrize("method", ["getdiary", "getschedule"])
def test_regular_lessons_are_read_where_they_are_wanted(of_day, diary_faults, method):
    """Where nobody may read the class's timetable, the pupil's lessons are his own records, under their numbers."""
    english = {**PHYSICS, "num": "3", "grp": "И1", "name": "Cancel", "is_control": ""}
    reading = of_day({**PHYSICS, "is_control": False}, english, extday=[CHESS], method=method, whole=True)
    lessons = found(reading, Kind.LESSON)
    assert set(lessons) == {
        "pupil:1001/2026-11-20/2/-", "pupil:1001/2026-11-20/3/И1", "pupil:1001/2026-11-20/-/Ш-1/17:10",
    }  # fmt: skip
    assert lessons["pupil:1001/2026-11-20/3/И1"]["cancelled"]
    assert {data["pupil"] for data in lessons.values()} == {"1001"}
    assert set(diary_faults(reading).values()) == {()}


def test_pupils_of_several_classes_are_told_apart(of_pupils):
    """Each pupil's class is the one he was last read in, not the window's."""
    day = {"20261120": {"items_extday": [CHESS]}}
    reading = of_pupils({"1001": {"days": day}, "1002": {"days": day}})
    assert {data["pupil"]: data["class"] for data in found(reading, Kind.LESSON).values()} == {
        "1001": "10А",
        "1002": "11А",
    }


@pytest.mark.parametrize(
    ("method", "kinds"), [("getdiary", {Kind.LESSON, Kind.CONTROL_WORK}), ("getschedule", {Kind.LESSON})]
)
def test_only_listed_days_are_spoken_about(of_pupils, method, kinds):
    """A listed day is covered, with what the method can know; who is not answered is covered in doubt."""
    day = {"20261118": {"items": []}, "20261119": {"items": {}}, "20261225": {"items": []}}
    reading = of_pupils({"1001": {"days": day}, "1003": {"days": day}}, method=method)
    spoken = {
        (owner, str(one.days), one.believable_when_empty)
        for one in reading.coverages
        for owner in one.owners
        if one.kinds == kinds
    }
    assert spoken == {
        ("pupil:1001", "2026-11-18..2026-11-19", True),
        ("pupil:1002", "2026-11-16..2026-11-22", False),
    }
    assert reading.passed_over == {"outside_window": 1, "foreign_pupil": 1, "silent_pupil": 1}
