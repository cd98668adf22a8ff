"""The whole flow under consents: what a family has not allowed, or no longer allows, is not at the diary."""

from dataclasses import replace
from datetime import date

import pytest

from ejsync.domain.consent import Decision, Scope
from ejsync.domain.records import Feed, Kind
from ejsync.errors import SinkUnavailable
from ejsync.pipeline.claim import claim
from ejsync.pipeline.deliver import deliver
from ejsync.pipeline.offer import follow_consents
from ejsync.pipeline.replay import approve, discard
from tests.doubles.records import broken_mark, final_mark, finals, lesson, lessons, mark, pupil, roster, school_class
from tests.doubles.records import marks as page
from tests.doubles.sink import Killed
from tests.doubles.world import STRICT, World

KEY = mark().key


def test_nothing_of_a_pupil_without_consent_is_sent(world):
    """A pupil whose family decided nothing is withheld and counted; what is nobody's result goes."""
    world.read(roster(school_class(), pupil()), feed=Feed.ROSTER)
    report = world.read(page(["1001"], mark()))
    assert report.counts["withheld"] == 1
    world.deliver()
    assert set(world.ed.live()) == {("school_class", "10А")}


@pytest.mark.parametrize(
    "fields",
    [
        {"decision": Decision.REFUSED},
        {"scope": Scope.CONTACTS},
        {"valid_from": date(2026, 11, 17)},
        {"valid_until": date(2026, 11, 15)},
    ],
    ids=["refused", "other-scope", "not-yet", "expired"],
)
def test_a_decision_that_does_not_allow_today_withholds(world, fields):
    """A refusal, a consent to something else, for later or for earlier opens nothing."""
    world.consent("1001", **fields)
    world.read(page(["1001"], mark()))
    world.deliver()
    assert world.ed.requests == []


def test_a_consent_given_later_sends_what_was_withheld(world):
    """With the consent all that is known of the pupil goes, without a new read."""
    world.read(page(["1001"], mark()))
    world.consent("1001")
    world.deliver()
    assert world.seen() == {KEY: "5"}


def test_a_consent_begins_and_ends_by_the_schools_calendar(world):
    """A consent opens and closes at midnight of the school's zone, without any read in between."""
    world.consent("1001", valid_from=date(2026, 11, 17), valid_until=date(2026, 11, 17))
    world.read(page(["1001"], mark()))
    world.clock.move(hours=12, minutes=59)  # 23:59 in Moscow
    world.deliver()
    assert world.seen() == {}
    world.clock.move(minutes=1)
    world.deliver()
    assert world.seen() == {KEY: "5"}
    world.clock.move(hours=23, minutes=59)
    world.deliver()
    assert world.seen() == {KEY: "5"}
    world.clock.move(minutes=1)
    world.deliver()
    assert world.seen() == {}


def test_a_withdrawal_retracts_everything_first_of_all(world):
    """After a withdrawal the pupil's records are retracted before anything else is sent."""
    world.consent("1001", "1002")
    world.read(roster(school_class(), pupil()), feed=Feed.ROSTER)
    world.read(page(["1001"], mark()))
    world.read(finals(["1001"], final_mark()), feed=Feed.FINALS)
    world.deliver()
    world.read(page(["1002"], mark("1002"), *(mark("1002", lesson_id=str(number)) for number in range(80))))
    world.withdraw("1001")
    world.deliver()
    first = world.ed.requests[1].items
    assert {item["kind"] for item in first if item["op"] == "retract"} == {"pupil", "mark", "final_mark"}
    assert {kind for kind, _ in world.ed.live()} == {"school_class", "mark"}


def test_withdrawn_before_sending_sends_nothing(world):
    """A consent withdrawn before its records were sent leaves nothing to send or to retract."""
    world.consent("1001")
    world.read(page(["1001"], mark()))
    world.withdraw("1001")
    world.deliver()
    assert world.ed.requests == []


