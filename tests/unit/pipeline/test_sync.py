"""sync: one cycle of a feed, and how the feed stands after it."""

from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from ejsync.domain.reads import Demand, Order, Read, Sweep, ordered, urgency
from ejsync.domain.records import Feed
from ejsync.domain.windows import Days, Heat, Uncovered
from ejsync.errors import ContractViolation, SourceAuthFailed, SourceUnavailable
from ejsync.pipeline.sync import sync_feed
from ejsync.settings import Moment
from ejsync.settings.polling import MarksRule
from tests.doubles.records import mark, marks, pupil, roster
from tests.doubles.sink import Killed
from tests.doubles.source import DutifulSource
from tests.doubles.world import WANTED, World

AUTH = SourceAuthFailed(host="journal", account="a", reason="401")


@pytest.fixture
def school(world):
    """A school whose roster has been read."""
    world.read(roster(pupil("1001")), feed=Feed.ROSTER)
    return world


def standing(world, feed=Feed.MARKS):
    """How the feed stands."""
    with world.tx() as tx:
        return tx.marks.feed(feed)


def test_before_the_roster_is_known_no_other_feed_is_read_whole(world):
    """A feed read before the first roster is not taken for read: it did not know what to ask."""
    world.read(marks(["1001"], mark()))
    assert standing(world).read_at is None
    world.read(AUTH, feed=Feed.ROSTER)
    world.read(marks(["1001"], mark()))
    assert standing(world).read_at is None


def test_a_good_cycle_moves_the_feed_on(school):
    """After a cycle without failure the feed knows when it was read, and what came of it."""
    world = school
    world.source.uncovered = [Uncovered("getdiary", "10А", ("class:10А",))]
    report = world.read(marks(["1001"], mark()))
    mark_ = standing(world)
    assert (mark_.read_at, mark_.error, mark_.windows, mark_.failed) == (world.clock.now(), None, 1, 0)
    assert mark_.uncovered == report.uncovered == {"getdiary": 1}
    assert mark_.counts == {"created": 1, "withheld": 1}


@pytest.mark.parametrize("trouble", ["plan", "fetch", "read"])
def test_a_failed_cycle_keeps_the_time_of_the_last_good_one(school, trouble):
    """Wherever a cycle fails, the feed keeps its last good time and names the error."""
    world = school
    world.read(marks(["1001"], mark()))
    before = world.clock.now()
    world.clock.move(hours=1)
    if trouble == "plan":
        world.source.plan_error = AUTH
    if trouble == "read":
        world.source.read_error = AUTH
    report = world.read(AUTH if trouble == "fetch" else marks(["1001"], mark(raw="2")))
    assert report.errors == [AUTH]
    assert (standing(world).read_at, standing(world).error) == (before, "EJ-203")
    assert "updated" not in standing(world).counts


def test_a_suspicious_window_is_an_error_of_the_cycle(world):
    """A cycle with a silent page is not well."""
    world.read(marks(["1001"], mark()))
    world.read(marks(["1001"]))
    assert (standing(world).error, standing(world).failed) == ("EJ-205", 1)


def test_a_stopped_cycle_is_not_a_good_one(world):
    """Told to stop, the cycle ends after its window; the feed is not taken for read."""
    world.source.script(Feed.MARKS, marks(["1001"], mark()), marks(["1002"], mark("1002")))
    report = sync_feed(world.wiring, Feed.MARKS, WANTED, stopped=lambda: True)
    assert report.stopped
    assert standing(world).read_at is None
    with world.tx() as tx:
        assert sum(tx.records.live_counts().values()) == 1


def test_progress_is_told_with_the_total(world):
    """The caller learns the number of windows first, then each one."""
    world.source.script(Feed.MARKS, marks(["1001"], mark()), marks(["1002"]))
    told = []
    sync_feed(world.wiring, Feed.MARKS, WANTED, progress=lambda window, done, total: told.append((done, total)))
    assert told == [(0, 2), (1, 2), (2, 2)]


