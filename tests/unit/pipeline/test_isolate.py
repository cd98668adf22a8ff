"""isolate: the bad item of a batch that is refused whole."""

from itertools import pairwise

import pytest

from ejsync.domain.batches import ItemAnswer, ItemState, Status
from ejsync.domain.records import Feed
from ejsync.domain.standing import SinkMark
from ejsync.errors import SinkRejected, SinkUnavailable, SinkUnclear
from ejsync.pipeline.claim import claim
from ejsync.pipeline.settle import settle_answers, settle_failure
from tests.doubles.records import final_mark, finals, mark, marks
from tests.doubles.world import World

WHOLE = SinkRejected(sink="ed", reason="HTTP 422")
LARGE = SinkRejected(sink="ed", reason="HTTP 413", too_large=True)


def many(count, raw="5"):
    """Marks of one pupil."""
    return [mark(raw=raw, lesson_id=str(number)) for number in range(count)]


@pytest.fixture
def school(world):
    """A school whose family has agreed."""
    world.consent("1001")
    return world


def take(world):
    """Claim what is next."""
    with world.tx() as tx:
        return claim(world.wiring, tx, "ed")


def fail(world, claimed, error):
    """Settle with a failure."""
    with world.tx() as tx:
        return settle_failure(world.wiring, tx, claimed, error)


def accept(world, claimed):
    """Settle with an answer to every item."""
    answers = [ItemAnswer(item.position, Status.APPLIED) for item in claimed.parcel.items]
    with world.tx() as tx:
        settle_answers(world.wiring, tx, claimed, answers)


def keys(claimed):
    """The keys of a batch in their order."""
    return [item.key for item in claimed.parcel.items]


def test_of_two_halves_the_first_goes_and_the_second_waits_for_it(school):
    """A first half whose answer did not come is sent again before anything later."""
    school.read(marks(["1001"], *many(4)))
    whole = take(school)
    fail(school, whole, WHOLE)
    first = take(school)
    assert keys(first) == keys(whole)[:2]
    fail(school, first, SinkUnavailable(sink="ed", reason="HTTP 503"))
    school.clock.move(minutes=1)
    assert take(school).row.batch == first.row.batch


def test_a_first_half_that_is_refused_clears_the_second(school):
    """The second half is called off, its items wait anew, and behind them nothing is lost."""
    school.read(marks(["1001"], *many(4)))
    whole = take(school)
    fail(school, whole, WHOLE)
    first = take(school)
    fail(school, first, WHOLE)
    [cleared] = school.batches("cancelled")
    assert (cleared.last_error, cleared.items, cleared.split_of) == ("cleared", 2, whole.row.batch)
    assert school.waiting() == {"ed": 2}
    assert keys(take(school)) == keys(whole)[:1]


def test_a_first_half_that_is_answered_makes_the_second_the_suspect(school):
    """It is halved without being sent; its halves inherit what was held against it."""
    school.read(marks(["1001"], *many(8)))
    whole = take(school)
    fail(school, whole, WHOLE)
    accept(school, take(school))
    suspect = school.batches("split")[0]
    assert (suspect.attempts, suspect.items, suspect.split_of) == (0, 4, whole.row.batch)
    assert [row.refused for row in school.batches("pending")] == [1, 1]
    third = take(school)
    assert keys(third) == keys(whole)[4:6]
    fail(school, third, WHOLE)
    assert [row.refused for row in school.batches("pending")] == [2, 2]


def test_a_last_item_is_sent_alone_once_before_it_dies(school):
    """Of two items the second is not buried on the first refusal alone."""
    school.read(marks(["1001"], *many(2)))
    whole = take(school)
    fail(school, whole, WHOLE)
    accept(school, take(school))
    last = take(school)
    assert keys(last) == keys(whole)[1:]
    fail(school, last, WHOLE)
    assert [row.batch for row in school.batches("dead")] == [last.row.batch]


