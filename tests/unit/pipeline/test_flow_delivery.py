"""The whole flow towards the diary: retries, lost answers, kills, splits, replays, stores that are behind."""

from dataclasses import replace
from math import ceil, log2

import pytest

from ejsync.domain.batches import ItemAnswer, Status
from ejsync.domain.records import Feed, Kind
from ejsync.errors import LeaseLost
from ejsync.pipeline.replay import replay
from tests.doubles.records import mark, marks, pupil, roster, school_class
from tests.doubles.sink import Holding, Killed
from tests.doubles.world import World

KEY = mark().key


def many(count, who="1001", raw="5"):
    """Marks of one pupil."""
    return [mark(who, raw, lesson_id=str(number)) for number in range(count)]


@pytest.fixture
def one(world):
    """A pupil with one mark that waits to be sent."""
    world.consent("1001")
    world.read(marks(["1001"], mark()))
    return world


@pytest.mark.parametrize("fault", ["unavailable", "lost", "throttled", "auth"])
def test_a_failed_attempt_sends_the_same_bytes_under_the_same_key(one, fault):
    """After an attempt without an answer the very same bytes go again under the very same key, once it is time."""
    one.ed.faults.append(fault)
    report = one.deliver()
    assert report.waits_until > one.clock.now()
    one.deliver()
    assert len(one.ed.requests) == 1, "not before it is due"
    one.clock.move(seconds=(report.waits_until - one.clock.now()).total_seconds())
    one.deliver()
    first, second = one.ed.requests
    assert (first.key, first.body) == (second.key, second.body)
    assert one.seen() == {KEY: "5"}
    assert set(one.ed.effects.values()) == {1}


def test_the_waits_follow_the_schedule_and_never_end(one):
    """5 s, 30 s, 2 min, 10 min, then every half hour, each within a fifth; after a hundred failures it goes on."""
    one.ed.faults.extend(["unavailable"] * 100)
    waits = []
    for _ in range(100):
        report = one.deliver()
        waits.append((report.waits_until - one.clock.now()).total_seconds())
        one.clock.move(seconds=waits[-1])
    for wait, step in zip(waits, [5, 30, 120, 600, *[1800] * 96], strict=True):
        assert 0.8 * step <= wait <= 1.2 * step
    one.deliver()
    assert one.seen() == {KEY: "5"}


def test_the_wait_that_a_diary_asks_for_is_obeyed(one):
    """`Retry-After` is obeyed when it is longer than our own step, by new batches too."""
    one.ed.faults.append("throttled:7200")
    one.deliver()
    one.clock.move(seconds=7199)
    one.read(marks(["1001"], mark(), mark(lesson_id="78")))
    one.deliver()
    assert len(one.ed.requests) == 1
    one.clock.move(seconds=1)
    one.deliver()
    assert len(one.seen()) == 2


@pytest.mark.parametrize("asked", ["1e400", "1e300"])
def test_an_absurd_wait_ends_within_a_day(one, asked):
    """A diary that asks to wait for ages is asked again within a day."""
    one.ed.faults.append(f"throttled:{asked}")
    one.deliver()
    one.clock.move(days=1, seconds=1)
    one.deliver()
    assert one.seen() == {KEY: "5"}


@pytest.mark.parametrize("fault", ["kill_before", "kill_after"])
def test_a_kill_during_the_push_doubles_and_loses_nothing(one, fault):
    """Killed between claim and push, or between push and settle: the next instance sends the same bytes again."""
    one.ed.faults.append(fault)
    with pytest.raises(Killed):
        one.deliver()
    one.restart()
    one.deliver()
    assert one.seen() == {KEY: "5"}
    assert set(one.ed.effects.values()) == {1}
    assert len({request.key for request in one.ed.requests}) == 1
    assert [entry.event for entry in one.audit("batch.recovered")] == ["batch.recovered"]


def test_a_replaced_instance_cannot_settle_late(one):
    """An instance that was paused in its push and replaced commits nothing afterwards."""
    old = one.wiring
    one.ed.on_request = lambda _items: one.restart()
    with pytest.raises(LeaseLost):
        one.deliver()
    one.ed.on_request = lambda _items: None
    assert one.wiring.epoch == old.epoch + 1
    assert [row.state for row in one.batches()] == ["in_flight"]
    one.deliver()
    assert set(one.ed.effects.values()) == {1}