def test_the_source_is_handed_the_roster_as_last_read(world):
    """Planning and reading know who is in which class."""
    world.read(roster(pupil("1001"), pupil("1002", of="11А")), feed=Feed.ROSTER)
    world.read()
    assert dict(world.source.rosters[-1].classes) == {"10А": ("1001",), "11А": ("1002",)}


def test_a_cycle_is_witnessed_with_its_failures(world):
    """The feed's entry counts windows and failures by code."""
    unavailable = SourceUnavailable(host="journal", method="getmarks", reason="HTML")
    violation = ContractViolation(contract="eljur/v1/getmarks", pointers=("/x",))
    world.read(unavailable, unavailable, violation)
    [entry] = world.audit("feed.read")
    assert entry.details["failed"] == {"EJ-201": 2, "EJ-301": 1}
    assert entry.details["windows"] == 3


def test_what_was_passed_over_is_counted(world):
    """Reasons why the source passed records over stand in the report."""
    reading = marks(["1001"], mark())
    world.read(reading.__class__(reading.records, reading.coverages, {"no_pupil": 2}))
    assert standing(world).counts["passed_over.no_pupil"] == 2


def test_every_account_that_failed_is_reported_once(school):
    """Accounts that failed stand in the report, each once, beside what the others read; the cycle is not whole."""
    world = school
    other = SourceAuthFailed(host="journal", account="b", reason="401")
    world.source.failures = {"a": AUTH, "b": other}
    report = world.read(marks(["1001"], mark()))
    assert report.errors == [AUTH, other]
    assert report.counts["created"] == 1
    assert standing(world).read_at is None
    world.source.plan_error = AUTH
    assert world.read().errors == [AUTH, other]


