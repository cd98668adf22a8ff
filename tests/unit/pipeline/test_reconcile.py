"""A diary is compared with what it was last seen to hold, and mended."""

import pytest

from ejsync.domain.batches import ItemState
from ejsync.domain.comparing import SILENT, Finding
from ejsync.domain.records import Feed, Kind
from ejsync.errors import LeaseLost
from ejsync.pipeline.erase import advance, begin
from ejsync.pipeline.mend import Repair
from ejsync.pipeline.reconcile import Course, Scope, reconcile
from ejsync.pipeline.replay import approve
from tests.doubles.erasing import HIM, ORDER, filled, paperwork
from tests.doubles.records import homework, homeworks, mark, marks, pupil, roster, school_class
from tests.doubles.sink import Holding
from tests.doubles.world import STRICT, World

FIRST, SECOND, THIRD = (mark(column=column) for column in range(3))
LOOK, NIGHT, BY_HAND = (Course(repair=repair) for repair in Repair)


def name(record):
    """The place of a record at the diary."""
    return (record.kind.value, record.key)


@pytest.fixture
def taught(world):
    """A class with a pupil and three marks, all at the diary; some time has passed since."""
    world.read(roster(school_class(), pupil()), feed=Feed.ROSTER)
    world.consent("1001")
    world.read(marks(["1001"], FIRST, SECOND, THIRD))
    world.deliver()
    world.clock.move(hours=1)
    return world


def compared(world, course=LOOK):
    """Compare, then let time pass."""
    report = reconcile(world.wiring, "ed", course)
    world.clock.move(minutes=1)
    return report


def found(report):
    """What was found besides what is the same."""
    return {sign: count for (sign, _), count in report.findings.items() if sign is not Finding.SAME}


def test_equal_sides_cost_one_request(taught):
    """Where every digest is the same, nothing else is asked and nothing is left."""
    report = compared(taught)
    assert taught.ed.reads == [("digest", None)]
    assert (report.counts()["same"], report.left, found(report)) == (5, 0, {})


def test_only_kinds_that_differ_are_paged(taught):
    """A lost mark costs the pages of marks; what no kind of differs in is not asked for."""
    del taught.ed.held[name(FIRST)]
    report = compared(taught)
    assert taught.ed.reads == [("digest", None), ("records", "mark")]
    assert found(report) == {Finding.MISSING: 1}
    assert [(one.finding, one.key) for one in report.differences] == [(Finding.MISSING, FIRST.key)]


def test_all_asks_for_every_key_although_digests_agree(taught):
    """Who does not believe digests has every kind read key by key."""
    report = compared(taught, Course(Scope.ALL))
    assert {kind for what, kind in taught.ed.reads if what == "records"} == {kind.value for kind in Kind}
    assert (report.counts()["same"], report.left) == (5, 0)


def test_looking_changes_nothing(taught):
    """Without a repair nothing is queued, no version is raised and the difference stays."""
    del taught.ed.held[name(FIRST)]
    for _ in range(2):
        report = compared(taught)
        assert (report.left, report.queued, taught.waiting()) == (1, 0, {})
    with taught.tx() as tx:
        assert tx.records.known_keys([(Kind.MARK, FIRST.key)])[Kind.MARK, FIRST.key].version == 1


def test_what_a_diary_has_lost_is_sent_again(taught):
    """A missing key goes out under the version it had, and nothing is said of what the diary still has."""
    del taught.ed.held[name(FIRST)]
    before = len(taught.ed.requests)
    report = compared(taught, NIGHT)
    assert (report.queued, report.left) == (1, 0)
    taught.deliver()
    [request] = taught.ed.requests[before:]
    assert [(item["key"], item["version"]) for item in request.items] == [(FIRST.key, 1)]
    assert found(compared(taught)) == {}


def test_an_older_version_at_the_diary_is_brought_forward(taught):
    """A diary that fell back gets the present content again, under the present version."""
    old = taught.ed.held[name(FIRST)]
    taught.read(marks(["1001"], mark(raw="2"), SECOND, THIRD))
    taught.deliver()
    taught.clock.move(minutes=1)
    taught.ed.held[name(FIRST)] = old
    assert found(compared(taught, NIGHT)) == {Finding.DIFFERS: 1}
    taught.deliver()
    assert taught.seen()[FIRST.key] == "2"


