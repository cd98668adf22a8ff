"""erase: destroy what is held of a pupil, here and at the diaries."""

from dataclasses import replace

import orjson
import pytest

from ejsync.domain.batches import BatchState
from ejsync.domain.erasure import Step
from ejsync.domain.records import Feed, Kind
from ejsync.errors import BadInput, NotFound
from ejsync.pipeline.erase import advance, begin, leave_out, returned
from ejsync.pipeline.kept_out import door
from ejsync.store.backup import back_up, place_for
from ejsync.store.erasure_table import ErasureTable
from ejsync.store.old_files import acts_of
from ejsync.store.restoring import restore
from ejsync.store.sweeping import flush
from tests.doubles.erasing import (
    HIM,
    MATE,
    ORDER,
    TOKENS,
    commented,
    filled,
    full_name,
    in_plain_text,
    paperwork,
    places,
    read_all,
    spilt,
)
from tests.doubles.records import mark, marks, pupil, roster, school_class
from tests.doubles.vault import keys_of, sealed_store


class Died(BaseException):
    """The process ended here."""


def erased(world):
    """Order the erasure and let everything go its way."""
    number = begin(world.wiring, ORDER).number
    for sink in world.sinks:
        world.deliver(sink)
    return advance(world.wiring, number, paperwork(world))


def test_nothing_of_him_is_left_anywhere(world):
    """Store, free pages, recent writes, backups, files beside: no token of his; nor his number, but in the act."""
    filled(world)
    backup = place_for(world.store.path, world.clock.now(), "before-0006")
    back_up(world.store.path, backup, world.clock.now())
    in_plain_text(backup)
    spilt(world.store.path)
    world.withdraw(HIM)
    assert {name for token in TOKENS for name in places(world, token)} == {backup.name, "ejsync.db"}
    assert places(world, HIM) >= {backup.name, "ejsync.db", "ejsync.db.withdrawn"}
    done = erased(world)
    assert done.step is Step.DONE
    assert places(world, *TOKENS) == set()
    assert places(world, HIM) == {
        f"act-school-7-1-{done.pseudonym[:8]}-{done.begun_at:%Y%m%dT%H%M%SZ}.json"
    }  # in the PDF it is compressed


def test_his_class_mate_stays_as_he_was(world):
    """Records, permission and what the diary shows of another pupil are untouched."""
    filled(world)
    before = {key: text for key, text in world.seen().items() if key.startswith(MATE)}
    erased(world)
    assert world.seen() == before != {}
    with world.tx() as tx:
        assert tx.erasures.rows_of(HIM) == {}
        assert [row.pupil for row in tx.erasures.known_of(MATE)] == [MATE] * 3
        assert tx.consents.in_effect([MATE])[MATE].allowed


def test_the_diary_is_asked_once_all_retractions_are_there(world):
    """While anything waits it is not asked; then its confirmation is kept in the audit."""
    filled(world)
    number = begin(world.wiring, ORDER).number
    assert advance(world.wiring, number, paperwork(world)).step is Step.BEGUN
    assert world.ed.erasures == []
    world.deliver()
    assert advance(world.wiring, number, paperwork(world)).step is Step.DONE
    assert world.ed.erasures == [HIM]
    [told] = world.audit("erasure.told")
    assert (told.details["sink"], told.details["answer"]) == ("ed", "confirmed")


def test_the_audit_verifies_and_knows_a_pseudonym_only(world):
    """Each step is witnessed in the unbroken chain, and no entry has his number."""
    filled(world)
    erased(world)
    events = [one.event for one in world.audit() if one.event.startswith("erasure.")]
    steps = ["begun", "told", "deleted", "swept", "witnessed", "done"]
    assert events == [f"erasure.{step}" for step in steps]
    assert not any(HIM in str(entry.details) for entry in world.audit())


