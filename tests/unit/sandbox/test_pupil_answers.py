"""Truths about the shapes of reads by pupil, held against the fact sheet's examples."""

from datetime import date

import orjson
import pytest

from ejsync.sandbox import pupil_answers
from ejsync.sandbox.accounts import invent_accounts
from ejsync.sandbox.assignments import Task
from ejsync.sandbox.edits import edit
from ejsync.sandbox.markbook import Mark
from ejsync.sandbox.question import understand
from ejsync.sandbox.rollbook import invent_rollbook

YEAR = "20260901-20270531"
MONDAY = date(2026, 11, 23)


@pytest.fixture
def book():
    """A school of two classes on a Monday."""
    return invent_rollbook(pupils=60, seed=7, today=MONDAY)


def ask(book, answer, method, login="bridge-10a", **params):
    """What an account is answered, as a client would read it."""
    account = next(account for account in invent_accounts(book) if account.login == login)
    return orjson.loads(orjson.dumps(answer(book, understand(book, account=account, method=method, params=params))))


def first_pupil(book):
    """The first pupil of class 10А."""
    return book.members("10А")[0]


def set_marks(book, *marks):
    """Give the first pupil these marks and no others."""
    book.marks[first_pupil(book).id] = {mark.lesson_id: [mark] for mark in marks}


def test_marks_have_the_recorded_fields(book):
    """A mark carries exactly the fields of the recorded answer, and its subject's row too."""
    shown = ask(book, pupil_answers.marks, "getmarks", days=YEAR, student=first_pupil(book).id)
    (pupil,) = shown["students"].values()
    assert set(pupil) == {"name", "title", "lessons"}
    lesson = next(lesson for lesson in pupil["lessons"] if lesson["marks"])
    assert set(lesson) == {"name", "lesson_id", "average", "averageConvert", "marks"}
    grade = next(mark for mark in lesson["marks"] if mark["count"])
    assert set(grade) == {
        *("value", "weight", "weight_float", "countas", "count", "convert", "mtype", "comment"),
        *("lesson_comment", "max_mark", "date", "lesson_id", "nm"),
    }
    assert set(grade["mtype"]) == {"id", "type", "short"}
    assert date.fromisoformat(grade["date"])
    assert grade["lesson_id"] == lesson["lesson_id"]


def test_marks_list_subjects_without_marks(book):
    """Every subject of the class is listed, also with no marks in the window."""
    shown = ask(book, pupil_answers.marks, "getmarks", days="20260901", student=first_pupil(book).id)
    (pupil,) = shown["students"].values()
    assert {lesson["name"] for lesson in pupil["lessons"]} == set(book.courses["10А"])
    assert {lesson["average"] for lesson in pupil["lessons"] if not lesson["marks"]} == {""}


def test_marks_respect_the_window(book):
    """No mark outside the days asked for is answered."""
    shown = ask(book, pupil_answers.marks, "getmarks", days="20261001-20261015")
    dates = {m["date"] for p in shown["students"].values() for row in p["lessons"] for m in row["marks"]}
    assert dates
    assert min(dates) >= "2026-10-01"
    assert max(dates) <= "2026-10-15"


def test_mark_type_drifts_where_there_is_none(book):
    """`mtype` is null for an absence, absent for a lateness and a list for a phantom."""
    ids = iter(book.courses["10А"].values())
    set_marks(book, *(Mark(next(ids), "x", MONDAY, 0, value, 1, None, "", None) for value in ("Н", "ОП", "")))
    shown = ask(book, pupil_answers.marks, "getmarks", days=YEAR, student=first_pupil(book).id)
    (pupil,) = shown["students"].values()
    found = {mark["value"]: mark.get("mtype", "absent") for row in pupil["lessons"] for mark in row["marks"]}
    assert found == {"Н": None, "ОП": "absent", "": []}


def test_average_is_weighted(book):
    """The average weighs marks and leaves absences out."""
    lesson_id = book.courses["10А"]["Физика"]
    marks = [("5", 3, 0), ("3", 1, 1), ("Н", 1, 2)]
    book.marks[first_pupil(book).id] = {
        lesson_id: [Mark(lesson_id, "Физика", MONDAY, nm, value, weight, None, "", None) for value, weight, nm in marks]
    }
    shown = ask(book, pupil_answers.marks, "getmarks", days=YEAR, student=first_pupil(book).id)
    (pupil,) = shown["students"].values()
    row = next(row for row in pupil["lessons"] if row["name"] == "Физика")
    assert (row["average"], row["averageConvert"]) == ("4.50", 4)