def test_an_item_that_was_refused_twice_with_others_dies_unsent(school):
    """Everything beside it was accepted: it is buried by deduction, and the audit says so."""
    school.read(marks(["1001"], *many(4)))
    whole = take(school)
    for claimed, verdict in ((whole, "refused"), (take, "refused"), (take, "accepted")):
        one = claimed if claimed is whole else claimed(school)
        fail(school, one, WHOLE) if verdict == "refused" else accept(school, one)
    [dead] = school.batches("dead")
    assert (dead.attempts, dead.refused) == (0, 2)
    assert [(item.key, item.state, item.code) for item in school.items(dead.batch)] == [
        (keys(whole)[1], ItemState.DEAD, "deduced")
    ]
    assert school.audit("batch.failed")[-1].details["reason"] == "deduced"


def test_what_was_overtaken_may_have_been_the_bad_item(school):
    """Where an item changed meanwhile nothing is deduced from the others: each half is sent for itself."""
    school.read(marks(["1001"], *many(4)))
    whole = take(school)
    school.read(marks(["1001"], mark(raw="2", lesson_id="0"), *many(4)[1:]))
    fail(school, whole, WHOLE)
    assert [row.refused for row in school.batches("pending")] == [0, 0]
    accept(school, take(school))
    accept(school, take(school))
    accept(school, take(school))
    assert school.batches("dead", "pending") == []


def test_a_suspect_that_was_overtaken_is_called_off(school):
    """An item that changed while it waited does not die in the place of its next version."""
    school.read(marks(["1001"], *many(2)))
    whole = take(school)
    fail(school, whole, WHOLE)
    first = take(school)
    changed = [
        mark(raw="2" if record.key == keys(whole)[1] else "5", lesson_id=record.key.split("/")[1]) for record in many(2)
    ]
    school.read(marks(["1001"], *changed))
    accept(school, first)
    assert [row.last_error for row in school.batches("cancelled")] == ["superseded"]
    assert [item.version for item in take(school).parcel.items] == [2]


def test_what_is_too_large_is_halved_and_nothing_is_held_against_it(school):
    """Both halves are sent, the next batches are smaller, and only a single item that is too large dies."""
    school.read(marks(["1001"], *many(4)))
    fail(school, take(school), LARGE)
    assert [row.refused for row in school.batches("pending")] == [0, 0]
    with school.tx() as tx:
        assert tx.marks.sink("ed").batch_items == 2
    accept(school, take(school))
    assert school.batches("pending")[0].attempts == 0
    accept(school, take(school))
    assert school.batches("dead", "pending") == []


def test_a_first_half_that_is_still_too_large_lets_the_second_wait_anew(school):
    """What comes later never leaves before the quarters of the first half."""
    school.read(marks(["1001"], *many(8)))
    whole = take(school)
    fail(school, whole, LARGE)
    fail(school, take(school), LARGE)
    sent = [take(school)]
    for _ in range(3):
        accept(school, sent[-1])
        sent.append(take(school))
    assert [keys(one) for one in sent[:2]] == [keys(whole)[:2], keys(whole)[2:4]]
    assert sorted(key for one in sent[2:] for key in keys(one)) == sorted(keys(whole)[4:])


def test_a_consent_that_ends_breaks_a_search_off(school):
    """Nothing of the first half leaves again, its mates and the second half wait anew, and all of them arrive."""
    school.consent("1002")
    school.read(marks(["1001", "1002"], *many(3), mark("1002")))
    whole = take(school)
    fail(school, whole, WHOLE)
    school.withdraw("1001")
    school.deliver()
    assert {row.last_error for row in school.batches("cancelled")} == {"consent"}
    assert school.seen() == {mark("1002").key: "5"}
    assert school.batches("pending", "dead") == []