def test_a_diary_that_fails_is_asked_again_later(world):
    """Its failure holds the erasure up, and it is not pressed; once it answers the erasure goes on."""
    filled(world)
    number = begin(world.wiring, ORDER).number
    world.deliver()
    world.ed.erasing = "503"
    for _ in range(3):
        assert advance(world.wiring, number, paperwork(world)).step is Step.BEGUN
    assert len(world.ed.erasures) == 1
    world.ed.erasing = ""
    world.clock.move(hours=1)
    assert advance(world.wiring, number, paperwork(world)).step is Step.DONE


def test_a_diary_that_cannot_be_asked_holds_nothing_up(two_diaries):
    """It has the retractions; that it cannot erase is told."""
    filled(two_diaries)
    two_diaries.sinks["region"].erasing = "silent"
    done = erased(two_diaries)
    assert {sink: told["answer"] for sink, told in done.told.items()} == {
        "ed": "confirmed",
        "region": "not_representable",
    }
    assert not any(HIM in key for _, key in two_diaries.sinks["region"].live())


def test_a_batch_under_way_is_remade_without_him(world):
    """What was packed and not taken is called off; his class-mates' records go without his."""
    filled(world, delivered=False)
    world.ed.faults.append("503")
    world.deliver()
    begin(world.wiring, ORDER)
    world.settle_down()
    assert {key.partition("/")[0] for key in world.seen()} == {MATE}
    later = [item for request in world.ed.requests[1:] for item in request.items]
    assert {item["op"] for item in later if HIM in item["key"]} == {"retract"}


def test_an_answer_that_was_lost_brings_nothing_back(world):
    """A batch that the diary took without our knowing is followed by retractions and the erasure."""
    filled(world, delivered=False)
    world.ed.faults.append("lost")
    world.deliver()
    number = begin(world.wiring, ORDER).number
    world.settle_down()
    assert advance(world.wiring, number, paperwork(world)).step is Step.DONE
    assert {key.partition("/")[0] for key in world.seen()} == {MATE}


def test_reading_does_not_bring_him_back(world):
    """While the journal still shows him nothing of his is taken in, not even into quarantine; it is counted."""
    filled(world)
    erased(world)
    read_all(world)
    report = world.read(marks([HIM], commented()))
    assert report.counts["kept_out"] == 1
    with world.tx() as tx:
        assert tx.erasures.rows_of(HIM) == {}
        assert tx.records.roster().classes == {"10А": (MATE,)}
    assert places(world, *TOKENS) == set()


def test_reading_during_an_erasure_does_not_either(world):
    """Between its steps nothing of his is taken in, and nothing is held for approval."""
    filled(world)
    world.guarded()
    number = begin(world.wiring, ORDER).number
    read_all(world)
    assert world.batches("held") == []
    world.deliver()
    advance(world.wiring, number, paperwork(world))
    assert places(world, *TOKENS) == set()


def test_a_new_consent_lets_him_in_above_every_old_version(world):
    """He comes back whole; no version goes back, so nothing is stale, and no number of a consent is given twice."""
    filled(world)
    for raw in ("4", "3", "2"):
        world.read(marks([HIM], mark(HIM, raw)))
        world.deliver()
    erased(world)
    world.consent(HIM)
    read_all(world)
    world.settle_down()
    assert {key.partition("/")[0] for key in world.seen()} == {HIM, MATE}
    assert world.ed.regressions == []
    with world.tx() as tx:
        assert [one.number for one in tx.consents.of([HIM])[HIM]] == [3]
        assert not tx.store_marks.in_doubt("ed")


def test_no_consent_is_taken_while_he_is_being_erased(world):
    """It would be deleted with all the rest."""
    filled(world)
    begin(world.wiring, ORDER)
    with pytest.raises(BadInput):
        world.consent(HIM)


def test_an_unknown_pupil_is_told_so(world):
    """Nothing is begun."""
    with pytest.raises(NotFound):
        begin(world.wiring, replace(ORDER, pupil="4711"))


