"""Classes, pupils and teachers."""

import pytest

from ejsync.domain.records import Kind
from ejsync.sources.eljur.mapping.roster import school_class

ANNA = {"name": "1001", "lastname": "Тестова", "firstname": "Анна", "middlename": ""}
PETER = {"name": 501, "lastname": "Пробный", "firstname": "Пётр", "middlename": "Петрович"}


def people(*subgroups, teachers=(PETER,)):
    """A result of `getmessagereceivers`."""
    return {
        "groups": [
            {"key": "administration", "name": "Администрация", "users": [PETER]},
            {"key": "teachers", "name": "Учителя", "users": list(teachers)},
            {"key": "students", "name": "Ученики", "subgroups": list(subgroups)},
        ]
    }


def keys(reading, kind):
    """The keys of one kind."""
    return [record.key for record in reading.records if record.kind is kind]


def test_the_whole_school(mapped, diary_faults):
    """Classes, pupils and teachers come out of one list, and all of it is covered, but never believed when empty."""
    reading = mapped("getmessagereceivers", people({"name": "10А", "users": [ANNA]}))
    assert [(record.kind, record.key, record.pupil) for record in reading.records] == [
        (Kind.SCHOOL_CLASS, "10А", None),
        (Kind.PUPIL, "1001", "1001"),
        (Kind.TEACHER, "501", None),
    ]
    assert reading.records[1].data == {
        "pupil": "1001",
        "class": "10А",
        "last_name": "Тестова",
        "first_name": "Анна",
        "middle_name": None,
    }
    assert set(diary_faults(reading).values()) == {()}
    (coverage,) = reading.coverages
    assert coverage.kinds == {Kind.SCHOOL_CLASS, Kind.PUPIL, Kind.TEACHER}
    assert (coverage.owners, coverage.believable_when_empty) == (("school",), False)
    assert reading.passed_over == {"other_group": 1}


def test_the_same_person_twice_is_one(mapped):
    """Somebody who stands in a list twice is one record."""
    reading = mapped(
        "getmessagereceivers", people({"name": "10А", "users": [ANNA, {**ANNA, "name": 1001}]}, teachers=(PETER, PETER))
    )
    assert (keys(reading, Kind.PUPIL), keys(reading, Kind.TEACHER)) == (["1001"], ["501"])
    assert reading.passed_over["duplicate"] == 2


def test_a_pupil_in_two_classes_is_in_the_first_by_name(mapped):
    """A pupil in two classes belongs to the first by name, whatever the order of the answer, and is counted."""
    classes = [{"name": "11Б", "users": [ANNA]}, {"name": "10А", "users": [ANNA]}]
    for order in (classes, classes[::-1]):
        reading = mapped("getmessagereceivers", people(*order))
        assert [r.data["class"] for r in reading.records if r.kind is Kind.PUPIL] == ["10А"]
        assert reading.passed_over["second_class"] == 1


def test_what_is_not_listed_is_not_spoken_about(mapped):
    """Without a list of teachers nothing is said about teachers."""
    result = {"groups": [{"key": "students", "subgroups": {"0": {"name": "10А", "users": None}}}]}
    (coverage,) = mapped("getmessagereceivers", result).coverages
    assert coverage.kinds == {Kind.SCHOOL_CLASS, Kind.PUPIL}


def test_an_empty_list_is_not_believed(mapped):
    """An empty answer covers the school without belief."""
    (coverage,) = mapped("getmessagereceivers", []).coverages
    assert (coverage.kinds, coverage.believable_when_empty) == ({Kind.SCHOOL_CLASS, Kind.PUPIL, Kind.TEACHER}, False)


def test_a_part_of_the_school_says_nothing_about_who_is_missing(mapped):
    """What an account shows that sees a part of the school is taken, but covers nobody."""
    reading = mapped("getmessagereceivers", people({"name": "10А", "users": [ANNA]}), scope="part")
    assert (len(reading.records), reading.coverages) == (3, ())


@pytest.mark.parametrize("nobody", [[], {}, None])
def test_a_class_without_anybody_is_counted(mapped, nobody):
    """A class whose list is empty is still a class, and is counted; one that is listed twice is judged as a whole."""
    rows = ({"name": "10А", "users": [ANNA]}, {"name": "10А", "users": nobody}, {"name": "11Б", "users": nobody})
    reading = mapped("getmessagereceivers", people(*rows))
    assert keys(reading, Kind.SCHOOL_CLASS) == ["10А", "11Б"]
    assert reading.passed_over["empty_class"] == 1


def test_class_names_lose_what_nobody_sees(mapped, diary_faults):
    """Control characters leave a class name; one that is too long stays, and goes to quarantine."""
    rows = ({"name": "10\x00А\x07\n", "users": [ANNA]}, {"name": "Б" * 41, "users": []})
    reading = mapped("getmessagereceivers", people(*rows))
    assert keys(reading, Kind.SCHOOL_CLASS) == ["10А", "Б" * 41]
    assert {key: found for key, found in diary_faults(reading).items() if found} == {"Б" * 41: ("/name",)}


def test_a_middle_name_that_is_no_text_breaks_its_pupil_only(mapped, diary_faults):
    """A filled container where a name should be breaks one pupil; an empty one is no name."""
    users = [ANNA, {**ANNA, "name": "1002", "middlename": []}, {**ANNA, "name": "1003", "middlename": ["А"]}]
    faults = diary_faults(mapped("getmessagereceivers", people({"name": "10А", "users": users})))
    assert {key: found for key, found in faults.items() if found} == {"1003": ("/middle_name",)}


@pytest.mark.parametrize(
    ("user", "pointers"),
    [({**ANNA, "lastname": ""}, ("/last_name",)), ({"name": "", "firstname": "А", "lastname": "Т"}, ("/pupil",))],
)
def test_a_malformed_pupil_goes_to_quarantine(mapped, diary_faults, user, pointers):
    """A pupil without a name or an id is still a record, and breaks the contract there."""
    reading = mapped("getmessagereceivers", people({"name": "10А", "users": [user]}))
    assert pointers in diary_faults(reading).values()


@pytest.mark.parametrize(
    ("name", "parallel", "level"),
    [
        ("1А", 1, "primary"),
        ("5 Б", 5, "basic"),
        ("9", 9, "basic"),
        ("10А", 10, "secondary"),
        ("0", None, None),
        ("Подг", None, None),
    ],
)
def test_level_follows_from_the_number(name, parallel, level):
    """The year of study is the number a class begins with, and the level of education follows from it."""
    assert school_class(name) == {"name": name, "parallel": parallel, "level": level}


@pytest.mark.parametrize(
    "given",
    [
        people({"name": "10А", "users": [ANNA, {**ANNA, "name": None}]}),
        people({"name": "10А", "users": [ANNA]}, {"name": ["10Б"], "users": []}),
        people({"name": "10А", "users": [ANNA]}, teachers=({**PETER, "name": {"id": 501}},)),
    ],
)
def test_who_cannot_be_read_may_be_anyone(mapped, given):
    """Where somebody's id or a class's name is nonsense, nobody of the school is taken for gone."""
    reading = mapped("getmessagereceivers", given)
    assert (reading.coverages, reading.passed_over["unplaced"]) == ((), 1)
    assert "1001" in keys(reading, Kind.PUPIL)
