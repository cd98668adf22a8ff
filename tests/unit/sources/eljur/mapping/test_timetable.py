"""Lessons and calendar days."""

import pytest

from ejsync.domain.records import Kind

ENGLISH = {
    "name": "Англ. яз.",
    "num": "2",
    "room": "",
    "teacher": "Первый  П. П.",
    "sort": 20,
    "grp": "И1",
    "grp_short": "1",
    "teacher_id": 501,
    "starttime": "09:20:00",
    "endtime": "10:00:00",
}


@pytest.fixture
def of_items(mapped):
    """Read the lessons of one Monday."""

    def make(*items, **day):
        held = {"name": "20261116", "title": "Понедельник", "items": list(items), **day}
        return mapped("getschedule", {"days": {"20261116": held}})

    return make


def lessons(reading):
    """The lessons of a reading by key."""
    return {record.key: record.data for record in reading.records if record.kind is Kind.LESSON}


def test_a_lesson_in_full(of_items, diary_faults):
    """Every field of a lesson arrives where the diary's contract has it."""
    reading = of_items(ENGLISH)
    assert lessons(reading) == {
        "10А/2026-11-16/2/И1": {
            "class": "10А",
            "pupil": None,
            "date": "2026-11-16",
            "number": 2,
            "group": "И1",
            "subject": "Англ. яз.",
            "teacher": "Первый П. П.",
            "teacher_id": "501",
            "room": None,
            "starts_at": "09:20",
            "ends_at": "10:00",
            "cancelled": False,
        }
    }
    assert set(diary_faults(reading).values()) == {()}


def test_subgroups_share_a_number(of_items):
    """Lessons of two groups under one number are two records."""
    reading = of_items(ENGLISH, {**ENGLISH, "grp": "И2", "teacher_id": 502})
    assert set(lessons(reading)) == {"10А/2026-11-16/2/И1", "10А/2026-11-16/2/И2"}


def test_a_cancelled_lesson_has_no_subject(of_items, diary_faults):
    """A lesson named `Cancel` is cancelled and names no subject."""
    reading = of_items({**ENGLISH, "name": "Cancel"})
    (data,) = lessons(reading).values()
    assert (data["cancelled"], data["subject"]) == (True, None)
    assert set(diary_faults(reading).values()) == {()}


def test_items_may_be_keyed_by_number(mapped, of_items):
    """An object keyed by lesson number says the same as a list."""
    held = {"20261116": {"items": {"2": ENGLISH}}}
    assert mapped("getschedule", {"days": held}).records == of_items(ENGLISH).records


def test_two_lessons_under_one_key_are_told_apart(of_items):
    """Lessons that nothing distinguishes but subject and teacher get a suffix in that order."""
    rows = [{**ENGLISH, "grp": "", "name": name} for name in ("Физика", "Алгебра")]
    for order in (rows, rows[::-1], [*rows, rows[0]]):
        found = lessons(of_items(*order))
        assert {key: data["subject"] for key, data in found.items()} == {
            "10А/2026-11-16/2/-": "Алгебра",
            "10А/2026-11-16/2/-~2": "Физика",
        }


@pytest.mark.parametrize(
    ("day", "status", "title"),
    [
        ({}, "school", None),
        ({"alert": "today"}, "school", None),
        ({"alert": "vacation"}, "vacation", None),
        ({"alert": "holiday", "holiday_name": "День  единства"}, "holiday", "День единства"),
    ],
)
def test_every_day_is_a_calendar_day(of_items, diary_faults, day, status, title):
    """A listed day is a school day unless its alert says otherwise, lessons or not."""
    for reading in (of_items(**day), of_items(ENGLISH, **day)):
        found = [record for record in reading.records if record.kind is Kind.CALENDAR_DAY]
        assert [(record.key, record.data["status"], record.data["title"]) for record in found] == [
            ("10А/2026-11-16", status, title)
        ]
        assert set(diary_faults(reading).values()) == {()}
        assert [coverage.believable_when_empty for coverage in reading.coverages] == [True]


def test_what_follows_the_lessons_has_no_number(of_items, diary_faults):
    """An after-school lesson has no number and is known by its group."""
    reading = of_items(items_extday=[{"name": "Шахматы", "grp": "Ш-1", "num": "1", "starttime": "17:10:00"}])
    assert lessons(reading)["10А/2026-11-16/-/Ш-1"]["number"] is None
    assert set(diary_faults(reading).values()) == {()}


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"num": "99999999999999999999"}, "/number"),
        ({"teacher": ["А"]}, "/teacher"),
        ({"room": {"a": 1}}, "/room"),
        ({"grp": ["И1"]}, "/group"),
        ({"num": "второй"}, "/number"),
        ({"starttime": "утром"}, "/starts_at"),
        ({"name": ""}, "/subject"),
    ],
)
def test_a_malformed_lesson_goes_to_quarantine(of_items, diary_faults, change, pointer):
    """A lesson that cannot be understood is still a record, and breaks the contract where it is wrong."""
    assert (pointer,) in diary_faults(of_items({**ENGLISH, **change})).values()


def test_empty_containers_are_empty_texts(of_items):
    """A room and a teacher that PHP emptied say the same as empty ones."""
    plain = of_items({**ENGLISH, "teacher": "", "grp": ""}).records
    assert of_items({**ENGLISH, "room": [], "teacher": {}, "grp": []}).records == plain


def test_a_day_nobody_can_read_goes_to_quarantine(mapped, diary_faults):
    """A day that is in no calendar is a record without a day, and breaks the contract at its date."""
    reading = mapped("getschedule", {"days": {"20261345": {"items": []}}})
    assert [record.day for record in reading.records] == [None]
    assert list(diary_faults(reading).values()) == [("/date",)]


@pytest.mark.parametrize("nonsense", [{"num": "первый"}, {"num": True}, {"num": [1]}, {"grp": True}, {"grp": ["И1"]}])
def test_a_lesson_whose_place_nobody_can_read_may_be_any(of_items, nonsense):
    """Where number or group of a lesson is nonsense, no lesson of the class is taken for gone."""
    reading = of_items(ENGLISH, {**ENGLISH, "num": "3", **nonsense})
    assert (len(lessons(reading)), reading.coverages) == (2, ())
    assert reading.passed_over["unplaced"] == 1


def test_yo_decides_no_order(of_items):
    """Lessons under one key are told apart alike, whether a teacher's name is written with `ё` or `е`."""

    def told(spelled):
        first, second = {**ENGLISH, "teacher": f"Б{spelled}рова"}, {**ENGLISH, "teacher": "Бжикова", "teacher_id": 502}
        return {key: data["teacher_id"] for key, data in lessons(of_items(first, second)).items()}

    assert told("ё") == told("е")