def test_withdrawn_and_granted_again_is_complete_again(world):
    """After withdrawal and a new consent everything is at the diary again, under newer versions."""
    world.consent("1001")
    world.read(page(["1001"], mark()))
    world.deliver()
    world.withdraw("1001")
    world.deliver()
    assert world.seen() == {}
    world.clock.move(minutes=1)
    world.consent("1001")
    world.deliver()
    assert world.seen() == {KEY: "5"}
    assert world.ed.held["mark", KEY].version == 3


def test_withdrawn_and_granted_again_before_sending_sends_nothing(world):
    """A withdrawal taken back before the next delivery leaves the diary as it is."""
    world.consent("1001")
    world.read(page(["1001"], mark()))
    world.deliver()
    world.withdraw("1001")
    world.clock.move(minutes=1)
    world.consent("1001")
    world.deliver()
    assert len(world.ed.requests) == 1
    assert world.seen() == {KEY: "5"}


@pytest.mark.parametrize("fault", ["lost", "unavailable"])
def test_a_consent_withdrawn_under_a_batch_of_unknown_outcome(world, fault):
    """The stored bytes never go again; the withdrawn pupil is retracted, his batch-mates arrive."""
    world.consent("1001", "1002")
    world.read(page(["1001", "1002"], mark(), mark("1002")))
    world.ed.faults.append(fault)
    world.deliver()
    world.withdraw("1001")
    world.settle_down()
    assert world.seen() == {mark("1002").key: "5"}
    assert len({request.key for request in world.ed.requests}) == len(world.ed.requests)
    assert [row.last_error for row in world.batches("cancelled")] == ["consent"]


@pytest.mark.parametrize("fault", ["kill_before", "kill_after"])
def test_a_consent_withdrawn_while_the_process_is_dead(world, fault):
    """Killed in the middle of a push: the next instance asks consent again before the bytes would go again."""
    world.consent("1001")
    world.read(page(["1001"], mark()))
    world.ed.faults.append(fault)
    with pytest.raises(Killed):
        world.deliver()
    world.withdraw("1001")
    world.restart()
    world.settle_down()
    assert world.seen() == {}
    assert all(item["op"] == "retract" for request in world.ed.requests[1:] for item in request.items)


def test_withdrawn_and_granted_again_under_an_unknown_outcome(world):
    """Withdrawn and granted again while an answer is lost: the diary ends with what the journal says."""
    world.consent("1001")
    world.read(page(["1001"], mark(raw="5")))
    world.deliver()
    world.read(page(["1001"], mark(raw="4")))
    world.ed.faults.append("lost")
    world.deliver()
    world.withdraw("1001")
    world.clock.move(minutes=20)
    world.ed.faults.append("unavailable")
    world.deliver()
    world.consent("1001")
    world.read(page(["1001"], mark(raw="5")))
    world.settle_down()
    assert world.seen() == {KEY: "5"}


def test_a_lost_answer_before_a_refusal_is_not_forgotten(world):
    """Applied with a lost answer, then refused whole: a later withdrawal still retracts what may be there."""
    world.consent("1001")
    world.read(page(["1001"], mark()))
    world.ed.faults.extend(["lost", "refused"])
    world.settle_down()
    assert world.seen() == {KEY: "5"}
    world.withdraw("1001")
    world.settle_down()
    assert world.seen() == {}


def test_a_lost_answer_before_a_split_is_not_forgotten(world):
    """Applied with a lost answer, then refused whole and split: a withdrawal retracts both halves."""
    world.consent("1001")
    world.read(page(["1001"], mark(), mark(lesson_id="78")))
    world.ed.faults.extend(["lost", "refused"])
    world.deliver()
    world.clock.move(hours=1)
    pushes = iter((False, True))
    deliver(world.wiring, "ed", stopped=lambda: next(pushes))
    assert len(world.batches("split")) == 1
    world.withdraw("1001")
    world.settle_down()
    assert world.seen() == {}


