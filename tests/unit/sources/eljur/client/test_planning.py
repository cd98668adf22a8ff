"""Planning of windows: who is asked what about whom, in how many requests."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import settings as trials
from hypothesis import strategies as st

from ejsync.domain.records import ASKED, SCHOOL, Feed
from ejsync.domain.windows import Days, Due, Heat, Roster, Uncovered
from ejsync.sources.eljur.client.planning import Ask, plan_feed
from ejsync.sources.eljur.client.rights import Rights
from ejsync.sources.eljur.config import EljurConfig

ROSTER = Roster({"10А": ("1", "2", "3"), "2Б": ("4",)})
MONTH = Days(date(2026, 11, 1), date(2026, 11, 30))
HOT = (Due(Heat.HOT, MONTH),)
ALL = "getschedule getreplaces gethomework getmarks getdiary getperiods getfinalassessments"
CONFIG = {"type": "eljur", "base_url": "https://school.invalid/api", "vendor": "v", "devkey": "env:D"}


def rights(account, pupils=None, classes=None, roles=()):
    """Rights of an account, written shortly: methods by pupils and classes, divided by spaces."""

    def listed(table):
        return {key: frozenset(methods.split()) for keys, methods in (table or {}).items() for key in keys.split()}

    return Rights(account, frozenset(roles), listed(pupils), listed(classes))


def everything(roster):
    """One account that reads all of everyone."""
    return rights("a", {" ".join(roster.class_of()): ALL}, {" ".join(roster.classes): ALL}, ["administrator"])


def config(**more):
    """Settings of a journal."""
    account = {"name": "a", "token": "env:T"}
    return EljurConfig.model_validate({**CONFIG, "accounts": [account], **more})


def planned(feed, *accounts, roster=ROSTER, due=HOT, size=25, **more):
    """Plan a feed with some accounts' rights; `due` is what is due of everyone, or of each owner."""
    undated = (Due(Heat.HOT, None),) if feed in {Feed.ROSTER, Feed.PERIODS, Feed.FINALS} else None
    of = due if callable(due) else lambda _owner: undated or due
    return plan_feed(Ask(feed, of, roster, accounts, config(**more), lambda _method, _days: size))


def short(plan):
    """Scope, method, account and pupils of each window."""
    return [(one.scope, one.method, one.account, one.pupils) for one in plan.windows]


def gaps(plan):
    """What nobody may read: method, class and owners."""
    return [(gap.method, gap.school_class, " ".join(gap.owners)) for gap in plan.uncovered]


def test_marks_are_read_in_groups_across_classes():
    """Pupils are read in groups as even as may be, whatever their classes, over spans as long as allowed."""
    plan = planned(Feed.MARKS, rights("a", {"1 2 3 4": "getmarks getdiary"}), size=2)
    assert short(plan) == [("10А#1", "getmarks", "a", ("1", "2")), ("10А–2Б#1", "getmarks", "a", ("3", "4"))]
    assert {one.days for one in plan.windows} == {MONTH}
    assert [one.classes for one in plan.windows] == [("10А",), ("10А", "2Б")]
    assert [one.owners for one in plan.windows] == [("pupil:1", "pupil:2"), ("pupil:3", "pupil:4")]
    assert (plan.uncovered, plan.readable) == ((), 4)