def test_a_replaced_instance_reads_nothing_in(one):
    """An instance that was replaced cannot take a reading in, nor bring a consent into effect."""
    old = one.wiring
    one.restart()
    before = len(one.audit())
    new, one.wiring = one.wiring, old
    with pytest.raises(LeaseLost):
        one.read(marks(["1001"], mark(raw="2")))
    one.wiring = new
    assert len(one.audit()) == before


def test_one_batch_is_in_flight_at_a_time(one):
    """While a batch waits for its retry nothing overtakes it; a newer change of its key goes after it."""
    one.ed.faults.append("lost")
    one.deliver()
    one.read(marks(["1001"], mark(raw="4"), mark(lesson_id="78")))
    one.deliver()
    assert len(one.ed.requests) == 1
    one.settle_down()
    assert one.seen() == {KEY: "4", mark(lesson_id="78").key: "5"}
    assert [item["version"] for request in one.ed.requests for item in request.items if item["key"] == KEY] == [1, 1, 2]


def test_a_bad_item_dies_alone(one):
    """A rejected item becomes a dead letter with code and pointer; its batch-mates arrive with the same request."""
    one.read(marks(["1001"], mark(), *many(9)))
    one.ed.reject["mark", KEY] = "poison"
    one.deliver()
    assert len(one.seen()) == 9
    [row] = one.batches("partial")
    assert (row.items, row.dead) == (10, 1)
    assert [item.code for item in one.items(row.batch) if item.state == "dead"] == ["poison"]
    assert len(one.ed.requests) == 1
    one.settle_down()
    assert len(one.ed.requests) == 1


def test_a_dead_letter_is_followed_by_the_next_change(one):
    """A rejected record is not skipped for ever: its next change goes as any other."""
    one.ed.reject["mark", KEY] = "poison"
    one.deliver()
    one.ed.reject.clear()
    one.read(marks(["1001"], mark(raw="4")))
    one.deliver()
    assert one.seen() == {KEY: "4"}


def test_a_dead_letter_taken_back_leaves_the_diary_alone(one):
    """A delivered, B rejected, A again: nothing is sent, for the diary still holds A."""
    one.deliver()
    one.ed.reject["mark", KEY] = "poison"
    one.read(marks(["1001"], mark(raw="4")))
    one.deliver()
    one.read(marks(["1001"], mark(raw="5")))
    one.deliver()
    assert one.seen() == {KEY: "5"}
    assert len(one.ed.requests) == 2


