"""The ElJur source as a whole."""

import json
from dataclasses import replace

import pytest

from ejsync.contracts import Contracts
from ejsync.domain.records import UNDATED, Feed
from ejsync.domain.windows import Due, Heat, Roster, Uncovered, Window
from ejsync.errors import ContractViolation, EjsyncError, SourceAuthFailed, SourceForbidden

ROSTER = Roster({"10А": ("1001", "1002")})
BRIDGE = {"name": "bridge", "login": "bridge-login", "password": "env:PASSWORD"}
PARENT = {"name": "parent", "login": "parent-login", "password": "env:TOKEN"}
RULES = {
    "roles": ["helper"],
    "relations": {
        "students": {"1001": {"rules": ["getmarks", "getperiods"]}},
        "groups": {"10А": {"rules": ["getschedule"]}},
    },
}


def due(feed, days):
    """What is due of everyone: some days, or a feed that has none."""
    return lambda _owner: (Due(Heat.HOT, None if feed in UNDATED else days),)


def test_a_window_becomes_a_page(opened, eljur, week):
    """Planning asks for rights, fetching asks for pupils and days and hands back the result."""
    eljur.standing["getrules"], eljur.standing["getmarks"] = RULES, {"students": []}
    source = opened()
    plan = source.plan(Feed.MARKS, due(Feed.MARKS, week), ROSTER)
    (window,) = plan.windows
    page = source.fetch(window)
    (params,) = eljur.params("getmarks")
    assert (params["student"], params["days"]) == ("1001", "20261116-20261122")
    assert (page.window, page.payload) == (window, {"students": []})
    assert page.size_bytes > 0
    assert plan.uncovered == (Uncovered("getmarks", "10А", ("pupil:1002",)),)
    assert source.failures == {}


@pytest.mark.parametrize(
    ("feed", "wanted"),
    [
        (Feed.TIMETABLE, {"class": "10А", "days": "20261116-20261122", "rings": "true"}),
        (Feed.PERIODS, {"student": "1001", "show_disabled": "true", "weeks": "true"}),
        (Feed.ROSTER, {}),
    ],
)
def test_reads_ask_for_what_they_need(opened, eljur, week, feed, wanted):
    """Each read sends its own parameters and no others."""
    eljur.standing["getrules"] = RULES
    source = opened()
    (window,) = source.plan(feed, due(feed, week), ROSTER).windows
    source.fetch(window)
    (params,) = eljur.params(window.method)
    always = {"devkey", "vendor", "auth_token", "out_format"}
    assert {name: value for name, value in params.items() if name not in always} == wanted


def test_a_page_of_unknown_shape_breaks_its_contract(opened, eljur, week):
    """An answer of an unknown shape is not read; the error names places, not pupils."""
    eljur.standing["getmarks"] = {"students": {"1001": {"lessons": "нет"}}}
    with pytest.raises(ContractViolation) as caught:
        opened().fetch(Window(Feed.MARKS, "10А#1", "getmarks", "bridge", week, ("10А",), ("1001",)))
    assert caught.value.facts() == {"contract": "eljur/v1/getmarks", "pointers": ("/students/*/lessons",)}


def test_a_wrong_plain_value_costs_its_own_row_only(opened, eljur, week):
    """A page is judged by its structure: values of a wrong type reach the readers, which set their rows aside."""
    marks = [{"value": value, "date": "2026-11-16", "nm": str(nm)} for nm, value in enumerate(["5", True, [], ["4"]])]
    marks[0]["comment"] = []
    lessons = [{"name": "Алгебра", "lesson_id": "77", "marks": marks}]
    eljur.standing["getmarks"] = {"students": {"1001": {"name": "1001", "lessons": lessons}}}
    source = opened()
    page = source.fetch(Window(Feed.MARKS, "10А#1", "getmarks", "bridge", week, ("10А",), ("1001",)))
    reading = source.read(page, ROSTER)
    assert [record.data["raw"] for record in reading.records] == ["5", True, []]
    assert reading.passed_over == {"phantom": 1, "unplaced": 2}


def test_one_refused_account_does_not_stop_the_others(opened, eljur, week):
    """An account that may not sign in is reported beside a plan made with the others."""
    eljur.standing["getrules"] = RULES
    eljur.queued["auth"] = [eljur.refused(400, "Неправильный логин или пароль")]
    source = opened(PARENT, BRIDGE)
    assert [window.account for window in source.plan(Feed.MARKS, due(Feed.MARKS, week), ROSTER).windows] == ["bridge"]
    assert {name: type(error) for name, error in source.failures.items()} == {"parent": SourceAuthFailed}


def test_rights_of_unknown_shape_cost_one_account_only(opened, eljur, week):
    """An account whose rights cannot be read is reported beside a plan made with the others."""
    eljur.standing["getrules"] = RULES
    eljur.queued["getrules"] = [eljur.ok({"relations": "все"})]
    source = opened(PARENT, BRIDGE)
    assert [window.account for window in source.plan(Feed.MARKS, due(Feed.MARKS, week), ROSTER).windows] == ["bridge"]
    assert {name: type(error) for name, error in source.failures.items()} == {"parent": ContractViolation}