def test_a_withdrawal_is_not_undone_by_a_clock_that_is_set_back(world):
    """What a family withdrew stays away although the clock now shows a time before the withdrawal."""
    world.consent("1001")
    world.read(page(["1001"], mark()))
    world.deliver()
    world.withdraw("1001")
    world.clock.move(hours=-1)
    world.deliver()
    assert world.seen() == {}


def test_a_consent_that_begins_between_asking_and_claiming_loses_nothing(world):
    """Retractions of an ended consent wait; in the midnight they are claimed in a new one begins: all is there."""
    world.wiring = replace(world.wiring, batch_items=2)
    world.consent("1001")
    many = [mark(lesson_id=str(number)) for number in range(5)]
    world.read(page(["1001"], *many))
    world.deliver()
    world.withdraw("1001")
    world.consent("1001", valid_from=date(2026, 11, 17))
    world.clock.move(hours=12, minutes=59)  # 23:59 in Moscow
    with world.tx() as tx:
        follow_consents(world.wiring, tx)
    world.clock.move(minutes=1)
    with world.tx() as tx:
        claim(world.wiring, tx, "ed")
    world.restart()
    world.settle_down()
    assert set(world.seen()) == {record.key for record in many}
    assert world.waiting() == {}


def test_the_end_of_a_consent_does_not_wait_for_a_later_mass(world):
    """A withdrawal's retractions that still wait for the diary are not held when the pupil's page is emptied."""
    world.consent("1001")
    world.guarded(STRICT)
    world.read(page(["1001"], *(mark(lesson_id=str(number)) for number in range(5))))
    world.deliver()
    world.withdraw("1001")
    world.read(page(["1001"], believable=True))
    world.deliver()
    assert world.seen() == {}


def test_withdrawn_and_granted_again_what_was_held_is_held_still(world):
    """A consent that ends and begins anew before the next delivery lets nothing go that waits for approval."""
    world.consent("1001")
    world.read(page(["1001"], *(mark(lesson_id=str(number)) for number in range(5))))
    world.deliver()
    world.guarded(STRICT)
    world.read(page(["1001"], *(mark(raw="2", lesson_id=str(number)) for number in range(5))))
    world.withdraw("1001")
    world.read(page(["1002"], mark("1002")))
    world.consent("1001")
    world.deliver()
    assert set(world.seen().values()) == {"5"}
    assert approve(world.wiring, world.batches("held")[0].batch) == 5
    world.deliver()
    assert set(world.seen().values()) == {"2"}


def test_a_withdrawal_passes_a_batch_that_the_diary_never_takes(world):
    """One batch that is answered with a failure for ever does not keep another pupil's withdrawal from the diary."""
    world.consent("1001", "1002")
    world.read(page(["1001"], mark()))
    world.deliver()
    world.read(page(["1002"], mark("1002")))
    push = world.ed.push

    def stubborn(school, parcel):
        if any(item.pupil == "1002" for item in parcel.items):
            raise SinkUnavailable(sink="ed", reason="HTTP 500")
        return push(school, parcel)

    world.ed.push = stubborn
    world.settle_down()
    world.withdraw("1001")
    world.settle_down(hours=1)
    assert world.seen() == {}
    world.ed.push = push
    world.settle_down()
    assert world.seen() == {mark("1002").key: "5"}


def test_a_withdrawal_out_of_a_batch_called_off_stays_urgent(world):
    """What a batch called off by a withdrawal carried is retracted before anything else that waits."""
    world.consent("1001", "1002")
    world.wiring = replace(world.wiring, batch_items=5)
    world.read(page(["1001"], *(mark(lesson_id=str(number)) for number in range(5))))
    world.ed.faults.append("lost")
    world.deliver()
    world.read(page(["1002"], *(mark("1002", lesson_id=str(number)) for number in range(20))))
    world.withdraw("1001")
    world.settle_down()
    assert {item["op"] for item in world.ed.requests[1].items} == {"retract"}
    assert {key.split("/")[0] for key in world.seen()} == {"1002"}