@pytest.mark.parametrize("count", [2, 3, 8, 64, 100])
def test_a_batch_refused_whole_is_halved_down_to_the_bad_item(tmp_path, count):
    """The bad item dies alone, everything else arrives once; one request for each halving, and one, finds it."""
    world = World(tmp_path, batch_items=100)
    world.consent("1001")
    world.read(marks(["1001"], *many(count)))
    bad = many(count)[count // 3].key
    world.ed.refuse_whole.add(("mark", bad))
    world.deliver()
    assert set(world.seen()) == {record.key for record in many(count)} - {bad}
    assert set(world.ed.effects.values()) == {1}
    [dead] = world.batches("dead")
    assert [item.key for item in world.items(dead.batch)] == [bad]
    assert len(world.ed.requests) - 1 <= ceil(log2(count)) + 1
    world.close()


def test_the_first_half_goes_first(world):
    """Of two halves the one with the parents goes first."""
    world.consent("1001")
    for round_ in range(8):
        numbers = [f"{round_}{number}" for number in range(4)]
        world.read(marks(["1001"], *(mark(lesson_id=number) for number in numbers)))
        first = world.ed.requests[-1:]
        world.ed.faults.append("refused")
        with world.tx() as tx:
            tx.marks.save_sink(replace(tx.marks.sink("ed"), batch_items=None))
        world.deliver()
        whole, *halves = world.ed.requests[world.ed.requests.index(first[0]) + 1 :] if first else world.ed.requests
        assert whole.items == tuple(item for half in halves for item in half.items)


def test_a_split_drops_what_is_newer_already(one):
    """A change that was overtaken while its batch was away is not sent in the halves; its newer one is."""
    one.read(marks(["1001"], mark(), *many(3)))
    one.ed.faults.append("unavailable")
    one.deliver()
    one.read(marks(["1001"], mark(raw="4"), *many(3)))
    one.ed.faults.append("refused")
    one.settle_down()
    assert one.seen()[KEY] == "4"
    halves = [item for request in one.ed.requests[2:4] for item in request.items]
    assert KEY not in {item["key"] for item in halves}


def test_a_replay_sends_dead_letters_once_more_and_only_once(one):
    """A replay is a new batch linked to the old one; replaying again sends nothing."""
    one.ed.reject["mark", KEY] = "poison"
    one.deliver()
    [dead] = one.batches("dead")
    one.ed.reject.clear()
    done = replay(one.wiring, dead.batch)
    assert (done.sent, done.superseded, done.withheld) == (1, 0, 0)
    assert replay(one.wiring, dead.batch).batch is None
    one.deliver()
    assert one.seen() == {KEY: "5"}
    assert one.batches("delivered")[0].replay_of == dead.batch
    with one.tx() as tx:
        assert tx.batches.dead_items() == 0


def test_a_replay_that_is_refused_again_can_be_replayed_again(one):
    """A dead letter whose replay died too stands in the replay, ready for another."""
    one.ed.reject["mark", KEY] = "poison"
    one.deliver()
    replay(one.wiring, one.batches("dead")[0].batch)
    one.deliver()
    latest = next(row for row in one.batches("dead") if row.replay_of)
    one.ed.reject.clear()
    replay(one.wiring, latest.batch)
    one.deliver()
    assert one.seen() == {KEY: "5"}


def test_a_replay_passes_over_what_is_newer_or_withheld(world):
    """Of dead letters only those are replayed that still say what is known and may leave."""
    world.consent("1001", "1002")
    world.read(marks(["1001", "1002"], mark(), mark(lesson_id="78"), mark("1002")))
    names = [("mark", record.key) for record in (mark(), mark(lesson_id="78"), mark("1002"))]
    world.ed.reject.update(dict.fromkeys(names, "poison"))
    world.deliver()
    world.read(marks(["1001"], mark(raw="4"), mark(lesson_id="78")))
    world.withdraw("1002")
    world.ed.reject.clear()
    done = replay(world.wiring, world.batches("dead")[0].batch)
    assert (done.sent, done.superseded, done.withheld) == (1, 1, 1)
    world.deliver()
    assert world.seen() == {KEY: "4", mark(lesson_id="78").key: "5"}


def test_a_store_older_than_the_diary_goes_beyond_it(one):
    """Where the diary holds a newer version than we know, ours is raised above it and sent again."""
    one.ed.held["mark", KEY] = Holding(7, "f" * 32, {"raw": "2"})
    one.deliver()
    assert one.seen() == {KEY: "5"}
    assert one.ed.held["mark", KEY].version == 8


def test_a_diary_that_always_knows_better_is_asked_ever_more_slowly(one):
    """A diary that outbids every version we raise is not asked without end: it waits as after failures."""
    one.ed._judge = lambda position, item: ItemAnswer(position, Status.STALE, held_version=item["version"] + 5)
    for count, step in ((2, 5), (3, 30), (4, 120)):
        report = one.deliver()
        assert len(one.ed.requests) == count
        assert 0.8 * step <= (report.waits_until - one.clock.now()).total_seconds() <= 1.2 * step
        one.clock.move(seconds=1.2 * step)
    del one.ed._judge
    one.deliver()
    assert one.seen() == {KEY: "5"}


def test_a_store_older_than_the_diary_retracts_all_the_same(one):
    """A retraction that is stale at the diary is repeated above its version."""
    one.deliver()
    one.ed.held["mark", KEY] = Holding(7, "f" * 32, {"raw": "2"})
    one.read(marks(["1001"], believable=True))
    one.deliver()
    assert one.seen() == {}


def test_two_diaries_have_fortunes_of_their_own(two_diaries):
    """One diary's outage, rejection or backlog changes nothing at the other."""
    world = two_diaries
    world.consent("1001")
    world.read(marks(["1001"], mark(), mark(lesson_id="78")))
    world.sinks["region"].faults.append("unavailable")
    world.sinks["ed"].reject["mark", KEY] = "poison"
    world.deliver("region")
    world.deliver("ed")
    assert world.seen("ed") == {mark(lesson_id="78").key: "5"}
    assert world.seen("region") == {}
    world.settle_down()
    assert world.seen("region") == {KEY: "5", mark(lesson_id="78").key: "5"}


@pytest.mark.parametrize("fate", ["in flight", "waiting", "dead"])
def test_going_beyond_one_diary_forgets_nothing_at_the_other(two_diaries, fate):
    """A version raised for one diary still finds its way to the other, wherever its change stands there."""
    world, region = two_diaries, two_diaries.sinks["region"]
    world.consent("1001")
    world.read(marks(["1001"], mark(), mark(lesson_id="78")))
    if fate == "in flight":
        region.faults.append("unavailable")
        world.deliver("region")
    if fate == "dead":
        region.reject["mark", KEY] = "poison"
        world.deliver("region")
        region.reject.clear()
    world.ed.held["mark", KEY] = Holding(7, "f" * 32, {"raw": "2"})
    world.deliver("ed")
    if fate != "dead":
        region.faults.append("refused")
    for row in world.batches("dead", "partial"):
        replay(world.wiring, row.batch)
    world.settle_down()
    assert world.seen("ed") == world.seen("region") == {KEY: "5", mark(lesson_id="78").key: "5"}


def test_every_attempt_is_witnessed_by_claim_and_outcome(one):
    """Each request has its claim and its outcome in the audit, with the digest of the bytes that travelled."""
    from hashlib import sha256

    one.ed.faults.extend(["unavailable", "lost"])
    one.settle_down()
    claims = [entry.details for entry in one.audit("batch.claimed")]
    assert [claim["body_sha256"] for claim in claims] == [
        sha256(request.body).hexdigest() for request in one.ed.requests
    ]
    assert [claim["attempt"] for claim in claims] == [1, 2, 3]
    outcomes = [entry.event for entry in one.audit() if entry.event in {"batch.failed", "batch.settled"}]
    assert outcomes == ["batch.failed", "batch.failed", "batch.settled"]


def test_no_name_no_value_and_no_pupil_id_stands_in_the_audit(world):
    """The audit knows pupils and records by pseudonym only, through successes, failures and dead letters."""
    world.consent("900177")
    who = pupil("900177", last_name="Невидимова")
    world.read(roster(school_class(), who), feed=Feed.ROSTER)
    world.read(marks(["900177"], mark("900177", raw="уникально")))
    world.ed.reject["pupil", "900177"] = "poison"
    world.ed.faults.extend(["unavailable", "refused"])
    world.settle_down()
    for row in world.batches("dead", "partial"):
        replay(world.wiring, row.batch)
    world.withdraw("900177")
    world.settle_down()
    text = "\n".join(str(entry.document()) for entry in world.audit())
    assert not [word for word in ("900177", "Невидимова", "Анна", "уникально", "Алгебра") if word in text]


def test_a_stopped_delivery_ends_between_two_batches(tmp_path):
    """Told to stop, delivery finishes its batch and leaves the rest for the next time."""
    world = World(tmp_path, batch_items=2)
    world.consent("1001")
    world.read(marks(["1001"], *many(6)))
    from ejsync.pipeline.deliver import deliver

    asked = iter((False, False, True))
    report = deliver(world.wiring, "ed", stopped=lambda: next(asked))
    assert (report.batches, len(world.seen())) == (2, 4)
    assert world.waiting() == {"ed": 2}
    world.close()


def test_final_results_go_before_other_changes(tmp_path):
    """With more waiting than a batch holds, the end of a consent goes first, then final results."""
    from tests.doubles.records import final_mark, finals

    world = World(tmp_path, batch_items=2)
    world.consent("1001")
    world.read(marks(["1001"], *many(4)))
    world.read(finals(["1001"], final_mark(), final_mark(period="p2")), feed=Feed.FINALS)
    world.deliver()
    assert {item["kind"] for item in world.ed.requests[0].items} == {Kind.FINAL_MARK}
    world.close()
