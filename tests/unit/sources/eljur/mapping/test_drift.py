"""What is unknown in shape is counted, and no value, id or name is ever told."""

import copy
import string
from datetime import date

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ejsync.domain.standing import ELSEWHERE
from ejsync.sandbox import class_answers, pupil_answers
from ejsync.sandbox.question import Question
from ejsync.sandbox.quirks import QUIRKS, Quirks
from ejsync.sandbox.rollbook import invent_rollbook
from ejsync.sources.eljur.mapping.drift import MOST_FINDINGS, drift, masked

MARK = {"value": "5", "weight": "1", "countas": 5, "count": True, "date": "2026-11-16", "nm": "0", "max_mark": None}
MARKS = "students.*.lessons.*.marks"
ANSWERS = {
    "getmarks": (pupil_answers.marks, False),
    "getdiary": (pupil_answers.diary, False),
    "getschedule": (class_answers.schedule, True),
    "gethomework": (class_answers.homework, True),
    "getperiods": (pupil_answers.periods, False),
    "getfinalassessments": (pupil_answers.finals, False),
    "getmessagereceivers": (class_answers.receivers, True),
    "getreplaces": (class_answers.replaces, True),
}


def of_marks(*marks, **lesson):
    """A page of marks of one pupil in one subject."""
    row = {"name": "Алгебра", "lesson_id": 77, "marks": list(marks), **lesson}
    return {"students": {"1001": {"name": "1001", "title": "Тестова Анна", "lessons": [row]}}}


@pytest.fixture(scope="module")
def answer():
    """Ask the simulated ElJur for some weeks of everybody, in its plain writing or in some odd ones."""
    book = invent_rollbook(pupils=40, seed=3, today=date(2026, 11, 20))
    pupils = [pupil for pupil in book.pupils.values() if pupil.form == next(iter(book.pupils.values())).form]

    def make(method, *quirks):
        write, by_class = ANSWERS[method]
        flags = frozenset({"rings", "weeks", "show_disabled"})
        days = (date(2026, 11, 2), date(2026, 11, 13)) if method != "getreplaces" else (date(2026, 11, 9),) * 2
        question = Question(None, [] if by_class else pupils, pupils[0].form, *days, flags)
        _, result = Quirks(seed=1, names=quirks).told(method, {}, write(book, question))
        plain = orjson.loads(orjson.dumps(result))
        return plain if isinstance(plain, dict) else {}

    return make


@pytest.mark.parametrize("method", ANSWERS)
def test_an_answer_as_it_should_be_holds_nothing_new(answer, method):
    """The simulated ElJur writes only what is known."""
    assert answer(method)
    assert drift(method, answer(method)) == {}


@pytest.mark.parametrize("method", ANSWERS)
def test_what_must_be_tolerated_is_no_drift(answer, method):
    """PHP emptiness, lists that swap with objects, ids and numbers that swap with text: none is told."""
    tolerated = ("scalar_drift", "ambigious", "mtype", "integer_ids", "students_list", "lists_and_objects", "php_empty")
    assert set(tolerated) <= set(QUIRKS)
    # The sandbox lists after-school lessons in whatever has `items`; the fact sheet knows them in timetable and diary.
    places = {place for place, _ in drift(method, answer(method, *tolerated))}
    assert {place for place in places if not place.endswith(".items_extday")} == set()


def test_an_unknown_key_is_told_with_its_place_and_type():
    """The same key in several rows is counted; the path names no pupil, no subject, no position."""
    page = of_marks({**MARK, "rubric": 3}, {**MARK, "rubric": 4}, {**MARK, "rubric": None}, hint={"deep": "secret"})
    assert drift("getmarks", page | {"etag": []}) == {
        (f"{MARKS}.*.rubric", "key:number"): 2,
        (f"{MARKS}.*.rubric", "key:null"): 1,
        ("students.*.lessons.*.hint", "key:object"): 1,
        ("etag", "key:array"): 1,
    }


@pytest.mark.parametrize(
    ("mark", "place", "found"),
    [
        ({"value": {"mark": "5"}}, ".value", "string→object"),
        ({"value": 5}, ".value", "string→number"),
        ({"weight": True}, ".weight", "string|number→boolean"),
        ({"count": "yes"}, ".count", "boolean→string"),
        ({"mtype": "КР"}, ".mtype", "object→string"),
        ({"mtype": ["КР"]}, ".mtype.*", "object→string"),
        ({"mtype": {"id": 3, "type": ["КР"]}}, ".mtype.type", "string→array"),
    ],
)
def test_an_unknown_type_is_told_beside_the_known_ones(mark, place, found):
    """The known types stand before the arrow, the one that came behind it."""
    assert drift("getmarks", of_marks(MARK, {**MARK, **mark})) == {(f"{MARKS}.*{place}", found): 1}


