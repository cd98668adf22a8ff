"""Erasures on SQL."""

import pytest
from sqlalchemy import text

from ejsync.domain.erasure import KeptOut, Order, Step
from ejsync.errors import LeaseLost
from tests.doubles.erasing import HIM, MATE, filled
from tests.doubles.records import mark, marks

NAME, ORDER = "a1" * 8, Order("1001", "отзыв", "14", "директор")


@pytest.fixture
def number(world):
    """An erasure that has begun."""
    with world.tx() as tx:
        return tx.erasures.add(NAME, ORDER, 5, world.clock.now())


def test_the_order_is_sealed_and_forgotten_with_the_act(world, number):
    """Its words stand in no column in plain text; once the act is written the store does not know them any more."""
    with world.tx() as tx:
        raw = tx.erasures.connection.execute(text("SELECT payload FROM erasure")).scalar_one()
        assert "отзыв".encode() not in raw
        found = tx.erasures.get(number)
        assert found.order == ORDER
        for step in (Step.TOLD, Step.DELETED, Step.SWEPT, Step.WITNESSED):
            found = tx.erasures.advance(found, step, world.clock.now())
        assert (found.order, found.step) == (None, Step.WITNESSED)


def test_two_processes_take_a_step_once(world, number):
    """Who comes second finds that another went on."""
    with world.tx() as tx:
        before = tx.erasures.get(number)
        tx.erasures.advance(before, Step.TOLD, world.clock.now(), {"a": 1})
    with pytest.raises(LeaseLost), world.tx() as tx:
        tx.erasures.advance(before, Step.TOLD, world.clock.now())


def test_what_diaries_said_is_added_up(world, number):
    """Each keeps its own answer."""
    with world.tx() as tx:
        tx.erasures.note(number, "ed", {"answer": "confirmed"})
        tx.erasures.note(number, "region", {"error": "EJ-301"})
        assert tx.erasures.get(number).told == {"ed": {"answer": "confirmed"}, "region": {"error": "EJ-301"}}


def test_who_is_kept_out_and_above_what_he_comes_back(world, number):
    """Kept out until he is let in; only then his floor counts. Another school knows nothing of it."""
    with world.tx() as tx:
        assert (tx.erasures.kept_out(), tx.erasures.floors()) == ({NAME: KeptOut(1, closed=True)}, {})
        tx.erasures.lift(NAME, world.clock.now())
        assert (tx.erasures.kept_out(), tx.erasures.floors()) == ({NAME: KeptOut(1, closed=False)}, {NAME: 5})
    with world.store.begin("lyceum") as tx:
        assert tx.erasures.kept_out() == {}


def test_his_rows_are_counted_and_deleted(world):
    """Counts by table before, none after; the floor is the highest version of a key of his."""
    filled(world)
    for raw in ("4", "3"):
        world.read(marks([HIM], mark(HIM, raw)))
        world.deliver()
    with world.tx() as tx:
        rows, others = tx.erasures.rows_of(HIM), tx.erasures.rows_of(MATE)
        assert {one.kind.value: one.count for one in tx.erasures.held_of(HIM)}["pupil"] == 1
        assert tx.erasures.pupils() == {HIM, MATE}
        assert tx.erasures.scrub(HIM, tx.erasures.add(NAME, ORDER, 0, world.clock.now())) == rows
        assert (tx.erasures.rows_of(HIM), tx.erasures.rows_of(MATE)) == ({}, others)
        assert tx.erasures.get(1).floor == 4


def test_what_is_on_its_way_is_known(world):
    """Waiting for a diary or travelling to it; another pupil's changes count for nothing."""
    filled(world, delivered=False)
    with world.tx() as tx:
        assert (tx.erasures.waits(HIM, "ed"), tx.erasures.waits("4711", "ed")) == (True, False)
        assert tx.erasures.batches_of(HIM) == []
    world.ed.faults.append("503")
    world.deliver()
    with world.tx() as tx:
        [batch] = tx.erasures.batches_of(HIM)
        assert tx.erasures.batches_of(HIM, "region") == []
    world.settle_down()
    with world.tx() as tx:
        assert not tx.erasures.waits(HIM, "ed")
        assert batch