def test_ordering_it_twice_is_one_erasure(world):
    """A second order goes on with the first; after the end there is nothing left to erase."""
    filled(world)
    assert begin(world.wiring, ORDER).number == begin(world.wiring, ORDER).number
    erased(world)
    with world.tx() as tx:
        assert tx.erasures.unfinished() == []


def dying(paper, at):
    """Surfaces that end the process before or after one of their works."""

    class Dying:
        def __getattr__(self, name):
            def work(*args):
                if at == f"before {name}":
                    raise Died
                done = getattr(paper, name)(*args)
                if at == f"after {name}":
                    raise Died
                return done

            return work

    return Dying()


STEPS = [f"{when} {work}" for work in ("sweep", "write_act", "flush") for when in ("before", "after")]


@pytest.mark.parametrize("at", STEPS)
def test_killed_outside_of_the_store_it_goes_on(world, at):
    """Whatever file was being written when the process died, the next one brings the erasure to its end."""
    filled(world)
    number = begin(world.wiring, ORDER).number
    world.deliver()
    with pytest.raises(Died):
        advance(world.wiring, number, dying(paperwork(world), at))
    world.restart()
    assert advance(world.wiring, number, paperwork(world)).step is Step.DONE
    assert places(world, *TOKENS) == set()
    assert world.audit("erasure.done")


@pytest.mark.parametrize("commit", range(9))
def test_killed_before_any_commit_it_goes_on(world, monkeypatch, commit):
    """Each transaction of an erasure may be the one that never commits."""
    filled(world)
    commits = iter(range(100))
    begun = world.store.begin

    from contextlib import contextmanager

    @contextmanager
    def failing(school):
        with begun(school) as tx:
            yield tx
            if next(commits) == commit:
                raise Died

    object.__setattr__(world, "wiring", replace(world.wiring, store=_Failing(world.store, failing)))
    died = _until_dead(world)
    world.wiring = replace(world.wiring, store=world.store)
    world.restart()
    number = begin(world.wiring, ORDER).number if died else 1
    world.deliver()
    assert advance(world.wiring, number, paperwork(world)).step is Step.DONE
    assert places(world, *TOKENS) == set()


class _Failing:
    def __init__(self, store, begin):
        self.begin, self.read = begin, store.read


def _until_dead(world):
    try:
        erased(world)
    except Died:
        return True
    return False


def test_who_is_back_with_an_older_copy_is_noticed(world):
    """A pupil of whom the store holds something, whose key is destroyed and whose erasure it does not know."""
    filled(world)
    assert returned(world.wiring) == []
    with world.tx() as tx:
        tx.keys.destroy([HIM])
    assert returned(world.wiring) == [HIM]
    begin(world.wiring, ORDER)
    assert returned(world.wiring) == []
    assert flush(world.store.path)


def test_a_household_is_not_mistaken_for_a_mass(world):
    """The roster without him concludes nothing about others."""
    filled(world)
    erased(world)
    world.guarded()
    world.read(roster(school_class(), full_name(), pupil(MATE)), feed=Feed.ROSTER)
    with world.tx() as tx:
        assert tx.records.live_counts()[Kind.PUPIL] == 1


# -- more than once, and other diaries than those of the settings -----------------------------------------------------


def test_who_is_erased_twice_stays_erased_with_a_copy_from_between(world):
    """The keys count erasures: a copy that knows the first one only, and that he came back, is noticed."""
    filled(world)
    erased(world)
    world.consent(HIM)
    read_all(world)
    between = world.store.path.with_name("between.copy")
    back_up(world.store.path, between, world.clock.now())
    world.deliver()
    erased(world)
    put_back(world, between)
    assert returned(world.wiring) == [HIM]
    with world.tx() as tx:
        assert door(world.wiring, tx, [HIM]).closed == {HIM}


