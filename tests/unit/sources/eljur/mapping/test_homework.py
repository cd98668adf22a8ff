"""Homework of classes and of single pupils."""

import pytest

FILE = {"toid": 1, "filename": "list.pdf", "link": "https://files.invalid/list.pdf"}


@pytest.fixture
def of_class(mapped):
    """Read homework of a class for one Monday."""

    def make(*items):
        return mapped("gethomework", {"days": {"20261116": {"items": list(items)}}}, pupils=())

    return make


@pytest.fixture
def of_pupil(mapped):
    """Read homework of a pupil for one Monday."""

    def make(items):
        return mapped("gethomework", {"students": {"1001": {"days": {"20261116": {"items": items}}}}}, pupils=("1001",))

    return make


def test_homework_of_a_class_in_full(of_class, diary_faults):
    """Homework of a class is known by day, subject, group and index; a file is joined by `toid`."""
    reading = of_class(
        {
            "name": "Англ. яз.",
            "grp": "И1",
            "homework": {"1": {"id": 1, "value": "§ 1"}, "2": {"id": 2, "value": ""}},
            "files": {"file": [FILE]},
        }
    )
    first, second = reading.records
    assert (first.key, first.owner, first.pupil) == ("10А/2026-11-16/Англ. яз./И1/1", "class:10А", None)
    assert first.data == {
        "class": "10А",
        "pupil": None,
        "date": "2026-11-16",
        "subject": "Англ. яз.",
        "group": "И1",
        "index": "1",
        "text": "§ 1",
        "files": [{"name": "list.pdf", "link": "https://files.invalid/list.pdf"}],
    }
    assert (second.data["text"], second.data["files"]) == ("", [])
    assert set(diary_faults(reading).values()) == {()}


@pytest.mark.parametrize("homework", [{"1": {"id": "1", "value": "§ 1"}}, [{"id": 1, "value": "§ 1"}]])
@pytest.mark.parametrize("files", [{"file": [FILE]}, [FILE], {"file": {"0": FILE}}, {"0": {**FILE, "toid": "1"}}])
def test_lists_and_objects_swap(of_class, homework, files):
    """Homework and files say the same as lists and as objects."""
    (record,) = of_class({"name": "Алгебра", "homework": homework, "files": files}).records
    assert record.key == "10А/2026-11-16/Алгебра/-/1"
    assert [file["name"] for file in record.data["files"]] == ["list.pdf"]


def test_an_only_task_has_every_file(of_class):
    """Where there is one task, a file without `toid` is its own; among several it belongs to none and is counted."""
    lost = {**FILE, "toid": None}
    alone = of_class({"name": "Алгебра", "homework": {"1": {"id": 1, "value": "§ 1"}}, "files": [lost]})
    assert len(alone.records[0].data["files"]) == 1
    tasks = {"1": {"id": 1, "value": "§ 1"}, "2": {"id": 2, "value": "§ 2"}}
    several = of_class({"name": "Алгебра", "homework": tasks, "files": [lost]})
    assert [record.data["files"] for record in several.records] == [[], []]
    assert several.passed_over == {"loose_file": 1}


def test_a_loose_file_may_belong_to_an_individual_task(of_class):
    """Where some homework is not shown to the class, a file without `toid` is nobody's and is counted."""
    lost = {**FILE, "toid": None}
    shown = {"name": "Алгебра", "homework": {"1": {"value": "§ 1"}}, "individual_exists": True}
    reading = of_class({**shown, "files": [lost]})
    assert ([record.data["files"] for record in reading.records], reading.passed_over) == ([[]], {"loose_file": 1})
    joined = of_class({**shown, "homework": {"1": {"id": 1, "value": "§ 1"}}, "files": [FILE]})
    assert len(joined.records[0].data["files"]) == 1


def test_a_day_without_homework_beside_days_with_some_is_believed(of_class):
    """Where the answer lists any day, the whole window is spoken about: a day left out has lost its last homework."""
    (coverage,) = of_class().coverages
    assert (str(coverage.days), coverage.believable_when_empty) == ("2026-11-16..2026-11-22", True)


