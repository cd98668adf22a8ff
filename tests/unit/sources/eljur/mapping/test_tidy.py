"""Tidying: every drift that was seen, undone in one place."""

from datetime import date

import orjson
import pytest

from ejsync.sources.eljur.mapping import tidy


@pytest.mark.parametrize("empty", [None, [], {}, "", 0, "нет"])
def test_php_emptiness_is_one_thing(empty):
    """Whatever stands for an empty container is an empty object and an empty list."""
    assert tidy.as_object(empty) == {}
    assert tidy.rows(empty) == []
    assert list(tidy.keyed(empty)) == []


def test_lists_and_objects_swap():
    """A list and an object keyed by position say the same."""
    assert tidy.as_object([{"a": 1}]) == tidy.as_object({"0": {"a": 1}})
    assert tidy.rows({"0": {"a": 1}, "1": []}) == [{"a": 1}] == tidy.rows([{"a": 1}, None])


@pytest.mark.parametrize(
    "given",
    [
        {"1001": {"name": "1001"}, "1002": []},
        [{"name": 1001}, {"name": "1002"}],
        {"0": {"name": "1001"}, "1": {"name": 1002}},
    ],
)
def test_ids_are_found_in_keys_and_names(given):
    """Things under ids are told apart, whether they came as an object, a list or a list turned object."""
    assert [key for key, _ in tidy.keyed(given)] == ["1001", "1002"]


@pytest.mark.parametrize(
    ("given", "wanted"),
    [(" 5- ", "5-"), (5, "5"), (5.0, "5"), (4.5, "4.5"), ("", ""), (None, None), (True, None), ([], None)],
)
def test_scalar(given, wanted):
    """A number and its text are the same text; what is no plain value is none."""
    assert tidy.scalar(given) == wanted


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("  Англ.\t яз. ", "Англ. яз."),
        ("&laquo;Чтение&raquo;&nbsp;", "«Чтение»"),
        ("   ", None),
        ("", None),
        (None, None),
        (42, "42"),
    ],
)
def test_names_are_cleaned(given, wanted):
    """Names lose entities, tabs and double spaces; an empty one is none."""
    assert tidy.text(given) == wanted


def test_prose_keeps_its_lines():
    """A longer text is cleaned line by line."""
    assert tidy.prose(" § 1,  упр. 2\r\n\r\nустно &ndash; ") == "§ 1, упр. 2\n\nустно –"
    assert tidy.prose(" \n ") is None
    assert tidy.prose("§\x00 1\n\x07устно") == "§ 1\nустно"


@pytest.mark.parametrize(
    ("given", "wanted"),
    [(1, 1.0), ("2.00", 2.0), ("1,5", 1.5), ("", None), (None, None), ("много", "много"), (True, True), ([], None)],
)
def test_number(given, wanted):
    """A number is a float in whatever spelling; what is none is handed on for the contract to name."""
    assert tidy.number(given) == wanted
    assert isinstance(tidy.number(1), float)


@pytest.mark.parametrize("read", [tidy.number, tidy.integer])
@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("1e30", "1e30"),
        (1e300, "1e+300"),
        ("99999999999999999999999", "99999999999999999999999"),
        (10**22, "1" + "0" * 22),
        (float("inf"), "inf"),
        (float("nan"), "nan"),
        ([1], []),
        ({"a": 1e300}, {}),
    ],
)
def test_what_is_beyond_numbers_is_handed_on(read, given, wanted):
    """A number too large to be exact, or none at all, is handed on as text; a filled container is emptied."""
    assert read(given) == wanted


def test_the_largest_numbers_stay_exact():
    """Up to 2**53 a number is a number."""
    assert tidy.integer(2**53) == tidy.integer(str(2**53)) == 2**53
    assert tidy.integer(2**53 + 2) == tidy.number(str(2**53 + 2)) == str(2**53 + 2)


@pytest.mark.parametrize("read", [tidy.scalar, tidy.identity, tidy.text, tidy.prose, tidy.number, tidy.clock_time])
def test_lone_surrogates_are_replaced(read):
    """Half a character that no UTF-8 can hold becomes a replacement mark, wherever it stands."""
    assert read("А\ud800 \udfff") == "А\ufffd \ufffd"
    orjson.dumps(read("А\ud800 \udfff"))


def test_a_day_with_a_lone_surrogate_is_none():
    """A day that nobody can read is handed on in a form that can be written down."""
    assert tidy.school_day("\ud800") == (None, "\ufffd")


@pytest.mark.parametrize("empty", [[], {}])
def test_an_empty_container_is_no_plain_value(empty):
    """What PHP sends for an empty plain value is read as null by every reader."""
    readers = (tidy.scalar, tidy.identity, tidy.text, tidy.prose, tidy.number, tidy.integer, tidy.flag, tidy.clock_time)
    assert [read(empty) for read in (*readers, tidy.entered)] == [None] * (len(readers) + 1)
    assert tidy.handed(tidy.text, empty) is None


@pytest.mark.parametrize(
    ("given", "wanted"), [(0, 0), ("3", 3), ("3.0", 3), (2.5, 2.5), ("", None), (None, None), ("x", "x")]
)
def test_integer(given, wanted):
    """A whole number is an int; what is none is handed on."""
    assert tidy.integer(given) == wanted
    assert isinstance(tidy.integer("3"), int)


@pytest.mark.parametrize(
    ("given", "wanted"),
    [(True, True), ("1", True), ("true", True), (1, True), ("", False), ("0", False), ("false", False), (None, None)],
)
def test_flag(given, wanted):
    """A flag is read the way PHP casts it."""
    assert tidy.flag(given) is wanted


@pytest.mark.parametrize(
    ("given", "wanted"), [("08:30:00", "08:30"), ("8:05", "08:05"), ("", None), (None, None), ("утром", "утром")]
)
def test_clock_time(given, wanted):
    """A time loses its seconds; what is no time is handed on."""
    assert tidy.clock_time(given) == wanted


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("2026-11-16", (date(2026, 11, 16), "2026-11-16")),
        ("20261116", (date(2026, 11, 16), "2026-11-16")),
        (20261116, (date(2026, 11, 16), "2026-11-16")),
        ("2026-02-30", (None, "2026-02-30")),
        ("", (None, None)),
        (None, (None, None)),
    ],
)
def test_school_day(given, wanted):
    """A day is read in both its spellings; one that is not in the calendar keeps its text."""
    assert tidy.school_day(given) == wanted


@pytest.mark.parametrize(
    ("given", "wanted"), [("Учёт Ёлок", "Учет Елок"), ("Алгебра", "Алгебра"), ("", ""), (None, None)]
)
def test_keys_know_no_yo(given, wanted):
    """In a key `ё` is `е`, because a journal writes either at will."""
    assert tidy.folded(given) == wanted


@pytest.mark.parametrize(
    ("given", "wanted"),
    [("77", True), (77, True), (None, True), ("", True), ([], True), ({}, True), (True, False), ([1], False)],
)
def test_legible(given, wanted):
    """A key can be made of texts, numbers and nothing, never of a flag or a filled container."""
    assert tidy.legible("1", given) is wanted