def test_a_withdrawal_does_not_wait_for_a_held_retraction(world):
    """A retraction that waits for approval goes at once when the pupil's consent is withdrawn; the rest waits on."""
    world.consent("1001", "1002")
    world.guarded(STRICT)
    many = [mark(who, lesson_id=str(number)) for who in ("1001", "1002") for number in range(5)]
    world.read(page(["1001", "1002"], *many))
    world.deliver()
    world.read(page(["1001", "1002"], believable=True))
    world.deliver()
    assert len(world.seen()) == 10
    world.withdraw("1001")
    world.deliver()
    assert {key.split("/")[0] for key in world.seen()} == {"1002"}
    assert len(world.seen()) == 5


def test_a_withdrawal_retracts_what_a_discarded_hold_left(world):
    """An operator gave a mass retraction up; a withdrawal retracts those records all the same."""
    world.consent("1001")
    world.guarded(STRICT)
    world.read(page(["1001"], *(mark(lesson_id=str(number)) for number in range(5))))
    world.deliver()
    world.read(page(["1001"], believable=True))
    discard(world.wiring, world.batches("held")[0].batch)
    world.deliver()
    assert len(world.seen()) == 5
    world.withdraw("1001")
    world.deliver()
    assert world.seen() == {}


def test_a_called_off_batch_does_not_open_a_hold(world):
    """A batch called off by one family's withdrawal does not let a held mass of others go."""
    world.consent("1001", "1002")
    world.guarded(STRICT)
    many = [mark("1002", lesson_id=str(number)) for number in range(5)]
    world.read(page(["1001", "1002"], mark(), *many))
    world.ed.faults.append("lost")
    world.deliver()
    world.read(page(["1002"], believable=True))
    assert len(world.batches("held")) == 1
    world.withdraw("1001")
    world.settle_down()
    assert len(world.seen()) == 5
    assert len(world.batches("held")) == 1


def test_the_class_of_a_pupil_is_no_reason_to_send_him(world):
    """What belongs to the class goes; the pupil's own record does not, whatever class he is in."""
    world.read(roster(school_class(), pupil()), feed=Feed.ROSTER)
    world.read(lessons(["10А"], lesson()), feed=Feed.TIMETABLE)
    world.deliver()
    assert {kind for kind, _ in world.ed.live()} == {"school_class", "lesson"}


def test_a_released_record_of_a_withheld_pupil_stays_here(world):
    """Quarantine is no way around consent."""
    world.read(page(["1001"], broken_mark()))
    with world.tx() as tx:
        [row] = tx.quarantine.find()
        assert row.broken.pupil == "1001"
    world.read(page(["1001"], mark()))
    world.deliver()
    assert world.ed.requests == []


def test_each_turn_of_a_consent_is_witnessed_once(world):
    """What took effect stands in the audit, under a pseudonym, with ground and number of the consent."""
    world.consent("1001")
    world.withdraw("1001")
    world.deliver()
    world.deliver()
    turns = [entry.details for entry in world.audit("consent.took_effect")]
    assert [(turn["allowed"], turn["ground"], turn["consent"]) for turn in turns] == [
        (True, "granted", 1),
        (False, "withdrawn", 1),
    ]
    assert {turn["pupil"] for turn in turns} == {world.wiring.keyring.pseudonym("1001")}


def test_a_withheld_pupil_at_two_diaries(tmp_path):
    """Both diaries are brought in line with a withdrawal, also the one that was away."""
    world = World(tmp_path, sinks=("ed", "region"))
    world.consent("1001")
    world.read(page(["1001"], mark()))
    world.deliver("ed")
    world.sinks["region"].faults.append("lost")
    world.deliver("region")
    world.withdraw("1001")
    world.settle_down()
    assert world.seen("ed") == world.seen("region") == {}
    assert world.sinks["region"].held[Kind.MARK, KEY].version == 2
    world.close()
