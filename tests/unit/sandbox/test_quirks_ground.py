"""Truths about an answer in the making."""

from ejsync.sandbox.quirks_ground import ABSENT, Told


def test_things_are_told_from_tables():
    """What has fields is a thing; what is keyed by ids, days or numbers is walked through."""
    day = {"name": "20261116", "items": {"1": {"name": "Алгебра"}}}
    tree = {"students": {"1001": {"name": "1001", "days": {"20261116": day}}}}
    assert [thing.get("name") for thing in Told("getdiary", tree).things()] == [None, "1001", "20261116", "Алгебра"]


def test_a_thing_under_a_table_s_name_inside_a_table_is_a_thing():
    """A pupil whose id reads like a table's name is no table."""
    tree = {"students": {"items": {"name": "items"}}}
    assert [thing for thing in Told("getmarks", tree).things() if "name" in thing] == [{"name": "items"}]


def test_a_field_may_be_spelled_by_leaving_it_out():
    """Among spellings there is that of no field at all."""
    told, thing = Told("getmarks", {}), {"a": 1}
    told.spell(thing, "a", ABSENT)
    told.spell(thing, "b", 2)
    assert thing == {"b": 2}