def test_only_individual_homework_is_taken_from_a_pupil(of_pupil, diary_faults):
    """A pupil's read gives what is his alone, under his own key; the class's homework in it is ignored."""
    tasks = {"1": {"id": 1, "value": "§ 1", "individual": False}, "2": {"id": 2, "value": "Лично", "individual": "1"}}
    reading = of_pupil({"Алгебра": {"name": "Алгебра", "homework": tasks, "files": [{**FILE, "toid": "2"}]}})
    (record,) = reading.records
    assert (record.key, record.owner, record.pupil) == ("pupil:1001/2026-11-16/Алгебра/-/2", "pupil:1001", "1001")
    assert (record.data["class"], record.data["pupil"], record.data["group"]) == ("10А", "1001", None)
    assert len(record.data["files"]) == 1
    assert diary_faults(reading) == {record.key: ()}
    assert [coverage.owners for coverage in reading.coverages] == [("pupil:1001",)]


def test_individual_homework_in_a_class_read_is_left_to_the_pupil(of_class):
    """What a class read marks as individual is never the class's."""
    for flag in (True, "1", {"pupil": "1001"}):
        reading = of_class({"name": "Алгебра", "homework": {"1": {"id": 1, "value": "Лично", "individual": flag}}})
        assert (reading.records, reading.passed_over) == ((), {"individual": 1})


def test_listed_days_are_believed(of_class, of_pupil):
    """Where days are listed, an owner without homework is believed to have none."""
    for reading in (of_class(), of_pupil([])):
        assert (reading.records, [c.believable_when_empty for c in reading.coverages]) == ((), [True])


@pytest.mark.parametrize(
    ("item", "pointer"),
    [
        ({"name": "", "homework": {"1": {"id": 1, "value": "§ 1"}}}, "/subject"),
        ({"name": "Алгебра", "homework": {"1": {"id": 1}}}, "/text"),
        ({"name": "Алгебра", "homework": {"1": {"id": 1, "value": ["§ 1"]}}}, "/text"),
        ({"name": "Алгебра", "homework": {"1": {"value": ""}}, "files": [{"filename": "a"}]}, "/files/0/link"),
    ],
)
def test_malformed_homework_goes_to_quarantine(of_class, diary_faults, item, pointer):
    """Homework that cannot be understood is still a record, and breaks the contract where it is wrong."""
    assert list(diary_faults(of_class(item)).values()) == [(pointer,)]


@pytest.mark.parametrize(
    "item",
    [
        {"name": None, "homework": {"1": {"id": 1, "value": "§ 1"}}},
        {"name": ["Алгебра"], "homework": {"1": {"id": 1, "value": "§ 1"}}},
        {"name": "Алгебра", "grp": True, "homework": {"1": {"id": 1, "value": "§ 1"}}},
        {"name": "Алгебра", "homework": {"1": {"id": {"a": 1}, "value": "§ 1"}}},
    ],
)
def test_homework_whose_place_nobody_can_read_may_be_any(of_class, item):
    """Where subject, group or id of homework is nonsense, no homework of the class is taken for gone."""
    reading = of_class(item)
    assert (reading.coverages, reading.passed_over) == ((), {"unplaced": 1})


def test_homework_of_a_day_nobody_can_read_may_be_any(mapped):
    """Where homework stands under a day that is none, no homework of the class is taken for gone."""
    items = [{"name": "Алгебра", "homework": {"1": {"id": 1, "value": "§ 1"}}}]
    reading = mapped("gethomework", {"days": {"20261116": {"items": items}, "завтра": {"items": items}}}, pupils=())
    assert (len(reading.records), reading.coverages) == (2, ())


def test_yo_is_no_other_homework(of_class):
    """A subject and a group written with `ё` or `е` have one key, and the same row in both spellings is one record."""
    rows = [{"name": name, "grp": "Зелёные", "homework": {"1": {"id": 1, "value": "§"}}} for name in ("Учет", "Учёт")]
    (record,) = of_class(*rows).records
    assert (record.key, record.data["subject"]) == ("10А/2026-11-16/Учет/Зеленые/1", "Учёт")