def test_killed_between_key_and_commit_it_goes_on_under_the_same_order(world, monkeypatch):
    """The key is gone and nothing else is: the act still says who ordered it and why, and the erasure is one."""
    filled(world)
    with monkeypatch.context() as patch:
        patch.setattr(ErasureTable, "advance", dies)
        with pytest.raises(Died):
            begin(world.wiring, ORDER)
    with world.tx() as tx:
        assert tx.keys.is_destroyed(HIM)
        [left] = tx.erasures.unfinished()
        assert (left.step, left.order) == (Step.ORDERED, ORDER)
    assert returned(world.wiring) == []
    assert begin(world.wiring, ORDER).number == left.number
    world.deliver()
    assert advance(world.wiring, left.number, paperwork(world)).step is Step.DONE


def put_back(world, copy):
    """Restore the store from a copy."""
    path = world.store.path
    world.close()
    restore(path, copy, world.clock, keys_of(path))
    world.store = sealed_store(path, world.clock)
    world.wiring = replace(world.wiring, store=world.store, epoch=world.store.acquire())


def dies(*_, **__):
    """End the process here."""
    raise Died


def without(world, sink):
    """The settings name a diary no more."""
    return replace(world.wiring, sinks={name: one for name, one in world.wiring.sinks.items() if name != sink})


def test_a_diary_that_left_the_settings_and_holds_him_is_waited_for(two_diaries):
    """The erasure goes on once it is back and has erased him."""
    world = two_diaries
    filled(world)
    number = begin(without(world, "region"), ORDER).number
    world.deliver("ed")
    assert advance(without(world, "region"), number, paperwork(world)).step is Step.BEGUN
    world.deliver("region")
    assert advance(world.wiring, number, paperwork(world)).step is Step.DONE
    assert world.sinks["region"].erasures == [HIM]
    assert not any(HIM in key for _, key in world.sinks["region"].live())


@pytest.mark.parametrize("failed", [False, True])
def test_a_diary_that_is_left_out_holds_nothing_up_and_is_in_the_act(two_diaries, failed):
    """Decommissioned, or failing for ever: people tell it, the act says so, and the rest is done."""
    world = two_diaries
    filled(world)
    number, rest = begin(world.wiring, ORDER).number, without(world, "region")
    world.deliver("ed")
    if failed:
        world.deliver("region")
        world.sinks["region"].erasing = "503"
        advance(world.wiring, number, paperwork(world))
    assert advance(rest, number, paperwork(world)).step is Step.BEGUN
    leave_out(rest, number, ["region"])
    assert advance(rest, number, paperwork(world)).step is Step.DONE
    [act] = [path for path in acts_of(world.store.path).iterdir() if path.suffix == ".json"]
    told = {one["sink"]: one["answer"] for one in orjson.loads(act.read_bytes())["recipients"]}
    assert "подтвердил" in told["ed"]
    assert "иным способом" in told["region"]


def test_a_diary_that_has_nothing_to_do_with_it_cannot_be_left_out(world):
    """A mistyped name is told."""
    filled(world)
    with pytest.raises(NotFound):
        leave_out(world.wiring, begin(world.wiring, ORDER).number, ["regoin"])


def test_junk_among_the_key_copies_stops_nothing_and_is_told(world):
    """What does not open as a key file is named as unreachable in the act."""
    filled(world)
    junk = world.store.path.parent / "backups" / "old.keys"
    junk.parent.mkdir(exist_ok=True)
    junk.write_bytes(b"kept by a person" * 500)
    assert erased(world).found["swept"]["unreachable"] == [junk.name]


def test_a_hold_of_his_alone_is_called_off(world):
    """An operator is not asked to decide about a batch in which nothing waits any more."""
    filled(world)
    his = [mark(HIM, lesson_id=str(number)) for number in range(9)]
    world.read(marks([HIM], *his))
    world.deliver()
    world.guarded()
    world.read(marks([HIM], his[0]))
    with world.tx() as tx:
        assert len(tx.batches.find((BatchState.HELD,))) == 1
    erased(world)
    with world.tx() as tx:
        assert tx.batches.find((BatchState.HELD,)) == []