def test_content_that_came_back_by_itself_is_not_sent(taught):
    """A→B→A here, and the diary fell back to the first A: what it holds is right, so nothing travels."""
    old = taught.ed.held[name(FIRST)]
    for raw in ("2", "5"):
        taught.read(marks(["1001"], mark(raw=raw), SECOND, THIRD))
        taught.deliver()
    taught.clock.move(minutes=1)
    taught.ed.held[name(FIRST)] = old
    report = compared(taught, NIGHT)
    assert (found(report), report.queued) == ({Finding.DIFFERS: 1}, 0)
    assert found(compared(taught)) == {}
    taught.read(marks(["1001"], mark(raw="3"), SECOND, THIRD))
    taught.deliver()
    assert taught.seen()[FIRST.key] == "3"


def test_a_retraction_that_the_diary_forgot_is_said_again(taught):
    """What was retracted and stands there again is taken away again."""
    old = taught.ed.held[name(FIRST)]
    taught.read(marks(["1001"], SECOND, THIRD))
    taught.deliver()
    taught.clock.move(minutes=1)
    taught.ed.held[name(FIRST)] = old
    report = compared(taught, NIGHT)
    assert (found(report), report.foreign) == ({Finding.UNKNOWN: 1}, 0)
    taught.deliver()
    assert FIRST.key not in taught.seen()


def test_what_somebody_else_wrote_is_told_and_never_touched(taught):
    """A key we never knew is left alone by every repair, and goes on being told."""
    taught.ed.held["mark", "somebody's"] = Holding(1, "c" * 32, {"raw": "5"})
    for course in (NIGHT, BY_HAND):
        report = compared(taught, course)
        assert (report.foreign, report.left, report.queued) == (1, 1, 0)
    assert taught.waiting() == {}


@pytest.mark.parametrize("version", [1, 7])
def test_by_night_a_diary_that_is_ahead_is_told_by_hand_it_is_overtaken(taught, version):
    """Another content under our version or a newer one is no loss: only a person may have it overwritten."""
    taught.ed.held[name(FIRST)] = Holding(version, "c" * 32, {"raw": "1"})
    assert (compared(taught, NIGHT).left, taught.waiting()) == (1, {})
    assert compared(taught, BY_HAND).queued == 1
    taught.deliver()
    assert (taught.ed.held[name(FIRST)].version, taught.seen()[FIRST.key]) == (version + 1, "5")
    assert found(compared(taught)) == {}


def test_a_newer_version_of_the_same_content_is_adopted(taught):
    """Where only the version is ahead nothing travels, and the next change goes beyond it."""
    held = taught.ed.held[name(FIRST)]
    taught.ed.held[name(FIRST)] = Holding(6, held.fingerprint, held.data)
    assert (compared(taught, BY_HAND).queued, found(compared(taught))) == (0, {})
    taught.read(marks(["1001"], mark(raw="2"), SECOND, THIRD))
    taught.deliver()
    assert (taught.ed.held[name(FIRST)].version, taught.seen()[FIRST.key]) == (7, "2")


def test_a_raised_version_overtakes_what_waits_for_another_diary(tmp_path):
    """Versions are shared: an entry of the same key that waits elsewhere takes the raised version too."""
    world = World(tmp_path, sinks=("ed", "other"))
    world.consent("1001")
    world.read(marks(["1001"], FIRST))
    world.deliver("ed")
    world.clock.move(minutes=1)
    world.ed.held[name(FIRST)] = Holding(4, "c" * 32, {"raw": "1"})
    reconcile(world.wiring, "ed", BY_HAND)
    world.deliver("other")
    assert world.sinks["other"].held[name(FIRST)].version == 5
    world.close()


@pytest.mark.parametrize("row", [(FIRST.key, 9, None), (FIRST.key, None, "a" * 32)])
def test_an_unreadable_row_is_told_by_night_and_overwritten_by_hand(taught, row):
    """A row that breaks the answer's shape is `!`; a repair by hand goes beyond its version if it has one."""
    taught.ed.garbled[name(FIRST)] = row
    del taught.ed.held[name(SECOND)]  # the digest is over what is held, not over what is shown
    assert found(compared(taught, NIGHT)) == {Finding.UNREADABLE: 1, Finding.MISSING: 1}
    taught.deliver()
    taught.clock.move(minutes=1)
    del taught.ed.held[name(THIRD)]
    assert found(compared(taught, BY_HAND)) == {Finding.UNREADABLE: 1, Finding.MISSING: 1}
    taught.deliver()
    assert taught.ed.held[name(FIRST)].version == (row[1] or 1) + 1


