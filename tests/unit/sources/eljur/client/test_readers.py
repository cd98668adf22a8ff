"""Readers: which account reads what of whom."""

from ejsync.sources.eljur.client.readers import Readers, roster_reader, sees_whole_school
from ejsync.sources.eljur.client.rights import Rights


def rights(account, pupils=None, classes=None, roles=()):
    """Rights of an account, written shortly: methods by pupils and classes, divided by spaces."""

    def listed(table):
        return {key: frozenset(methods.split()) for keys, methods in (table or {}).items() for key in keys.split()}

    return Rights(account, frozenset(roles), listed(pupils), listed(classes))


def test_the_list_of_people_is_read_by_whom_it_was_granted_to():
    """Whoever is granted the list by name reads it; else an administrator; else who has most classes."""
    parent = rights("parent", classes={"10А 2Б 3В": "getschedule"}, roles=["parent"])
    helper = rights("helper", classes={"10А": "getschedule"}, roles=["helper"])
    chief = rights("chief", roles=["administrator"])
    granted = rights("granted", classes={"2Б": "getmessagereceivers"})
    assert roster_reader([parent, helper, chief, granted]).account == "granted"
    assert roster_reader([parent, helper, chief]).account == "chief"
    assert roster_reader([parent, helper]).account == "helper"
    assert roster_reader([parent]).account == "parent"


def test_a_refused_reader_gives_way_to_other_staff_only():
    """Who was refused the list is passed over for other staff, never for a family's account."""
    chief, helper = rights("chief", roles=["administrator"]), rights("helper", roles=["helper"])
    parent = rights("parent", roles=["parent"])
    assert roster_reader([parent, chief, helper], frozenset({"chief"})).account == "helper"
    assert roster_reader([parent, chief], frozenset({"chief"})).account == "chief"


def test_a_family_never_sees_the_whole_school():
    """A parent to whom the list is granted sees his part of it; staff to whom it is granted see all."""
    listed = {"1": "getmessagereceivers"}
    assert not sees_whole_school(rights("a", listed, roles=["parent", "student"]))
    assert sees_whole_school(rights("a", listed, roles=["parent", "teacher"]))
    assert sees_whole_school(rights("a", listed))
    assert not sees_whole_school(rights("a", roles=["teacher"]))


def test_a_class_is_read_by_the_first_account_that_may():
    """The order of the settings decides; where nobody may, nobody is named."""
    readers = Readers(
        [rights("a"), rights("b", classes={"10А": "getschedule"}), rights("c", classes={"10А": "getschedule"})]
    )
    assert readers.of_class("getschedule", "10А") == "b"
    assert readers.of_class("getschedule", "11А") is None
    assert readers.of_class("gethomework", "10А") is None


def test_one_pupil_stands_for_his_class():
    """The first account that may read any of them, with the first whom it may."""
    readers = Readers([rights("a"), rights("b", {"2 3": "getperiods"})])
    assert readers.of_any_pupil("getperiods", ("1", "2", "3")) == ("b", "2")
    assert readers.of_any_pupil("getperiods", ("1",)) is None


def test_each_pupil_is_read_once_by_the_best_method_and_the_widest_account():
    """The first method that anybody may use for him reads a pupil, by whoever reads most of his class with it."""
    readers = Readers(
        [rights("parent", {"1": "getmarks"}), rights("bridge", {"1 2": "getmarks", "3": "getdiary"}), rights("c")]
    )
    assert readers.of_pupils(("getmarks", "getdiary"), ("1", "2", "3", "4")) == {
        "1": ("getmarks", "bridge"),
        "2": ("getmarks", "bridge"),
        "3": ("getdiary", "bridge"),
    }