def test_timetable_by_pupil_is_keyed_by_number_and_shows_own_group_only(book):
    """`items` is an object by lesson number; of a subgroup lesson the pupil sees his own half."""
    shown = ask(book, pupil_answers.schedule, "getschedule", days="20261109-20261120", rings="yes")
    for pupil_id, pupil in shown["students"].items():
        for day in pupil["days"].values():
            for num, item in day["items"].items():
                assert (item["num"], "starttime" in item) == (num, True)
                assert item.get("grp") in {None, book.pupils[pupil_id].group}


def test_bells_come_only_on_demand(book):
    """Without `rings` no item has times."""
    shown = ask(book, pupil_answers.schedule, "getschedule", days="20261109")
    items = [i for p in shown["students"].values() for d in p["days"].values() for i in d["items"].values()]
    assert items
    assert not any("starttime" in item for item in items)


def test_holiday_is_named_and_empty_and_a_vacation_may_carry_items(book):
    """A holiday's empty items come as PHP's `[]`; the autumn vacation carries items."""
    shown = ask(book, pupil_answers.schedule, "getschedule", days="20261026-20261104")
    days = next(iter(shown["students"].values()))["days"]
    assert (days["20261104"]["alert"], days["20261104"]["items"]) == ("holiday", [])
    assert days["20261104"]["holiday_name"]
    assert days["20261026"]["alert"] == "vacation"
    assert days["20261026"]["items"]


def test_clubs_stand_apart(book):
    """A club is listed under `items_extday`, without a lesson number."""
    shown = ask(book, pupil_answers.schedule, "getschedule", days="20261109-20261120")
    clubs = [c for p in shown["students"].values() for d in p["days"].values() for c in d.get("items_extday", ())]
    assert clubs
    assert not any("num" in club for club in clubs)


def test_summer_is_empty(book):
    """Outside the school year there are no days, as PHP's `[]`."""
    shown = ask(book, pupil_answers.schedule, "getschedule", days="20270701-20270731")
    assert next(iter(shown["students"].values()))["days"] == []


def test_diary_shows_every_mark_of_its_days_once(book):
    """The diary of a fortnight holds the same marks as `getmarks`, but for lessons cancelled or replaced away."""
    window = "20261109-20261120"
    diary = ask(book, pupil_answers.diary, "getdiary", days=window)
    marks = ask(book, pupil_answers.marks, "getmarks", days=window)
    for pupil_id, pupil in diary["students"].items():
        key = [
            (m["lesson_id"], m["date"], m["nm"])
            for day in pupil["days"].values()
            for item in day["items"].values()
            for m in item["assessments"]
        ]
        known = {
            (m["lesson_id"], m["date"], m["nm"]) for row in marks["students"][pupil_id]["lessons"] for m in row["marks"]
        }
        assert len(set(key)) == len(key)
        assert set(key) == known


def test_diary_item_has_the_recorded_fields(book):
    """A diary item is a timetable item with topic, homework, files, resources and assessments."""
    diary = ask(book, pupil_answers.diary, "getdiary", days="20261109-20261120")
    items = [i for p in diary["students"].values() for d in p["days"].values() for i in d["items"].values()]
    further = {"lesson_id", "topic", "is_control", "homework", "files", "resources", "assessments"}
    assert all(set(item) >= further for item in items)
    assert any(item["homework"] for item in items)
    grades = [m for item in items for m in item["assessments"] if m["count"]]
    assert all(m["weight_float"] == f"{m['weight']}.00" for m in grades)


def test_subject_twice_a_day_shows_its_marks_once(book):
    """Where a replacement puts a subject twice on a day, only its first lesson shows the marks."""
    pupil, day = first_pupil(book), MONDAY
    one, other = [lesson for lesson in book.timetable["10А"][day] if not lesson.grp][:2]
    other.name = one.name
    lesson_id = book.courses["10А"].get(one.name)
    book.marks[pupil.id] = {lesson_id: [Mark(lesson_id, one.name, day, 0, "5", 1, None, "", None)]}
    diary = ask(book, pupil_answers.diary, "getdiary", days="20261123", student=pupil.id)
    items = diary["students"][pupil.id]["days"]["20261123"]["items"]
    assert [len(items[str(lesson.num)]["assessments"]) for lesson in (one, other)] == [1, 0]


