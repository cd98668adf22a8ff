"""Planning of windows."""

from datetime import date

import pytest

from ejsync.domain.records import Feed
from ejsync.domain.windows import Days, Roster
from ejsync.sources.eljur.client.planning import Ask, plan_feed, roster_reader
from ejsync.sources.eljur.client.rights import Rights

ROSTER = Roster({"10А": ("1", "2", "3"), "2Б": ("4",)})
MONTH = Days(date(2026, 11, 1), date(2026, 11, 30))


def rights(account, pupils=None, classes=None, roles=()):
    """Rights of an account, written shortly: methods by pupils and classes, divided by spaces."""

    def listed(table):
        return {key: frozenset(methods.split()) for keys, methods in (table or {}).items() for key in keys.split()}

    return Rights(account, frozenset(roles), listed(pupils), listed(classes))


@pytest.fixture
def planned(settings):
    """Plan a feed with some accounts' rights."""

    def make(feed, *accounts, roster=ROSTER, days=MONTH, **more):
        return plan_feed(Ask(feed, days, roster, accounts, settings(**more)))

    return make


def short(plan):
    """Scope, method, account and pupils of each window."""
    return [(one.scope, one.method, one.account, one.pupils) for one in plan.windows]


def test_marks_are_read_in_groups(planned):
    """Pupils of a class go in groups of the configured size, over spans as long as allowed."""
    plan = planned(Feed.MARKS, rights("a", {"1 2 3 4": "getmarks getdiary"}), pupils_per_request=2)
    assert short(plan) == [
        ("10А#1", "getmarks", "a", ("1", "2")),
        ("10А#2", "getmarks", "a", ("3",)),
        ("2Б#1", "getmarks", "a", ("4",)),
    ]
    assert {one.days for one in plan.windows} == {MONTH}
    assert {one.classes for one in plan.windows} == {("10А",), ("2Б",)}
    assert plan.uncovered == {}


def test_the_diary_stands_in_where_marks_are_not_granted(planned):
    """A pupil without `getmarks` is read by `getdiary` in short spans; who has neither is counted."""
    plan = planned(Feed.MARKS, rights("a", {"1": "getmarks", "2": "getdiary"}))
    assert short(plan)[0] == ("10А#1", "getmarks", "a", ("1",))
    assert short(plan)[1:] == [("10А#2", "getdiary", "a", ("2",))] * 3
    assert [str(one.days) for one in plan.windows[1:]] == [
        "2026-11-01..2026-11-10",
        "2026-11-11..2026-11-20",
        "2026-11-21..2026-11-30",
    ]
    assert plan.uncovered == {"getmarks": 2}


def test_rights_of_accounts_add_up(planned):
    """Each pupil is read once, by whichever account may, and whoever reads most of a class goes first."""
    parent, bridge = rights("parent", {"1": "getmarks"}), rights("bridge", {"1 2": "getmarks"})
    plan = planned(Feed.MARKS, parent, bridge, rights("other", {"3 4": "getmarks"}))
    assert short(plan) == [
        ("10А#1", "getmarks", "bridge", ("1", "2")),
        ("10А#2", "getmarks", "other", ("3",)),
        ("2Б#1", "getmarks", "other", ("4",)),
    ]


def test_a_timetable_is_read_by_class(planned):
    """Classes are read by the first account that may, in spans; pupils of the others are counted."""
    plan = planned(Feed.TIMETABLE, rights("a"), rights("b", classes={"10А": "getschedule"}), longest_span_days=15)
    assert [(one.scope, one.account, one.classes, str(one.days)) for one in plan.windows] == [
        ("10А", "b", ("10А",), "2026-11-01..2026-11-15"),
        ("10А", "b", ("10А",), "2026-11-16..2026-11-30"),
    ]
    assert plan.uncovered == {"getschedule": 1}


def test_homework_is_read_by_class_and_by_pupil(planned):
    """Class homework and individual homework are covered, and found missing, each for itself."""
    account = rights("a", {"1 2": "gethomework"}, {"10А": "gethomework"})
    plan = planned(Feed.HOMEWORK, account, longest_span_days=366)
    assert short(plan) == [("10А", "gethomework", "a", ()), ("10А#1", "gethomework", "a", ("1", "2"))]
    assert plan.uncovered == {"gethomework": 1, "gethomework:student": 2}


def test_periods_need_one_pupil_of_a_class(planned):
    """One readable pupil stands for his class; the pupils of a class without one are counted."""
    plan = planned(Feed.PERIODS, rights("a", {"2 3": "getperiods"}))
    assert short(plan) == [("10А", "getperiods", "a", ("2",))]
    assert (plan.windows[0].classes, plan.windows[0].days) == (("10А",), None)
    assert plan.uncovered == {"getperiods": 1}


def test_finals_have_no_days(planned):
    """Final marks are read once, whatever the days."""
    plan = planned(Feed.FINALS, rights("a", {"1 2 3": "getfinalassessments"}))
    assert [(one.scope, one.days) for one in plan.windows] == [("10А#1", None)]
    assert plan.uncovered == {"getfinalassessments": 1}


def test_labels_are_stable_and_unique(planned):
    """The same rights give the same windows, and no two windows share a label."""
    accounts = [rights("a", {"1 2": "getmarks gethomework"}, {"10А 2Б": "gethomework"}), rights("b", {"3": "getdiary"})]
    for feed in Feed:
        labels = [window.label() for window in planned(feed, *accounts).windows]
        assert labels == [window.label() for window in planned(feed, *accounts).windows]
        assert len(labels) == len(set(labels))


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


def test_only_a_reader_of_the_whole_school_is_asked_for_all_of_it(planned):
    """The list of people is the school's if an administrator reads it or it was granted by name to no family."""
    chief, helper = rights("chief", roles=["administrator"]), rights("helper", roles=["helper"])
    granted = rights("granted", classes={"10А": "getmessagereceivers"}, roles=["helper"])
    parent = rights("parent", {"1": "getmessagereceivers"}, roles=["parent"])
    scopes = [planned(Feed.ROSTER, one).windows[0].scope for one in (chief, granted, helper, parent)]
    assert scopes == ["school", "school", "part", "part"]
    assert planned(Feed.ROSTER, parent, chief).windows[0].account == "chief"


def test_a_refused_reader_gives_way_to_other_staff_only():
    """Who was refused the list is passed over for other staff, never for a family's account."""
    chief, helper = rights("chief", roles=["administrator"]), rights("helper", roles=["helper"])
    parent = rights("parent", roles=["parent"])
    assert roster_reader([parent, chief, helper], frozenset({"chief"})).account == "helper"
    assert roster_reader([parent, chief], frozenset({"chief"})).account == "chief"