def test_nothing_passes_between_the_parts_but_what_waits_is_passed(school):
    """Final results go behind a search that is under way, and before a part that waits for its next try."""
    school.read(marks(["1001"], *many(4)))
    fail(school, take(school), WHOLE)
    school.read(finals(["1001"], final_mark()), feed=Feed.FINALS)
    first = take(school)
    assert len(keys(first)) == 2
    fail(school, first, SinkUnavailable(sink="ed", reason="HTTP 503"))
    with school.tx() as tx:
        tx.marks.save_sink(SinkMark("ed", None, 0, None, None))
    assert keys(take(school)) == [final_mark().key]


def test_a_replays_parts_are_replays_too(school):
    """Whatever a replay is halved into names what is replayed."""
    from ejsync.pipeline.replay import replay

    school.read(marks(["1001"], *many(4)))
    school.ed.reject = {("mark", record.key): "poison" for record in many(4)}
    school.deliver()
    [dead] = school.batches("dead")
    replay(school.wiring, dead.batch)
    fail(school, take(school), WHOLE)
    assert {row.replay_of for row in school.batches("pending")} == {dead.batch}


def test_a_strange_answer_leaves_what_the_diary_holds_in_doubt(school):
    """An unclear answer to a part may have followed its effect: it is halved, and nobody claims to know."""
    school.read(marks(["1001"], *many(4)))
    fail(school, take(school), WHOLE)
    first = take(school)
    fail(school, first, SinkUnclear(sink="ed", reason="HTTP 500"))
    with school.tx() as tx:
        found = tx.outbox.delivered("ed", [(item.kind, item.key) for item in first.parcel.items])
    assert [row.fingerprint for row in found.values()] == ["", ""]
    assert [row.refused for row in school.batches("pending")] == [1, 1]


@pytest.mark.parametrize("sick", [False, True], ids=["the diary is well", "the diary is sick"])
def test_a_batch_that_is_never_understood_does_not_block_its_diary(tmp_path, sick):
    """After four strange answers a probe passes; if it is answered, the bad item is searched for, and all else arrives.

    Where the probe fails too, nothing is held against the batch: all wait, and arrive when the diary is well.
    """
    world = World(tmp_path, batch_items=8)
    world.consent("1001", "1002")
    world.read(marks(["1001"], *many(8)))
    bad = ("mark", many(8)[3].key)
    everything = {("mark", record.key) for record in (*many(8), mark("1002"))}
    world.ed.upset = everything if sick else {bad}
    world.deliver()
    world.read(marks(["1002"], mark("1002")))
    for _ in range(12):
        world.clock.move(minutes=3)
        world.deliver()
    if sick:
        assert world.batches("split", "dead") == []
        world.ed.upset = set()
    world.settle_down()
    dead = [item.key for row in world.batches("dead") for item in world.items(row.batch)]
    assert dead == ([] if sick else [bad[1]])
    assert len(world.seen()) == (9 if sick else 8)
    assert set(world.ed.effects.values()) == {1}
    world.close()


def test_a_batch_that_is_never_answered_is_set_aside_under_its_key(tmp_path):
    """An item that makes the diary fall silent keeps its batch waiting for ever, under one key, and nothing else."""
    world = World(tmp_path, batch_items=4)
    world.consent("1001", "1002")
    world.read(marks(["1001"], *many(4)))
    world.ed.swallow = {("mark", many(4)[1].key)}
    world.deliver()
    world.settle_down(hours=2)
    for raw in ("4", "3", "2"):
        world.read(marks(["1002"], mark("1002", raw)))
        world.settle_down(hours=1)
        assert world.seen() == {mark("1002").key: raw}
    [aside] = world.batches("pending")
    assert len({request.key for request in world.ed.requests if len(request.items) == 4}) == 1
    assert world.batches("split", "dead") == []
    waits = [request.at for request in world.ed.requests if request.batch == aside.batch][5:]
    assert all((later - sooner).total_seconds() >= 1440 for sooner, later in pairwise(waits))
    world.ed.swallow = set()
    world.settle_down()
    assert len(world.seen()) == 5
    world.close()
