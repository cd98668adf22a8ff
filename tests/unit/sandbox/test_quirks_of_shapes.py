"""Truths about quirks of containers."""

from copy import deepcopy
from random import Random

import pytest

from ejsync.sandbox import quirks_of_shapes as quirks
from ejsync.sandbox.quirks_ground import Told


def shapes(quirk, tree):
    """What a quirk makes of a tree, by many seeds, as text."""
    found = set()
    for seed in range(200):
        told = Told("getdiary", deepcopy(tree), rng=Random(seed))
        quirk(told)
        found.add(repr(told.tree))
    return found


@pytest.mark.parametrize(
    ("quirk", "tree", "wanted"),
    [
        (quirks.students_list, {"students": {"7": {"name": "7"}}}, [{"students": [{"name": "7"}]}]),
        (quirks.students_list, {"students": [{"name": 7}]}, [{"students": {"7": {"name": 7}}}]),
        (quirks.students_list, {"students": {"7": []}}, [{"students": {"7": []}}]),
        (quirks.students_list, {"students": []}, [{"students": []}]),
        (quirks.lists_and_objects, {"marks": ["a"]}, [{"marks": ["a"]}, {"marks": {"0": "a"}}]),
        (quirks.lists_and_objects, {"days": {"2": {"id": 2}}}, [{"days": {"2": {"id": 2}}}, {"days": [{"id": 2}]}]),
        (quirks.lists_and_objects, {"items": {"2": {"num": "2"}}}, [{"items": {"2": {"num": "2"}}}]),
        (quirks.lists_and_objects, {"mtype": {"id": 3}}, [{"mtype": {"id": 3}}]),
        (quirks.php_empty, {"marks": []}, [{"marks": []}, {"marks": {}}, {"marks": None}, None, [], {}]),
        (quirks.php_empty, {"replace": []}, [{"replace": []}, {"replace": {}}, {"replace": None}]),
        (quirks.php_empty, {"comment": "", "max_mark": None}, [{"comment": "", "max_mark": None}]),
    ],
)  # fmt: skip
def test_shapes(quirk, tree, wanted):
    """A container comes in exactly the shapes that are promised."""
    assert shapes(quirk, tree) == set(map(repr, wanted))


def test_files_are_a_list_or_an_object_with_one():
    """Files are written both ways, each as list and as object."""
    found = shapes(quirks.lists_and_objects, {"files": {"file": [{"toid": 1}]}})
    row = {"toid": 1}
    assert found == {repr({"files": files}) for files in ({"file": [row]}, {"file": {"0": row}}, [row], {"0": row})}


def test_what_was_not_there_may_be_empty():
    """Where homework stands without files, an empty list of files may stand beside it."""
    assert "{'homework': {'1': {'id': 1}}, 'files': []}" in shapes(quirks.php_empty, {"homework": {"1": {"id": 1}}})
