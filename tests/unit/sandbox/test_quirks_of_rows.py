"""Truths about quirks of rows."""

from copy import deepcopy
from random import Random

from ejsync.sandbox import quirks_of_rows as quirks
from ejsync.sandbox.quirks_ground import Told


def told_by(quirk, tree, method="getschedule", seeds=60):
    """What a quirk makes of a tree, by many seeds."""
    for seed in range(seeds):
        told = Told(method, deepcopy(tree), rng=Random(seed))
        quirk(told)
        yield told.tree


def test_rows_of_subgroups_come_twice():
    """A row may stand twice, never changed and never missing."""
    rows = [{"name": "Англ. яз.", "grp": "И1"}, {"name": "Англ. яз.", "grp": "И2"}, {"name": "Алгебра"}]
    found = list(told_by(quirks.duplicate_rows, {"items": rows}))
    assert all({repr(row) for row in tree["items"]} == set(map(repr, rows)) for tree in found)
    assert {len(tree["items"]) for tree in found} >= {3, 4, 5}


def test_people_come_twice_among_receivers_only():
    """A person may stand twice in his class; rows called `users` elsewhere are left alone."""
    tree = {"groups": [{"key": "students", "subgroups": [{"name": "10А", "users": [{"name": "1"}, {"name": "2"}]}]}]}
    found = list(told_by(quirks.same_person_twice, tree, "getmessagereceivers"))
    assert any(len(row["users"]) > 2 for one in found for row in one["groups"][0]["subgroups"])
    assert any(len(one["groups"][0]["subgroups"]) > 1 for one in found)
    assert all(one == tree for one in told_by(quirks.same_person_twice, tree, "getrules"))


def test_pupils_with_nothing_may_be_left_out():
    """Who has nothing is left out or written as nothing; who has anything stays; nobody at all is nothing at all."""
    busy, idle = {"name": "1", "days": {"20261116": {}}}, {"name": "2", "title": "Тестова", "days": []}
    found = [one["students"] for one in told_by(quirks.empty_answers, {"students": {"1": busy, "2": idle}})]
    assert all(one["1"] == busy for one in found)
    assert {repr(one.get("2", "absent")) for one in found} == {"'absent'", repr(idle), "[]", "None"}
    whole = {repr(one) for one in told_by(quirks.empty_answers, {"students": []})}
    assert whole >= {"None", "[]", "{}"}


def test_days_without_homework_may_be_listed():
    """Between days with homework those without may be listed, all of them empty."""
    tree = {"days": {"20261116": {"items": [1]}, "20261119": {"items": [1]}}}
    found = list(told_by(quirks.empty_answers, tree, "gethomework"))
    assert {day for one in found for day in one["days"]} == {"20261116", "20261117", "20261118", "20261119"}
    assert not any(one["days"]["20261117"]["items"] for one in found if "20261117" in one["days"])


def test_substitutions_keep_their_list():
    """An answer without substitutions still has their list: nobody says that it may be missing."""
    assert all(one == {"replace": []} for one in told_by(quirks.empty_answers, {"replace": []}, "getreplaces"))


def test_unknown_keys_stand_beside_known_ones():
    """Known keys keep their values; a table gets no rows that nobody knows."""
    tree = {"students": {"1001": {"name": "1001"}}}
    found = list(told_by(quirks.unknown_keys, tree))
    assert all(one["students"].keys() == {"1001"} and one["students"]["1001"]["name"] == "1001" for one in found)
    assert {key for one in found for key in one["students"]["1001"]} == {"name", "aNewField", "zz_new"}
