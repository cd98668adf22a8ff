"""kept_out: who was erased stays out of readings, and comes back above his old versions."""

import pytest

from ejsync.domain.changes import Change, Op
from ejsync.domain.erasure import Order
from ejsync.domain.records import Kind
from ejsync.domain.standing import Normalised
from ejsync.pipeline.erase import begin
from ejsync.pipeline.kept_out import above_floors, door, let_in, owners_let_in, whose
from ejsync.pipeline.normalise import normalise
from tests.doubles.erasing import HIM, MATE, filled
from tests.doubles.records import broken_mark, homework, mark, pupil

ORDER = Order("1001", "отзыв")


@pytest.mark.parametrize(
    ("place", "pupil_of_it"),
    [
        ((Kind.PUPIL, "1001", "school", None), "1001"),
        ((Kind.CONTACT, "1001/mother/email", "pupil:1001", "1001/contacts"), "1001"),
        ((Kind.HOMEWORK, "pupil:1001/2026-11-16/x/-/1", "pupil:1001", None), "1001"),
        ((Kind.LESSON_CHANGE, "pupil:1001/2026-11-16/1/-", "class:10А", None), "1001"),
        ((Kind.LESSON, "10А/2026-11-16/1/-", "class:10А", None), None),
        ((Kind.TEACHER, "501", "school", None), None),
    ],
)
def test_whose_a_record_is(place, pupil_of_it):
    """By its pupil, its owner, or a key of his alone; what is a class's is nobody's."""
    assert whose(*place) == pupil_of_it


def erased(world, *, lifted=False):
    """An erasure of pupil 1001 whose highest version was 7."""
    with world.tx() as tx:
        pseudonym = world.wiring.keyring.pseudonym("1001")
        tx.erasures.add(pseudonym, ORDER, 7, world.clock.now())
        if lifted:
            tx.erasures.lift(pseudonym, world.clock.now())


def test_everything_of_him_is_left_out_and_nothing_else(world):
    """Well records and broken ones are counted; those of class and class-mates stay."""
    erased(world)
    records = [pupil("1001"), pupil("1002"), mark("1001"), mark("1002"), broken_mark("1001", column=3), homework()]
    with world.tx() as tx:
        kept, count = let_in(world.wiring, tx, normalise(world.wiring, records))
    assert count == 3
    assert {entry.record.key for entry in kept.entries} == {"1002", mark("1002").key, homework().key}
    assert kept.broken == ()


def test_without_an_erasure_a_reading_is_untouched(world):
    """The very same reading is handed on."""
    normal = normalise(world.wiring, [mark("1001")])
    with world.tx() as tx:
        assert let_in(world.wiring, tx, normal) == (normal, 0)
        assert let_in(world.wiring, tx, Normalised((), ())) == (Normalised((), ()), 0)


def test_not_even_that_he_was_read_is_remembered(world):
    """Of the owners of a reading asked for before the erasure the others are noted."""
    filled(world)
    begin(world.wiring, Order(HIM, "отзыв"))
    with world.tx() as tx:
        assert owners_let_in(world.wiring, tx, [f"pupil:{HIM}", f"pupil:{MATE}", "class:10А"]) == [
            f"pupil:{MATE}", "class:10А",
        ]  # fmt: skip


def test_an_older_store_is_told_by_the_keys(world):
    """A store that knows nothing of the erasure keeps him out, because his key was destroyed; let in, he is let in."""
    with world.tx() as tx:
        tx.keys.prepare(["1001"])
        tx.keys.destroy(["1001"])
        assert door(world.wiring, tx, ["1001", "1002", None]).closed == {"1001"}
        tx.erasures.lift(world.wiring.keyring.pseudonym("1001"), world.clock.now())
        assert door(world.wiring, tx, ["1001"]).closed == frozenset()


def change(who, version):
    """A change of a mark."""
    return Change(Op.UPSERT, Kind.MARK, f"{who}/1", f"pupil:{who}", who, None, version, "f", b"{}")


def test_new_keys_of_who_came_back_begin_above_the_floor(world):
    """Only new ones, and only his."""
    erased(world, lifted=True)
    with world.tx() as tx:
        made = above_floors(world.wiring, tx, [change("1001", 1), change("1001", 12), change("1002", 1)])
    assert [one.version for one in made] == [8, 12, 1]
