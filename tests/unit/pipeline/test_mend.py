"""What can be done about a difference, and how far each repair goes."""

from dataclasses import replace

import pytest

from ejsync.domain.changes import Known
from ejsync.domain.comparing import Difference, Finding, Holding
from ejsync.domain.consent import NOBODY_ASKED
from ejsync.domain.records import Feed, Kind
from ejsync.domain.standing import Delivered
from ejsync.pipeline.gate import Gate
from ejsync.pipeline.mend import Cure, Ledger, Mended, Repair, mend, within
from tests.doubles.records import homework, homeworks

FP, KEY = "a" * 32, (Kind.MARK, "k")
LIVE = Known(*KEY, "pupil:1001", "1001", None, 5, FP, gone=False)
GONE = replace(LIVE, gone=True)
OPEN = Gate({"1001": replace(NOBODY_ASKED, allowed=True)})
SHUT = Gate({})


def differing(theirs):
    """A key that the diary holds otherwise than we remember."""
    return Difference(Finding.DIFFERS, *KEY, None, theirs)


@pytest.mark.parametrize(
    ("known", "gate", "theirs", "cure"),
    [
        (LIVE, OPEN, None, Cure.SEND),
        (LIVE, OPEN, Holding("k", 4, FP), Cure.SEND),
        (LIVE, OPEN, Holding("k", 5, "b" * 32), Cure.ASK),
        (LIVE, OPEN, Holding("k", None, None), Cure.ASK),
        (LIVE, SHUT, Holding("k", 9, FP), Cure.SEND),
        (GONE, OPEN, Holding("k", 4, FP), Cure.RETRACT),
        (GONE, OPEN, Holding("k", 7, FP), Cure.ASK),
        (GONE, OPEN, None, Cure.SEND),
        (None, OPEN, Holding("k", 1, FP), Cure.TELL),
        (None, OPEN, None, Cure.SEND),
    ],
)
def test_each_difference_has_its_cure(known, gate, theirs, cure):
    """Losses are sent or taken away again, a diary ahead of us is asked about, a stranger's key is told."""
    ledger = Ledger({KEY: known} if known else {}, gate)
    assert ledger.cure(differing(theirs)) is cure


def test_the_end_of_a_consent_is_no_retraction_of_a_mass():
    """What is gone may be held; what may not leave waits for nobody."""
    theirs = Holding("k", 4, FP)
    assert Ledger({KEY: GONE}, OPEN).retracts(differing(theirs))
    assert not Ledger({KEY: GONE}, SHUT).retracts(differing(theirs))
    assert not Ledger({KEY: LIVE}, OPEN).retracts(differing(theirs))


def test_each_repair_goes_so_far():
    """Nothing by looking, losses by night, all but strangers' keys by hand."""
    reach = {repair: {cure for cure in Cure if within(repair, cure)} for repair in Repair}
    assert reach == {
        Repair.NOTHING: set(),
        Repair.LOST: {Cure.SEND, Cure.RETRACT},
        Repair.ALL: {Cure.SEND, Cure.RETRACT, Cure.ASK},
    }


def test_mending_remembers_what_the_diary_really_holds(world):
    """After a repair `delivered` is the truth as it was told, and the key waits with what should be there."""
    world.read(homeworks(["10А"], homework()), feed=Feed.HOMEWORK)
    world.deliver()
    key = (Kind.HOMEWORK, homework().key)
    theirs = Difference(Finding.DIFFERS, *key, None, Holding(key[1], 3, "b" * 32))
    done = Mended()
    with world.tx() as tx:
        mend(world.wiring, tx, "ed", [theirs], done)
        assert tx.outbox.delivered("ed", [key]) == {key: Delivered(3, "b" * 32, live=True)}
        assert tx.records.known_keys([key])[key].version == 4
    assert (done.queued, done.held, world.waiting()) == (1, 0, {"ed": 1})