def test_data_whose_permission_ended_are_retracted_by_every_repair(taught):
    """A diary that fell back behind the end of a consent loses the pupil's records again, held by nobody."""
    backup = taught.ed.snapshot()
    taught.withdraw("1001")
    taught.deliver()
    assert taught.seen() == {}
    taught.clock.move(minutes=1)
    taught.ed.restore(backup)
    taught.guarded(STRICT)
    report = compared(taught, NIGHT)
    assert report.held == 0
    taught.deliver()
    assert (taught.seen(), found(compared(taught))) == ({}, {})


# -- what is no difference --------------------------------------------------------------------------------------------


def test_what_waits_or_is_dead_is_under_way(taught):
    """A change in the outbox and a dead letter are known to be missing at the diary: no difference, no repair."""
    taught.ed.reject[name(mark(column=8))] = "poison"
    taught.read(marks(["1001"], FIRST, SECOND, THIRD, mark(column=8)))
    taught.deliver()
    taught.clock.move(minutes=1)
    taught.read(marks(["1001"], mark(raw="2"), SECOND, THIRD, mark(column=8)))
    taught.ed.held.pop(name(FIRST))
    taught.ed.held["mark", mark(column=8).key] = Holding(1, "c" * 32, {"raw": "5"})
    report = compared(taught, BY_HAND)
    assert (report.under_way, found(report), report.queued) == (2, {}, 0)
    [died] = [item for batch in taught.batches("partial", "dead") for item in taught.items(batch.batch)
              if item.state is ItemState.DEAD]  # fmt: skip
    assert died.key == mark(column=8).key


def test_what_is_delivered_meanwhile_is_no_difference(taught):
    """A change settled between our page and the diary's is not taken for a difference."""
    taught.ed.held.pop(name(SECOND))
    taught.read(marks(["1001"], mark(raw="2"), SECOND, THIRD))

    def settle():
        taught.ed.on_read = lambda: None
        taught.deliver()

    taught.ed.on_read = settle
    report = reconcile(taught.wiring, "ed", BY_HAND)
    assert (report.under_way, found(report)) == (1, {Finding.MISSING: 1})


def test_no_request_is_made_inside_a_transaction(taught):
    """While the diary answers, anybody may write to the store."""
    del taught.ed.held[name(FIRST)]
    wrote = []

    def write():
        with taught.tx() as tx:
            wrote.append(tx.audit.append("test.wrote", {}, taught.clock.now()))

    taught.ed.on_read = write
    assert compared(taught, NIGHT).queued == 1
    assert wrote


# -- masses -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def fallen_back(world):
    """A diary that came back with six tasks of homework that had been retracted, under a guard that lets two pass."""
    tasks = [homework(index=str(number)) for number in range(1, 7)]
    world.read(homeworks(["10А"], *tasks), feed=Feed.HOMEWORK)
    world.deliver()
    backup = world.ed.snapshot()
    world.read(homeworks(["10А"], believable=True), feed=Feed.HOMEWORK)
    world.deliver()
    world.clock.move(hours=1)
    world.ed.restore(backup)
    world.guarded(STRICT)
    return world


@pytest.mark.parametrize("course", [NIGHT, BY_HAND])
def test_a_mass_of_retractions_waits_for_approval(fallen_back, course):
    """More retractions than the guard lets pass are held in one batch; approved, they go."""
    report = compared(fallen_back, course)
    assert (report.held, report.queued) == (6, 0)
    fallen_back.deliver()
    assert len(fallen_back.ed.live()) == 6
    [held] = fallen_back.batches("held")
    assert held.reason == "reconcile: retract homework"
    approve(fallen_back.wiring, held.batch)
    fallen_back.deliver()
    assert fallen_back.ed.live() == {}


def test_a_mass_is_asked_for_once(fallen_back):
    """What stands at the diary is known again as standing there: the next comparison holds nothing more."""
    compared(fallen_back, NIGHT)
    report = compared(fallen_back, NIGHT)
    assert (found(report), report.held, len(fallen_back.batches("held"))) == ({}, 0, 1)


