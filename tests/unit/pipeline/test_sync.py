"""sync: one cycle of a feed, and how the feed stands after it."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from ejsync.domain.records import Feed
from ejsync.domain.windows import Days, Plan
from ejsync.errors import ContractViolation, SourceAuthFailed, SourceUnavailable
from ejsync.pipeline.sync import sync_feed
from tests.doubles.records import mark, marks, pupil, roster
from tests.doubles.world import YEAR

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
    world.source.uncovered = {"getdiary": 3}
    report = world.read(marks(["1001"], mark()))
    mark_ = standing(world)
    assert (mark_.read_at, mark_.error, mark_.windows, mark_.failed) == (world.clock.now(), None, 1, 0)
    assert mark_.uncovered == report.uncovered == {"getdiary": 3}
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
    report = sync_feed(world.wiring, Feed.MARKS, YEAR, stopped=lambda: True)
    assert report.stopped
    assert standing(world).read_at is None
    with world.tx() as tx:
        assert sum(tx.records.live_counts().values()) == 1


def test_progress_is_told_with_the_total(world):
    """The caller learns the number of windows first, then each one."""
    world.source.script(Feed.MARKS, marks(["1001"], mark()), marks(["1002"]))
    told = []
    sync_feed(world.wiring, Feed.MARKS, YEAR, progress=lambda window, done, total: told.append((done, total)))
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


TODAY = date(2026, 11, 16)  # of the clock's start, in the school's zone


@pytest.fixture
def dated(school, monkeypatch):
    """The school, its journal now planning windows of days."""
    plan = school.source.plan

    def planned(feed, days, roster):
        found = plan(feed, days, roster)
        windows = tuple(replace(window, days=days) for window in found.windows)
        school.source.answers[feed] = [
            (window, answer) for window, (_, answer) in zip(windows, school.source.answers[feed], strict=True)
        ]
        return Plan(windows, found.uncovered)

    monkeypatch.setattr(school.source, "plan", planned)
    return school


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


@pytest.mark.parametrize(
    ("first", "last", "moves"),
    [(0, 0, False), (3, 0, True), (2, 0, False), (10, 14, True), (10, -1, False)],
)
def test_a_feed_is_taken_for_read_only_if_no_day_since_the_last_good_read_is_left_out(dated, first, last, moves):
    """Three days after a good read, only a read from that day to today or later moves the feed on."""
    world = dated
    world.read(marks(["1001"], mark()))
    before = world.clock.now()
    world.clock.move(days=3)
    today = TODAY + timedelta(days=3)
    report = sync_feed(world.wiring, Feed.MARKS, Days(today - timedelta(days=first), today + timedelta(days=last)))
    assert report.errors == []
    assert standing(world).read_at == (world.clock.now() if moves else before)


def test_a_first_read_must_reach_back_to_the_beginning_of_the_school_year(dated):
    """Before a first good read every day since 1 September is due."""
    world = dated
    world.source.script(Feed.MARKS, marks(["1001"], mark()))
    sync_feed(world.wiring, Feed.MARKS, Days(date(2026, 9, 2), TODAY))
    assert standing(world).read_at is None
    sync_feed(world.wiring, Feed.MARKS, Days(date(2026, 9, 1), TODAY))
    assert standing(world).read_at == world.clock.now()


def test_a_feed_without_days_is_whole_over_any_days(school):
    """Where no window has days, the days asked for leave no gap."""
    world = school
    sync_feed(world.wiring, Feed.ROSTER, Days(TODAY, TODAY))
    assert standing(world, Feed.ROSTER).read_at == world.clock.now()


def test_lost_rights_are_not_a_good_read(school):
    """Where people are known and nobody may read anything of anyone, the feed keeps its last good time and says so."""
    world = school
    world.read(marks(["1001"], mark()))
    before = world.clock.now()
    world.clock.move(hours=1)
    world.source.uncovered = {"getmarks": 1}
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