def test_without_any_account_nothing_is_planned(opened, eljur, week):
    """If every account is refused, the first refusal is raised, and each was tried once."""
    eljur.standing["auth"] = eljur.refused(403)
    source = opened(PARENT, BRIDGE)
    for _ in range(2):
        with pytest.raises(SourceAuthFailed) as caught:
            source.plan(Feed.MARKS, due(Feed.MARKS, week), ROSTER)
    assert caught.value.account == "parent"
    assert eljur.calls() == {"auth": 2}


def test_a_part_never_passes_for_the_whole_school(opened, eljur, memory, week):
    """While an account fails, one that sees only a part of the school does not read the list of people."""
    eljur.standing["getrules"] = RULES
    eljur.queued["auth"] = [eljur.refused(400)]
    source = opened(PARENT, BRIDGE)
    with pytest.raises(SourceAuthFailed):
        source.plan(Feed.ROSTER, due(Feed.ROSTER, week), ROSTER)
    eljur.standing["getrules"] = {**RULES, "roles": ["administrator"]}
    memory.held.clear()
    source = opened(PARENT, BRIDGE)
    eljur.queued["auth"] = [eljur.refused(400)]
    assert source.plan(Feed.ROSTER, due(Feed.ROSTER, week), ROSTER).windows[0].account == "bridge"


def test_the_list_of_people_goes_to_another_reader_once_refused(opened, eljur, week, clock):
    """A reader who was refused the list of people is passed over for an hour."""
    eljur.standing["getrules"] = {**RULES, "roles": ["administrator"]}
    source = opened(BRIDGE, PARENT)
    eljur.queued["getmessagereceivers"] = [eljur.refused(403)] * 2
    (first,) = source.plan(Feed.ROSTER, due(Feed.ROSTER, week), ROSTER).windows
    with pytest.raises(SourceForbidden):
        source.fetch(first)
    (second,) = source.plan(Feed.ROSTER, due(Feed.ROSTER, week), ROSTER).windows
    assert (first.account, second.account) == ("bridge", "parent")
    clock.sleep(3601)
    assert source.plan(Feed.ROSTER, due(Feed.ROSTER, week), ROSTER).windows[0].account == "bridge"


def test_read_speaks_to_no_one(opened, eljur, week):
    """Saying what a page means sends nothing."""
    eljur.standing["getrules"], eljur.standing["getmarks"] = RULES, []
    source = opened()
    (window,) = source.plan(Feed.MARKS, due(Feed.MARKS, week), ROSTER).windows
    page, before = source.fetch(window), len(eljur.asked)
    assert source.read(page, ROSTER).records == ()
    assert len(eljur.asked) == before


GROUP = Window(Feed.MARKS, "10А#1", "getmarks", "bridge", None, ("10А",), ("1001", "1002"))


def sizes(memory):
    """What was learnt about group sizes."""
    return json.loads(memory.held.get("group-sizes", b"{}"))


def test_a_known_answer_is_not_opened(opened, eljur, week, monkeypatch):
    """The same bytes under the same contracts cost neither parsing nor checking; other contracts make it unknown."""
    eljur.standing["getrules"], eljur.standing["getmarks"] = RULES, {"students": []}
    source, window = opened(), replace(GROUP, days=week)
    page = source.fetch(window)
    again = source.fetch(window, page.digest)
    assert (again.unchanged, again.payload, again.digest) == (True, None, page.digest)
    monkeypatch.setattr(Contracts, "mark", lambda _self: "another")
    other = opened().fetch(window, page.digest)
    assert (other.unchanged, other.payload) == (False, {"students": []})


def test_waiting_for_a_turn_teaches_nothing_about_sizes(opened, eljur, clock, memory, week):
    """Where pacing makes a request wait long, its group does not shrink: more requests would make it worse."""
    eljur.standing["getrules"], eljur.standing["getmarks"] = RULES, {"students": []}
    source = opened(request_pause_ms=30_000, pupils_per_request=40)
    for _ in range(3):
        source.fetch(replace(GROUP, days=week))
    assert clock.elapsed_s >= 30
    assert sizes(memory) == {}


@pytest.mark.parametrize(("error", "learnt"), [(500, {"getmarks/short": 1}), (403, {}), (429, {})])
def test_only_what_a_smaller_group_may_mend_teaches_to_ask_for_less(opened, eljur, memory, error, learnt):
    """A group without answer shrinks; one that is refused, or asked to wait, does not."""
    eljur.standing["getrules"], eljur.standing["getmarks"] = RULES, eljur.refused(error)
    with pytest.raises(EjsyncError):
        opened(pupils_per_request=2).fetch(GROUP)
    assert sizes(memory) == learnt