@pytest.mark.parametrize("value", [None, [], {}])
@pytest.mark.parametrize("key", ["value", "mtype", "nm", "count"])
def test_emptiness_is_no_drift(key, value):
    """PHP's ways of writing nothing stand for any field."""
    assert drift("getmarks", of_marks({**MARK, key: value, "rubric": 1})) == {(f"{MARKS}.*.rubric", "key:number"): 1}


def test_containers_of_another_kind_are_told():
    """A bare mark where marks are listed, and a text where rows are."""
    assert drift("getmarks", of_marks("5")) == {(f"{MARKS}.*", "object→string"): 1}
    assert drift("getmarks", of_marks(marks="5")) == {(MARKS, "array→string"): 1}
    assert drift("getmarks", {"students": "5"}) == {("students", "array→string"): 1}


def test_files_are_known_in_every_writing():
    """A list, an object with a list inside, and an object keyed by position are files; a new key in them is told."""
    file = {"toid": 1, "filename": "a.pdf", "link": "https://files.invalid/a.pdf", "size": 5}
    for files, place in (({"file": [file]}, "files.file.*"), ([file], "files.*"), ({"0": file}, "files.*")):
        page = {"days": {"20261116": {"items": [{"name": "Алгебра", "files": files}]}}}
        assert drift("gethomework", page) == {(f"days.*.items.*.{place}.size", "key:number"): 1}


def test_what_was_only_seen_empty_is_told_when_filled():
    """Nobody knows what `resources` of a diary hold."""
    page = {
        "students": {"1001": {"days": {"20261116": {"items": {"1": {"name": "Алгебра", "resources": [{"a": 1}]}}}}}}
    }
    assert drift("getdiary", page) == {("students.*.days.*.items.*.resources", "empty→array"): 1}


def test_findings_of_a_page_are_bounded():
    """A page of made-up keys is told as so many findings and one more for all others."""
    page = of_marks(MARK, **{f"x{number}": number for number in range(MOST_FINDINGS + 30)})
    found = drift("getmarks", page)
    assert len(found) == MOST_FINDINGS + 1
    assert (found[ELSEWHERE], sum(found.values())) == (30, MOST_FINDINGS + 30)


def test_a_reading_tells_the_drift_of_its_page(mapped):
    """Records are read as before, and beside them stands what was new."""
    reading = mapped("getmarks", of_marks({**MARK, "rubric": 3}), pupils=("1001",))
    assert len(reading.records) == 1
    assert reading.drift == {(f"{MARKS}.*.rubric", "key:number"): 1}


def test_a_method_without_a_shape_says_nothing():
    """Of what nobody reads nothing is concluded."""
    assert drift("getupdates", {"students": 1}) == {}


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("color_hex2", True),
        ("averageConvert", True),
        ("_id", True),
        ("Анна", False),
        ("Ivanova", False),
        ("1001", False),
        ("a@b.invalid", False),
        ("d41d8cd98f00b204e9800998ecf8427e", False),
        ("x" * 41, False),
        ("two words", False),
        ("line\n", False),
        ("", False),
    ],
)
def test_only_a_programmers_own_name_is_shown(key, shown):
    """A key that may be a name, an id, a token or a subject is masked."""
    assert masked(key) == (key if shown else "*")


_SPOKEN = st.text(min_size=1).map(lambda text: f"Й{text}")
_PLANTED = st.one_of(_SPOKEN, st.text(string.ascii_letters + string.digits, min_size=6).map(lambda text: f"qZ{text}"))


@given(_PLANTED, _PLANTED, st.sampled_from(["value", "nm", "count", "convert", "mtype", "weight"]))
def test_no_value_ever_comes_out(key, value, name):
    """Whatever stands as a value, or as a key under an id, a day, a subject or a position: places never hold it."""
    student = of_marks({**MARK, name: value, "rubric": value, "more": {key: value}}, {**MARK, name: {"x": value}})
    keyed = copy.deepcopy(student["students"]["1001"])
    keyed["lessons"] = {key: {"name": value, "lesson_id": {key: value}, "marks": {key: {**MARK, "value": [value]}}}}
    marks = {"students": {key: keyed, "1001": student["students"]["1001"], "1002": value}}
    days = {"days": {key: {"items": {key: {"name": [value], "homework": {key: {"id": {key: value}}}, "files": value}}}}}
    told = {**drift("getmarks", marks), **drift("gethomework", days), **drift("gethomework", {"students": {key: days}})}
    assert told
    assert not [seen for seen in told if key in "".join(seen) or value in "".join(seen)]


@given(_SPOKEN, st.sampled_from(["students", "lessons", "marks"]))
def test_a_key_that_is_no_name_never_comes_out(key, where):
    """Where known keys are expected and a person's or a subject's name stands, it is masked."""
    page = of_marks({**MARK, key: 1} if where == "marks" else MARK, **({key: "5"} if where == "lessons" else {}))
    found = drift("getmarks", page | ({key: []} if where == "students" else {}))
    ((place, _),) = found
    assert place.endswith("*")
    assert key not in place
