"""offer: changes to every sink, and families' decisions as they take effect."""

from ejsync.domain.changes import Known, Op
from ejsync.domain.records import Feed, Kind
from ejsync.pipeline import offer as module
from ejsync.pipeline.offer import follow_consents, offer, offer_again, offer_everything, standing_change
from ejsync.pipeline.replay import approve
from tests.doubles.records import final_mark, finals, mark, marks, pupil, roster, school_class
from tests.doubles.world import STRICT, World


def test_every_sink_is_offered_every_change(two_diaries):
    """A change waits once for each sink; what is withheld is counted once."""
    two_diaries.consent("1001")
    report = two_diaries.read(marks(["1001", "1002"], mark(), mark("1002")))
    assert two_diaries.waiting() == {"ed": 1, "region": 1}
    assert (report.counts["queued"], report.counts["withheld"]) == (2, 1)


def test_no_change_is_no_offer(world):
    """Nothing offered, nothing done."""
    with world.tx() as tx:
        assert offer(world.wiring, tx, []).queued == 0


def test_a_standing_change_says_what_is_known_now():
    """What is live is an upsert, what is gone a retraction, under the present version."""
    row = Known(Kind.MARK, "k", "pupil:1", "1", None, 7, "f", gone=False)
    gone = Known(Kind.MARK, "k", "pupil:1", "1", None, 7, "f", gone=True)
    assert [(c.op, c.version) for c in map(standing_change, (row, gone))] == [(Op.UPSERT, 7), (Op.RETRACT, 7)]


def test_offered_again_a_withheld_pupil_is_not_upserted(world):
    """Keys of a batch that was called off are queued as permissions stand now."""
    world.consent("1001", "1002")
    world.read(marks(["1001", "1002"], mark(), mark("1002")))
    world.deliver()
    world.withdraw("1002")
    with world.tx() as tx:
        tx.outbox.doubt("ed", {(Kind.MARK, record.key): 9 for record in (mark(), mark("1002"))}, world.clock.now())
        offer_again(world.wiring, tx, "ed", [(Kind.MARK, mark().key), (Kind.MARK, mark("1002").key)])
        taken = {item.entry.key: item.entry.op for item in tx.outbox.take("ed", 9)}
    assert taken == {mark().key: Op.UPSERT, mark("1002").key: Op.RETRACT}


def test_a_turn_concerns_the_pupils_own_record_and_all_he_owns(world):
    """With a consent goes the pupil's own record, his marks and final marks: three records, told in the audit."""
    world.read(roster(school_class(), pupil()), feed=Feed.ROSTER)
    world.read(marks(["1001"], mark()))
    world.read(finals(["1001"], final_mark()), feed=Feed.FINALS)
    world.consent("1001")
    assert world.audit("consent.took_effect")[-1].details["records"] == 3
    world.deliver()
    assert {kind for kind, _ in world.ed.live()} == {"school_class", "pupil", "mark", "final_mark"}


def test_following_twice_changes_nothing(world):
    """A decision takes effect once."""
    world.consent("1001")
    before = len(world.audit())
    with world.tx() as tx:
        assert follow_consents(world.wiring, tx).lets_pass("1001")
    assert len(world.audit()) == before


def test_another_consent_in_place_of_one_in_force_moves_no_record(world):
    """A renewed consent is noted, but what is delivered is neither raised nor sent again."""
    world.consent("1001")
    world.read(marks(["1001"], mark()))
    world.deliver()
    world.clock.move(days=1)
    world.consent("1001")
    world.deliver()
    assert len(world.ed.requests) == 1
    assert world.audit("consent.took_effect")[-1].details == {
        "pupil": world.wiring.keyring.pseudonym("1001"),
        "scope": "results",
        "allowed": True,
        "ground": "granted",
        "consent": 2,
        "records": 0,
    }


def everything(world, sink="region"):
    """Offer a sink all that is known."""
    with world.tx() as tx:
        return offer_everything(world.wiring, tx, sink)


def test_a_new_sink_is_offered_all_that_is_known_and_may_leave(tmp_path, monkeypatch):
    """A sink that was added later gets every live record of the school, page by page, but none of a withheld pupil."""
    monkeypatch.setattr(module, "PAGE", 2)
    before = World(tmp_path)
    before.consent("1001")
    before.read(roster(school_class(), pupil()), feed=Feed.ROSTER)
    before.read(marks(["1001", "1002"], mark(), mark(lesson_id="78"), mark("1002")))
    before.read(marks(["1001", "1002"], mark(), mark("1002")))
    before.settle_down()
    before.close()
    world = World(tmp_path, sinks=("ed", "region"), seed=1)
    assert everything(world) == 3
    world.settle_down()
    assert world.sinks["region"].live() == before.ed.live()
    assert world.seen("region") == {mark().key: "5"}
    assert world.ed.requests == []
    world.close()


def test_offering_everything_twice_sends_nothing_twice(world):
    """What the sink holds already is not queued, and what waits is not doubled."""
    world.consent("1001")
    world.read(marks(["1001"], mark(), mark(lesson_id="78")))
    assert everything(world, "ed") == 2
    assert world.waiting() == {"ed": 2}
    world.deliver()
    assert everything(world, "ed") == 0
    world.deliver()
    assert len(world.ed.requests) == 1


def test_offering_everything_opens_no_hold(world):
    """A rewriting that waits for approval goes on waiting when everything is offered."""
    world.consent("1001")
    world.read(marks(["1001"], *(mark(lesson_id=str(number)) for number in range(10))))
    world.deliver()
    world.guarded(STRICT)
    world.read(marks(["1001"], *(mark(raw="2", lesson_id=str(number)) for number in range(10))))
    assert everything(world, "ed") == 0
    world.deliver()
    assert set(world.seen().values()) == {"5"}


def test_a_change_of_what_waits_for_approval_waits_too(world):
    """One more change of a record in a held mass does not escape approval; taken back, it needs none."""
    world.consent("1001")
    world.read(marks(["1001"], *(mark(lesson_id=str(number)) for number in range(10))))
    world.deliver()
    world.guarded(STRICT)
    rewritten = [mark(raw="2", lesson_id=str(number)) for number in range(10)]
    world.read(marks(["1001"], *rewritten))
    world.read(marks(["1001"], mark(raw="3", lesson_id="0"), mark(lesson_id="1"), *rewritten[2:]))
    world.deliver()
    assert set(world.seen().values()) == {"5"}
    assert approve(world.wiring, world.batches("held")[0].batch) == 9
    world.deliver()
    assert sorted(world.seen().values()) == ["2"] * 8 + ["3", "5"]
