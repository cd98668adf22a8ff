"""Truths about quirks of plain values: each spelling that is promised comes up, and no other."""

from ast import literal_eval
from copy import deepcopy
from html import unescape
from random import Random

import pytest

from ejsync.sandbox import quirks_of_values as quirks
from ejsync.sandbox.quirks_ground import Told


def spellings(quirk, thing, key, method="getmarks"):
    """Every spelling of a field that a quirk brings up, `absent` for none."""
    found = set()
    for seed in range(200):
        told = Told(method, {"lessons": [deepcopy(thing)]}, rng=Random(seed))
        quirk(told)
        found.add(repr(told.tree["lessons"][0].get(key, "absent")))
    return found


@pytest.mark.parametrize(
    ("quirk", "thing", "key", "wanted"),
    [
        (quirks.yo, {"name": "Ёж ёлка"}, "name", ["Ёж ёлка", "Еж елка"]),
        (quirks.yo, {"link": "https://files.invalid/ёж"}, "link", ["https://files.invalid/ёж"]),
        (quirks.scalar_drift, {"sort": 10}, "sort", [10, "10"]),
        (quirks.scalar_drift, {"weight_float": "2.00"}, "weight_float", ["2.00", 2, "2", 2.0]),
        (quirks.scalar_drift, {"countas": "зч"}, "countas", ["зч"]),
        (quirks.ambigious, {"ambigious": True}, "ambigious", [True, "1", "true"]),
        (quirks.ambigious, {"ambigious": False}, "ambigious", [False, "", "0", None]),
        (quirks.mtype, {"nm": "0", "value": "Н"}, "mtype", [None, "absent", []]),
        (quirks.mtype, {"nm": "0", "mtype": {"id": 3}}, "mtype", [{"id": 3}]),
        (quirks.no_patronymic, {"lastname": "Тестова"}, "middlename", ["absent", "", " ", None, []]),
        (quirks.no_patronymic, {"lastname": "Тестова", "middlename": "Ивановна"}, "middlename", ["Ивановна"]),
        (quirks.ambiguous_periods, {"ambigious": True}, "start", ["absent", "", None, []]),
        (quirks.ambiguous_periods, {"ambigious": False, "start": "20260901"}, "end", ["absent"]),
        (quirks.day_spellings, {"date": "2026-11-16"}, "date", ["2026-11-16", "20261116"]),
        (quirks.day_spellings, {"start": "20261116"}, "start", ["2026-11-16", "20261116"]),
        (quirks.day_spellings, {"end": None}, "end", [None]),
        (quirks.integer_ids, {"lesson_id": "77"}, "lesson_id", ["77", 77]),
        (quirks.integer_ids, {"teacher_id": 501}, "teacher_id", ["501", 501]),
        (quirks.integer_ids, {"name": "10А"}, "name", ["10А"]),
    ],
)
def test_spellings(quirk, thing, key, wanted):
    """A value comes in exactly the spellings that are promised."""
    assert spellings(quirk, thing, key) == set(map(repr, wanted))


def test_the_state_of_the_envelope_drifts():
    """The envelope's state is a number or its text."""
    states = set()
    for seed in range(20):
        told = Told("getmarks", {}, rng=Random(seed))
        quirks.scalar_drift(told)
        states.add(told.state)
    assert states == {200, "200"}


@pytest.mark.parametrize("name", ["Англ. яз.", "Алгебра", "Труд &amp; быт", "Ё"])
def test_stray_spaces_are_read_away(name):
    """However a name is scattered, a reader who resolves entities and joins words has it back."""
    found = spellings(quirks.stray_spaces, {"name": name}, "name")
    assert len(found) > 2
    assert {" ".join(unescape(literal_eval(text)).split()) for text in found} == {unescape(name)}


@pytest.mark.parametrize("thing", [{"name": "1001"}, {"name": "year", "fullname": "Год"}, {"value": "5 "}])
def test_ids_and_values_have_no_stray_spaces(thing):
    """Ids, a period's among them, and what a teacher entered are left alone."""
    key = next(iter(thing))
    assert spellings(quirks.stray_spaces, thing, key) == {repr(thing[key])}


def test_keys_of_days_are_respelled():
    """Days are written in both spellings as keys, too."""
    told = Told("getdiary", {"days": {"20261116": {"name": "20261116"}}}, rng=Random(3))
    found = set()
    for _ in range(30):
        quirks.day_spellings(told)
        found.update(told.tree["days"])
    assert found == {"20261116", "2026-11-16"}