def test_homework_by_pupil_is_keyed_by_subject_and_marks_what_is_individual(book):
    """A pupil sees the class's homework and his own, marked individual, with files joined by `toid`."""
    pupil, other = book.members("10А")[:2]
    head = ("10А", MONDAY, "Физика", "")
    book.homework["10А"][MONDAY] = [
        Task(*head, None, 1, "всем", ("a.pdf",)),
        Task(*head, pupil.id, 2, "лично"),
    ]
    shown = ask(book, pupil_answers.homework, "gethomework", days="20261123", student=f"{pupil.id},{other.id}")
    item = shown["students"][pupil.id]["days"]["20261123"]["items"]["Физика"]
    assert {key: (h["value"], h["individual"]) for key, h in item["homework"].items()} == {
        "1": ("всем", False),
        "2": ("лично", True),
    }
    assert item["files"] == [{"toid": 1, "filename": "a.pdf", "link": "https://files.invalid/a.pdf"}]
    assert list(shown["students"][other.id]["days"]["20261123"]["items"]["Физика"]["homework"]) == ["1"]


def test_periods_are_a_list_and_keep_disabled_ones_back(book):
    """`students` is a list here; the disabled period and the weeks come on demand."""
    bare = ask(book, pupil_answers.periods, "getperiods")
    assert [pupil["name"] for pupil in bare["students"]] == [pupil.id for pupil in book.members("10А")]
    assert [p["name"] for p in bare["students"][0]["periods"]] == ["polugodie_1", "polugodie_2", "year"]
    assert "weeks" not in bare["students"][0]["periods"][0]
    full = ask(book, pupil_answers.periods, "getperiods", weeks="true", show_disabled="1")
    assert set(full["students"][0]["periods"][0]["weeks"][0]) == {"start", "end", "title"}


def test_undated_period_has_neither_dates_nor_weeks():
    """An ambiguous period lacks `start`, `end` and `weeks`."""
    exam = invent_rollbook(pupils=1, seed=1, today=MONDAY).term.periods(9)[-1]
    shape = pupil_answers.period_shape(exam, with_weeks=True)
    assert set(shape) == {"name", "fullname", "disabled", "ambigious"}


def test_finals_join_periods(book):
    """A final assessment names a period of the pupil's class."""
    shown = ask(book, pupil_answers.finals, "getfinalassessments", login="bridge-5a")
    pupil = next(iter(shown["students"].values()))
    assessment = pupil["items"][0]["assessments"][0]
    assert set(assessment) == {"period", "value", "comment", "convert", "color_hex"}
    assert assessment["period"] in {period.name for period in book.periods("5А")}


def test_control_works_are_shown_before_they_are_written(book):
    """A planned control work is marked in the diary of a coming day, with its topic; a written one with its mark."""
    diary = ask(book, pupil_answers.diary, "getdiary", days=YEAR, student=first_pupil(book).id)
    (pupil,) = diary["students"].values()
    found = {
        (day, item["lesson_id"]): item for day, row in pupil["days"].items() for item in dict(row["items"]).values()
    }
    control = {place: item for place, item in found.items() if item["is_control"]}
    coming = [item["topic"] for (day, _), item in control.items() if day > "20261123"]
    assert coming
    assert all(coming)
    marked = {
        (mark["date"].replace("-", ""), mark["lesson_id"])
        for item in found.values()
        for mark in item["assessments"]
        if mark.get("control_type_short") == "КР"
    }
    assert marked
    assert marked <= set(control)


def test_clubs_homework_is_a_list_in_the_diary(book):
    """Where a lesson's homework is an object, a club's is a list, and the timetable shows none."""
    diary = ask(book, pupil_answers.diary, "getdiary", days=YEAR)
    clubs = [c for p in diary["students"].values() for d in p["days"].values() for c in d.get("items_extday", ())]
    assert {type(club["homework"]) for club in clubs} == {list}
    assert {len(club["homework"]) for club in clubs} == {0, 1}


def test_updates_are_two_empty_lists(book):
    """What an update holds was never seen, so both lists are empty."""
    shown = ask(book, pupil_answers.updates, "getupdates", student=first_pupil(book).id)
    assert [pupil["updates"] for pupil in shown["students"].values()] == [{"latest": [], "old": []}]


def test_pupil_who_moved_keeps_his_marks_under_the_old_course(book):
    """After a move both classes' courses are listed, and the marks stay under the ids they were given in."""
    mover = book.members("5А")[0]
    before = set(book.marks[mover.id])
    edit(book, {"op": "pupil_moved", "pupil": mover.id, "class": "10А"})
    shown = ask(book, pupil_answers.marks, "getmarks", days=YEAR, student=mover.id)
    lessons = shown["students"][mover.id]["lessons"]
    assert {lesson["lesson_id"] for lesson in lessons if lesson["marks"]} == before
    assert {lesson["lesson_id"] for lesson in lessons} == before | set(book.courses["10А"].values())
    twice = [lesson["name"] for lesson in lessons if lesson["name"] == "История"]
    assert len(twice) == 2