@pytest.mark.parametrize(("classes", "of_each", "size"), [(1, 25, 25), (11, 27, 25), (44, 25, 25), (60, 25, 40)])
def test_hot_marks_of_a_school_take_as_few_requests_as_the_group_allows(classes, of_each, size):
    """Where one account reads all, a hot cycle asks for ⌈pupils ÷ size⌉ groups, however many classes there are."""
    roster = Roster({f"{c}А": tuple(f"{c:02}{n:02}" for n in range(of_each)) for c in range(classes)})
    plan = planned(Feed.MARKS, everything(roster), roster=roster, size=size)
    assert len(plan.windows) == -(-classes * of_each // size)
    assert sorted(who for window in plan.windows for who in window.pupils) == sorted(roster.class_of())
    assert max(len(window.pupils) for window in plan.windows) <= size


def test_the_diary_stands_in_where_marks_are_not_granted():
    """A pupil without `getmarks` is read by `getdiary` in short spans; who has neither is named."""
    plan = planned(Feed.MARKS, rights("a", {"1": "getmarks", "2": "getdiary"}))
    by_marks = [one for one in plan.windows if one.method == "getmarks"]
    assert [(one.pupils, one.days) for one in by_marks] == [(("1",), MONTH)]
    assert [str(one.days) for one in plan.windows if one.method == "getdiary"] == [
        "2026-11-01..2026-11-09",
        "2026-11-10..2026-11-23",
        "2026-11-24..2026-11-30",
    ]
    assert gaps(plan) == [("getmarks", "10А", "pupil:3"), ("getmarks", "2Б", "pupil:4")]
    assert plan.readable == 2


def test_rights_of_accounts_add_up():
    """Each pupil is read once, by whichever account may, and whoever reads most of a class goes first."""
    parent, bridge = rights("parent", {"1": "getmarks"}), rights("bridge", {"1 2": "getmarks"})
    plan = planned(Feed.MARKS, parent, bridge, rights("other", {"3 4": "getmarks"}))
    assert short(plan) == [
        ("10А#1", "getmarks", "bridge", ("1", "2")),
        ("10А–2Б#1", "getmarks", "other", ("3", "4")),
    ]


def test_a_timetable_is_read_by_class():
    """Classes are read by the first account that may, cut on the grid of the school year; the others are named."""
    plan = planned(Feed.TIMETABLE, rights("a"), rights("b", classes={"10А": "getschedule"}), longest_span_days=15)
    assert [(one.scope, one.account, one.classes, one.owners, str(one.days)) for one in plan.windows] == [
        ("10А", "b", ("10А",), ("class:10А",), "2026-11-01..2026-11-14"),
        ("10А", "b", ("10А",), ("class:10А",), "2026-11-15..2026-11-29"),
        ("10А", "b", ("10А",), ("class:10А",), "2026-11-30..2026-11-30"),
    ]
    assert plan.uncovered == (Uncovered("getschedule", "2Б", ("class:2Б",)),)


def test_substitutions_are_read_day_by_day():
    """One request for each class and day, for it takes no more than one day."""
    days = Days(date(2026, 11, 16), date(2026, 11, 18))
    plan = planned(Feed.SUBSTITUTIONS, everything(ROSTER), due=(Due(Heat.HOT, days),))
    assert len(plan.windows) == 2 * 3
    assert {window.days.first == window.days.last for window in plan.windows} == {True}


def test_homework_is_read_by_class_and_by_pupil():
    """Class homework and individual homework are covered, and found missing, each for itself."""
    account = rights("a", {"1 2": "gethomework"}, {"10А": "gethomework"})
    plan = planned(Feed.HOMEWORK, account, longest_span_days=366)
    assert short(plan) == [("10А", "gethomework", "a", ()), ("10А#1", "gethomework", "a", ("1", "2"))]
    assert gaps(plan) == [
        ("gethomework", "2Б", "class:2Б"),
        ("gethomework:student", "10А", "pupil:3"),
        ("gethomework:student", "2Б", "pupil:4"),
    ]


def test_a_diary_holds_regular_lessons_only_where_nobody_reads_the_class():
    """Pupils of a class whose timetable nobody may read are asked for apart, and taken whole."""
    account = rights("a", {"1 2 3 4": "getdiary"}, {"10А": "getschedule"})
    plan = planned(Feed.DIARY, account, due=(Due(Heat.HOT, Days(MONTH.first, MONTH.first)),))
    assert [(one.pupils, one.whole) for one in plan.windows] == [(("1", "2", "3"), False), (("4",), True)]


def test_periods_need_one_pupil_of_a_class():
    """One readable pupil stands for his class; a class without one is named."""
    plan = planned(Feed.PERIODS, rights("a", {"2 3": "getperiods"}))
    assert short(plan) == [("10А", "getperiods", "a", ("2",))]
    assert (plan.windows[0].owners, plan.windows[0].days) == (("class:10А",), None)
    assert gaps(plan) == [("getperiods", "2Б", "class:2Б")]


def test_finals_have_no_days():
    """Final marks are read once, whatever the days."""
    plan = planned(Feed.FINALS, rights("a", {"1 2 3": "getfinalassessments"}))
    assert [(one.scope, one.days) for one in plan.windows] == [("10А#1", None)]
    assert gaps(plan) == [("getfinalassessments", "2Б", "pupil:4")]


def test_what_is_not_due_is_not_asked_for_and_who_may_not_be_read_is_named_all_the_same():
    """Where nothing is due nothing is planned; what nobody may read, and how many are readable, is told regardless."""
    account = rights("a", {"1 2": ALL}, {"10А": ALL}, ["administrator"])
    for feed in ASKED:
        idle, busy = planned(feed, account, due=lambda _owner: ()), planned(feed, account)
        assert idle.windows == ()
        assert (idle.uncovered, idle.readable) == (busy.uncovered, busy.readable)
        assert busy.windows


def test_the_list_of_people_is_of_one_owner():
    """The school itself is the owner of its list of people."""
    (window,) = planned(Feed.ROSTER, rights("a", roles=["administrator"])).windows
    assert (window.owners, window.scope) == ((SCHOOL,), "school")


def test_only_a_reader_of_the_whole_school_is_asked_for_all_of_it():
    """The list of people is the school's if an administrator reads it or it was granted by name to no family."""
    chief, helper = rights("chief", roles=["administrator"]), rights("helper", roles=["helper"])
    granted = rights("granted", classes={"10А": "getmessagereceivers"}, roles=["helper"])
    parent = rights("parent", {"1": "getmessagereceivers"}, roles=["parent"])
    scopes = [planned(Feed.ROSTER, one).windows[0].scope for one in (chief, granted, helper, parent)]
    assert scopes == ["school", "school", "part", "part"]
    assert planned(Feed.ROSTER, parent, chief).windows[0].account == "chief"


def test_a_pupil_who_was_not_read_yet_gets_a_window_of_his_own():
    """Only he is asked for his year; the others are asked for their hot days, and nothing else of theirs."""
    year, hot = Days(date(2026, 9, 1), date(2026, 11, 30)), Days(date(2026, 11, 16), date(2026, 11, 30))
    plan = planned(
        Feed.MARKS,
        everything(ROSTER),
        due=lambda owner: (Due(Heat.COLD, year),) if owner == "pupil:2" else (Due(Heat.HOT, hot),),
    )
    assert [(one.pupils, one.days, one.heat) for one in plan.windows] == [
        (("1", "3", "4"), hot, Heat.HOT),
        (("2",), year, Heat.COLD),
    ]


def test_windows_come_in_the_order_of_their_urgency():
    """Missed days first, then hot, ordered, warm and cold ones; within a heat older days before newer ones."""
    days = [Days(MONTH.first + timedelta(days=2 * n), MONTH.first + timedelta(days=2 * n)) for n in range(10)]
    due = tuple(Due(heat, day) for heat, day in zip([*reversed(Heat), *Heat], days, strict=True))
    windows = planned(Feed.TIMETABLE, everything(ROSTER), due=due).windows
    assert [(one.heat, one.days.first) for one in windows] == sorted(
        ((one.heat, one.days.first) for one in windows), key=lambda place: (list(Heat).index(place[0]), place[1])
    )
    assert len(windows) == 2 * len(due)


def apart(items):
    """What is due of one owner never overlaps."""
    found, free = [], date.min
    for item in sorted(items, key=lambda one: one.days.first):
        if item.days.first >= free:
            found.append(item)
            free = item.days.last + timedelta(days=1)
    return tuple(found)


dues = st.lists(
    st.builds(
        lambda heat, first, length: Due(heat, Days(first, first + timedelta(days=length))),
        st.sampled_from(list(Heat)),
        st.dates(date(2026, 9, 1), date(2027, 5, 31)),
        st.integers(0, 60),
    ),
    max_size=3,
).map(apart)


@trials(derandomize=True, deadline=None, max_examples=150)
@given(st.lists(dues, min_size=7, max_size=7), st.integers(1, 5), st.integers(1, 40))
def test_every_day_that_is_due_is_asked_for_once(owed, size, longest):
    """Whatever is due of whom: each day of each pupil is in one window, and no window is too long or too full."""
    roster = Roster({"10А": ("1", "2", "3"), "2Б": ("4", "5", "6", "7")})
    due = {f"pupil:{number}": items for number, items in enumerate(owed, start=1)}
    account = rights("a", {"1 2 3 4 5 6 7": "getdiary"})
    plan = planned(Feed.MARKS, account, roster=roster, due=due.__getitem__, size=size, longest_span_days=longest)
    asked = [
        (owner, window.days.first + timedelta(days=step))
        for window in plan.windows
        for owner in window.owners
        for step in range((window.days.last - window.days.first).days + 1)
    ]
    assert sorted(asked) == sorted(
        (owner, item.days.first + timedelta(days=step))
        for owner, items in due.items()
        for item in items
        for step in range((item.days.last - item.days.first).days + 1)
    )
    assert all(len(one.pupils) <= size and (one.days.last - one.days.first).days < longest for one in plan.windows)
    assert len({one.label() for one in plan.windows}) == len(plan.windows)


def test_labels_are_stable_and_unique():
    """The same rights give the same windows, and no two windows share a label."""
    accounts = [rights("a", {"1 2": "getmarks gethomework"}, {"10А 2Б": "gethomework"}), rights("b", {"3": "getdiary"})]
    for feed in ASKED:
        labels = [window.label() for window in planned(feed, *accounts).windows]
        assert labels == [window.label() for window in planned(feed, *accounts).windows]
        assert len(labels) == len(set(labels))