def test_a_few_retractions_go_by_themselves(fallen_back):
    """Within the guard's count nobody is asked."""
    for number in range(3, 7):
        del fallen_back.ed.held[name(homework(index=str(number)))]
    for number in range(10, 20):
        fallen_back.ed.held["homework", f"somebody's {number}"] = Holding(1, "c" * 32, {"n": number})
    report = compared(fallen_back, NIGHT)
    assert (report.held, report.queued, report.foreign) == (0, 2, 10)


# -- results ----------------------------------------------------------------------------------------------------------


def test_the_result_is_kept_and_witnessed(taught):
    """Status can show the last comparison; the audit has its counts and no key."""
    del taught.ed.held[name(FIRST)]
    begun = taught.clock.now()
    compared(taught, NIGHT)
    with taught.tx() as tx:
        last = tx.comparisons.last()["ed"]
    assert (last.at, last.scope, last.error) == (begun, "sample", None)
    assert (last.counts["missing"], last.counts["queued"], last.counts["left"]) == (1, 1, 0)
    [entry] = taught.audit("reconcile.done")
    assert entry.details["counts"] == last.counts
    assert FIRST.key not in str(entry.details)


def test_a_diary_that_gives_no_answer_is_reported_and_nothing_is_concluded(taught):
    """The failure stands in the report and in the last result; nothing is sent."""
    taught.ed.unread = "HTTP 503"
    report = compared(taught, NIGHT)
    assert (report.error.code, report.queued, report.left) == ("EJ-406", 0, 0)
    with taught.tx() as tx:
        assert tx.comparisons.last()["ed"].error == "EJ-406"


def test_a_diary_that_cannot_be_read_back_says_so(taught, monkeypatch):
    """No finding is made up for a sink that tells nothing, not even that all is the same."""
    monkeypatch.setattr(taught.ed, "digest", lambda _school, _kinds: SILENT)
    report = compared(taught, Course(Scope.ALL, Repair.LOST))
    assert (report.scope, set(report.counts().values())) == (Scope.SILENT, {0})


def test_digests_without_records_are_an_error(taught, monkeypatch):
    """A sink that tells that it differs, and not where, is not taken for an empty one."""
    del taught.ed.held[name(FIRST)]
    monkeypatch.setattr(taught.ed, "records", lambda _school, _kind, _after: SILENT)
    report = compared(taught, NIGHT)
    assert (report.error.code, report.queued) == ("EJ-406", 0)


def test_some_kinds_alone_are_no_result_for_status(taught):
    """Who compares one kind does not overwrite what is known of all."""
    compared(taught, Course(kinds=(Kind.MARK,)))
    with taught.tx() as tx:
        assert tx.comparisons.last() == {}
    assert len(taught.audit("reconcile.done")) == 1


@pytest.mark.parametrize(("scope", "doubted"), [(Scope.SAMPLE, True), (Scope.ALL, False)])
def test_a_store_that_may_be_older_is_cleared_by_comparing_all(taught, scope, doubted):
    """Only every key, compared to the end, ends the doubt."""
    with taught.tx() as tx:
        tx.store_marks.doubt("test", taught.clock.now())
    taught.clock.move(minutes=1)
    compared(taught, Course(scope))
    with taught.tx() as tx:
        assert tx.store_marks.in_doubt("ed") is doubted


def test_an_instance_that_was_replaced_mends_nothing(taught):
    """A daemon that lost its lease while it compared commits nothing late."""
    del taught.ed.held[name(FIRST)]
    stale = taught.wiring
    taught.restart()
    with pytest.raises(LeaseLost):
        reconcile(stale, "ed", NIGHT)
    assert taught.waiting() == {}


def test_who_was_erased_and_is_shown_again_is_erased_again(world):
    """The diary was put back to before the erasure: by night it is told once more; only looking changes nothing."""
    filled(world)
    before = world.ed.snapshot()
    number = begin(world.wiring, ORDER).number
    world.deliver()
    advance(world.wiring, number, paperwork(world))
    world.ed.restore(before)
    world.clock.move(hours=20)
    reconcile(world.wiring, "ed", LOOK)
    assert world.ed.erasures == [HIM]
    reconcile(world.wiring, "ed", NIGHT)
    assert world.ed.erasures == [HIM, HIM]
    assert not any(HIM in key for _, key in world.ed.live())
    [*_, told] = world.audit("erasure.told")
    assert (told.details["again"], HIM in str(told.details)) == (True, False)
    assert reconcile(world.wiring, "ed", NIGHT).erased == set()