@pytest.mark.parametrize("stage", ["read", "record"])
def test_what_nobody_foresaw_in_one_window_stops_no_other(school, monkeypatch, stage):
    """A bug met in one answer fails its window by the class of the error; later windows are taken in."""
    world = school
    odd = marks(["1001"], mark())
    if stage == "record":
        odd = replace(odd, records=("no record at all",))
    else:
        monkeypatch.setattr(world.source, "read", lambda page, _: 1 // 0 if page.payload is odd else page.payload)
    report = world.read(odd, marks(["1002"], mark("1002")))
    [error] = report.errors
    assert (error.code, error.feed) == ("EJ-206", "marks")
    assert error.reason == {"read": "ZeroDivisionError", "record": "AttributeError"}[stage]
    assert report.counts["created"] == 1
    assert (standing(world).read_at, standing(world).error) == (None, "EJ-206")


def test_lost_rights_are_not_a_good_read(school):
    """Where people are known and nobody may read anything of anyone, the feed keeps its last good time and says so."""
    world = school
    world.read(marks(["1001"], mark()))
    before = world.clock.now()
    world.clock.move(hours=1)
    world.source.uncovered = [Uncovered("getmarks", "10А", ("pupil:1001",))]
    report = world.read()
    assert [error.facts()["method"] for error in report.errors] == ["getmarks"]
    assert (standing(world).read_at, standing(world).error) == (before, "EJ-204")
    assert standing(world).uncovered == {"getmarks": 1}


def test_a_silent_page_keeps_the_time_of_the_last_good_read(school):
    """A cycle with a silent pupil is not taken for a good one."""
    world = school
    world.read(marks(["1001"], mark()))
    before = world.clock.now()
    world.clock.move(hours=1)
    world.read(marks(["1001"]))
    assert (standing(world).read_at, standing(world).error) == (before, "EJ-205")


def test_rights_that_went_are_counted_apart_from_rights_that_never_were(school):
    """Of what nobody may read, what was read before is lost."""
    world = school
    with world.tx() as tx:
        tx.readings.note(Feed.MARKS, ["pupil:1001"], Read(None, world.clock.now()))
    world.source.uncovered = [Uncovered("getmarks", "10А", ("pupil:1001", "pupil:1002"))]
    report = world.read(marks(["1003"], mark("1003")))
    assert (report.uncovered, report.lost) == ({"getmarks": 2}, {"getmarks": 1})
    assert world.audit("feed.read")[-1].details["lost"] == {"getmarks": 1}


def test_what_may_wait_leaves_no_trace_of_a_feed_but_its_failure(school):
    """A sweep that goes well moves no feed on; one that fails names its error and keeps the last good time."""
    world = school
    world.read(marks(["1001"], mark()))
    before = standing(world)
    world.clock.move(hours=1)
    later = [replace(WANTED[0], heat=Heat.COLD)]
    sync_feed(world.wiring, Feed.MARKS, later)
    assert standing(world) == before
    world.source.script(Feed.MARKS, AUTH)
    sync_feed(world.wiring, Feed.MARKS, later)
    assert (standing(world).error, standing(world).read_at) == ("EJ-203", before.read_at)


# -- a journal that plans what is due ------------------------------------------------------------------------------

MONDAY = date(2026, 11, 16)  # of the clock's start, in the school's zone
PERIOD = date(2026, 11, 5)
RULE = MarksRule(days_back=2, days_ahead=0, period_every_hours=2)
NIGHT = time(1)


@pytest.fixture
def diligent(tmp_path):
    """A school whose journal plans what is due, its roster read."""
    world = World(tmp_path / "diligent", source=DutifulSource())
    read_roster(world)
    yield world
    world.close()


def read_roster(world):
    """Read who is there."""
    return sync_feed(world.wiring, Feed.ROSTER, [Demand(Heat.HOT, None, world.clock.now())])


def demands(world, sweep):
    """What a cycle asks for, as the settings say and operators ordered."""
    usual = RULE.demands(sweep, Moment(world.clock.now(), world.wiring.zone, PERIOD), NIGHT)
    with world.tx() as tx:
        orders = tx.readings.orders(Feed.MARKS) if sweep is not Sweep.NOW else []
    return sorted([*usual, *map(ordered, orders)], key=urgency)


def cycle(world, sweep=Sweep.NOW, **more):
    """Read what a sweep serves; return what was asked for."""
    before = len(world.source.fetched)
    report = sync_feed(world.wiring, Feed.MARKS, demands(world, sweep), **more)
    return report, world.source.fetched[before:]


def each(windows):
    """Every pupil's day that was asked for, in order."""
    return [
        (pupil, window.days.first + timedelta(days=step))
        for window in windows
        for pupil in window.pupils
        for step in range((window.days.last - window.days.first).days + 1)
    ]


def year_of(*pupils, until=MONDAY):
    """Every day of the school year so far, of some pupils."""
    first = date(2026, 9, 1)
    return {(pupil, first + timedelta(days=step)) for pupil in pupils for step in range((until - first).days + 1)}


def test_an_empty_store_is_filled_hot_days_first_then_the_period_then_the_year(diligent):
    """The first cycle reads a few days; what may wait follows, the current period before older days, each once."""
    _, hot = cycle(diligent)
    assert {day for _, day in each(hot)} == {MONDAY - timedelta(days=back) for back in range(3)}
    _, rest = cycle(diligent, Sweep.LATER)
    heats = [window.heat for window in rest]
    assert heats == sorted(heats, key=list(Heat).index)
    assert {window.heat for window in rest} == {Heat.WARM, Heat.COLD}
    assert min(window.days.first for window in rest if window.heat is Heat.WARM) == PERIOD
    assert sorted(each([*hot, *rest])) == sorted(year_of("1001", "1002"))


def test_by_hand_all_heats_are_read_in_one_cycle_the_most_urgent_first(diligent):
    """A cycle of everything begins with the hot days and reads no day twice."""
    _, asked = cycle(diligent, Sweep.ALL)
    assert asked[0].heat is Heat.HOT
    assert sorted(each(asked)) == sorted(year_of("1001", "1002"))


def test_after_three_weeks_without_a_read_the_missed_days_come_first(diligent):
    """Days that nobody read when they were over are read before the hot ones, the oldest first, and never again."""
    cycle(diligent)
    cycle(diligent, Sweep.LATER)
    diligent.clock.move(days=21)
    _, asked = cycle(diligent)
    heats = [window.heat for window in asked]
    assert heats == [Heat.MISSED] * (len(heats) - 1) + [Heat.HOT]
    missed = {day for _, day in each(window for window in asked if window.heat is Heat.MISSED)}
    assert missed == {MONDAY + timedelta(days=step) for step in range(19)}
    _, again = cycle(diligent)
    assert {window.heat for window in again} <= {Heat.HOT}


@pytest.mark.parametrize("windows", range(1, 7))
def test_a_sweep_that_gives_way_again_and_again_reads_no_window_twice(diligent, windows):
    """Stopped after so many windows each time, a sweep comes to its end and asks for every day once."""
    asked, rounds = [], 0
    while True:
        taken = []
        report, some = cycle(
            diligent, Sweep.LATER, stopped=lambda taken=taken: taken.append(1) or len(taken) >= windows
        )
        asked, rounds = asked + some, rounds + 1
        if not report.stopped:
            break
    assert sorted(each(asked)) == sorted(year_of("1001", "1002"))
    assert rounds == -(-len(asked) // windows)


@pytest.mark.parametrize("where", range(6))
@pytest.mark.parametrize("moment", ["asking", "taking in", "noting"])
def test_a_sweep_that_is_killed_anywhere_reads_only_what_was_in_flight_twice(diligent, monkeypatch, where, moment):
    """Killed while a window is asked for or taken in, the next run asks for that one again and for no other."""
    world = diligent
    with monkeypatch.context() as patched:
        place = {"asking": (world.source, "fetch"), "taking in": (world.source, "read")}.get(moment)
        if place is None:
            from ejsync.pipeline import sync as module

            place = (module, "_note")
        original, calls = getattr(*place), []

        def kill(*args, **more):
            calls.append(1)
            if len(calls) == where + 1:
                raise Killed
            return original(*args, **more)

        patched.setattr(*place, kill)
        with pytest.raises(Killed):
            cycle(world, Sweep.LATER)
    world.restart()
    cycle(world, Sweep.LATER)
    asked = [window for window in world.source.fetched if window.feed is Feed.MARKS]
    twice = [window for number, window in enumerate(asked) if window.days in {one.days for one in asked[:number]}]
    assert len(twice) == (0 if moment == "asking" else 1)
    assert set(each(asked)) == year_of("1001", "1002")


def test_a_stop_in_the_midst_of_a_cut_group_is_a_stop(diligent):
    """Where a group without answer is read in parts, parts do not count for windows that are still to come."""
    world = diligent
    world.source.poisoned = {"1002": SourceUnavailable(host="journal", method="getmarks", reason="no answer")}
    taken = []
    report, asked = cycle(world, Sweep.LATER, stopped=lambda: taken.append(1) or len(taken) >= 6)
    assert len(asked) > report.windows
    assert report.stopped


def test_one_pupil_who_cannot_be_read_costs_the_others_nothing(diligent):
    """The others of his group are read and not asked for again; he is due until he can be read."""
    world = diligent
    error = SourceUnavailable(host="journal", method="getmarks", reason="no answer")
    world.source.poisoned = {"1002": error}
    report, _ = cycle(world)
    assert report.errors == [error]
    world.source.poisoned = {}
    report, asked = cycle(world, Sweep.LATER)
    assert {pupil for pupil, day in each(asked) if day == MONDAY} == {"1002"}
    assert report.errors == []


def given_order(world, first, last=MONDAY):
    """Order days of marks to be read."""
    with world.tx() as tx:
        return tx.readings.order(Order(Feed.MARKS, Days(first, last), world.clock.now()))


def orders(world):
    """What is ordered and not carried out."""
    with world.tx() as tx:
        return tx.readings.orders()


def test_an_order_is_resumed_under_its_first_instant_and_ends_when_all_of_it_is_read(diligent):
    """Given again after an interruption it goes on where it stopped; it is let go only once its last day is read."""
    world = diligent
    first = given_order(world, date(2026, 10, 1))
    stop = lambda: True  # noqa: E731 - after every window
    report = sync_feed(world.wiring, Feed.MARKS, [ordered(first)], stopped=stop)
    assert report.stopped
    world.restart()
    world.clock.move(hours=5)
    assert given_order(world, date(2026, 10, 1)) == first
    assert orders(world) == [first]
    while sync_feed(world.wiring, Feed.MARKS, [ordered(first)], stopped=stop).stopped:
        assert orders(world) == [first]
    assert orders(world) == []
    asked = each(window for window in world.source.fetched if window.feed is Feed.MARKS)
    assert len(asked) == len(set(asked)) == 2 * 47


def test_an_order_whose_last_day_was_read_by_another_cycle_ends_too(diligent):
    """Killed after its last window, or read in the meantime: with nothing left to ask for an order is let go."""
    world = diligent
    order = given_order(world, MONDAY - timedelta(days=1))
    cycle(world)
    sync_feed(world.wiring, Feed.MARKS, [ordered(order)])
    assert orders(world) == []


def test_an_order_with_a_failed_window_stays(diligent):
    """What could not be read stays ordered, and only that is asked for again."""
    world = diligent
    world.source.poisoned = {"1002": AUTH}
    order = given_order(world, date(2026, 11, 1))
    world.source.size = 1
    assert sync_feed(world.wiring, Feed.MARKS, [ordered(order)]).errors
    assert orders(world) == [order]
    world.source.poisoned, before = {}, len(world.source.fetched)
    sync_feed(world.wiring, Feed.MARKS, [ordered(order)])
    assert {window.pupils for window in world.source.fetched[before:]} == {("1002",)}
    assert orders(world) == []


def test_an_order_waits_until_it_is_known_who_is_there(tmp_path):
    """Before the roster was read nobody can be asked for, and an order is not taken for carried out."""
    world = World(tmp_path / "new", source=DutifulSource())
    order = given_order(world, MONDAY)
    sync_feed(world.wiring, Feed.MARKS, [ordered(order)])
    assert orders(world) == [order]
    world.close()


def test_a_sweep_serves_orders_before_what_else_may_wait(diligent):
    """Days that an operator ordered come before the period and the year."""
    given_order(diligent, date(2026, 9, 1), date(2026, 9, 5))
    _, asked = cycle(diligent, Sweep.LATER)
    assert (asked[0].heat, str(asked[0].days)) == (Heat.ORDERED, "2026-09-01..2026-09-05")


def test_an_unchanged_page_is_not_opened_and_keeps_its_days_fresh(diligent):
    """The same answer to the same question costs no reading, is counted, and counts as read."""
    world = diligent
    world.source.cells["1001", MONDAY, "77"] = "5"
    cycle(world)
    opened = len(world.source.opened)
    world.clock.move(minutes=10)
    report, asked = cycle(world)
    assert (len(asked), len(world.source.opened)) == (1, opened)
    assert +report.counts == {"unchanged_pages": 1}
    assert standing(world).read_at == world.clock.now()
    with world.tx() as tx:
        assert tx.readings.history(Feed.MARKS)["pupil:1001"].reads[-1].at == world.clock.now()


@pytest.mark.parametrize("why", ["another answer", "another understanding", "three days"])
def test_a_page_is_opened_again_when_it_may_say_something_new(diligent, why):
    """Other bytes, another mapping or contract, or three days since it was opened: it is read anew."""
    world = diligent
    demand = [Demand(Heat.HOT, Days(MONDAY, MONDAY), world.clock.now() + timedelta(days=9))]
    sync_feed(world.wiring, Feed.MARKS, demand)
    for _ in range(2):
        world.clock.move(days=1)
        sync_feed(world.wiring, Feed.MARKS, demand)
    opened = len(world.source.opened)
    if why == "another answer":
        world.source.cells["1001", MONDAY, "77"] = "5"
    if why == "another understanding":
        world.source.version = "2"
    world.clock.move(days=1, seconds=1) if why == "three days" else world.clock.move(hours=1)
    sync_feed(world.wiring, Feed.MARKS, demand)
    assert len(world.source.opened) == opened + 1


def test_a_page_from_before_a_long_pause_is_opened(diligent):
    """Also the first cycle after three weeks takes no page for known that was opened before them."""
    opened = len(diligent.source.opened)
    diligent.clock.move(days=21)
    read_roster(diligent)
    assert len(diligent.source.opened) == opened + 1


def test_a_clock_that_was_ahead_and_is_set_right_stops_no_reading(diligent):
    """What was read under a time to come is due again at once, and its page is opened."""
    world = diligent
    world.clock.move(hours=30)
    cycle(world)
    world.clock.move(hours=-29)
    opened = len(world.source.opened)
    _, asked = cycle(world)
    assert {(pupil, day) for pupil, day in each(asked) if day == MONDAY} == {("1001", MONDAY), ("1002", MONDAY)}
    assert len(world.source.opened) > opened


def test_a_silent_answer_is_never_taken_for_known(diligent):
    """An answer that was silent about someone known is opened every time, and his days stay due."""
    world = diligent
    world.source.cells["1001", MONDAY, "77"] = "5"
    cycle(world)
    world.source.silent = {"1001"}
    for _ in range(3):
        world.clock.move(minutes=10)
        opened = len(world.source.opened)
        report, _ = cycle(world)
        assert [error.code for error in report.errors] == ["EJ-205"]
        assert len(world.source.opened) == opened + 1
    with world.tx() as tx:
        history = tx.readings.history(Feed.MARKS)
    assert history["pupil:1001"].reads[-1].at < history["pupil:1002"].reads[-1].at == world.clock.now()


def test_what_returns_through_another_window_is_taken_in(diligent):
    """A→B→A seen through two overlapping windows ends with A, though the first window's answer never changed."""
    world = diligent
    wide, narrow = Days(MONDAY - timedelta(days=5), MONDAY), Days(MONDAY, MONDAY)

    def read(days, raw):
        world.clock.move(minutes=10)
        world.source.cells["1001", MONDAY, "77"] = raw
        sync_feed(world.wiring, Feed.MARKS, [Demand(Heat.HOT, days, world.clock.now())])
        with world.tx() as tx:
            (payload,) = tx.records.payloads([(mark().kind, mark().key)]).values()
        return f'"raw":"{raw}"'.encode() in payload

    assert [read(wide, "5"), read(narrow, "4"), read(wide, "5")] == [True] * 3
    assert [read(narrow, "4"), read(wide, "5"), read(narrow, "4"), read(narrow, "5")] == [True] * 4


@pytest.mark.parametrize("event", ["new", "moved", "returned"])
def test_the_year_of_a_pupil_who_comes_or_moves_is_read_again_and_nobody_else_s(diligent, event):
    """Whoever appears, returns or changes his class is due from 1 September on; the others are not."""
    world = diligent
    for change in {
        "new": [["1001", "1002", "1003"]],
        "moved": [["1001"]],
        "returned": [["1001"], ["1001", "1002"]],
    }[event]:
        cycle(world)
        cycle(world, Sweep.LATER)
        world.clock.move(minutes=10)
        world.source.classes = {"10А": change, "11А": ["1002"] if event == "moved" else []}
        read_roster(world)
    cycle(world)
    before = len(world.source.fetched)
    _, asked = cycle(world, Sweep.LATER)
    assert {pupil for pupil, _ in each(asked)} == {"1003" if event == "new" else "1002"}
    assert {day for _, day in each(asked)} == {day for _, day in year_of("x", until=MONDAY - timedelta(days=3))}
    assert len(world.source.fetched) > before
