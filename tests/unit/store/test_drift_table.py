"""Drift on disk."""

from datetime import timedelta

from ejsync.domain.standing import ELSEWHERE, Drifted
from ejsync.store.drift_table import MOST_FINDINGS


def test_counts_add_up_and_the_first_sight_stays(world):
    """Seen again a finding counts on and moves its last sight only; what is new begins with this sight."""
    first = world.clock.now()
    with world.tx() as tx:
        tx.drift.note("getmarks", {("a.*.b", "key:string"): 2}, first)
    world.clock.move(hours=1)
    then = first + timedelta(hours=1)
    with world.tx() as tx:
        tx.drift.note("getmarks", {("a.*.b", "key:string"): 3, ("a.*.b", "key:null"): 1}, then)
        tx.drift.note("getdiary", {("a.*.b", "key:string"): 1}, then)
        assert tx.drift.all() == [
            Drifted("getdiary", "a.*.b", "key:string", 1, then, then),
            Drifted("getmarks", "a.*.b", "key:null", 1, then, then),
            Drifted("getmarks", "a.*.b", "key:string", 5, first, then),
        ]


def test_no_drift_writes_nothing(world):
    """A page as it should be leaves no trace."""
    with world.tx() as tx:
        tx.drift.note("getmarks", {}, world.clock.now())
        assert tx.drift.all() == []


def test_every_school_has_its_own(world):
    """What one school's journal holds is not told of another's."""
    with world.tx() as tx:
        tx.drift.note("getmarks", {("a", "key:string"): 1}, world.clock.now())
    with world.store.begin("school-8") as tx:
        assert tx.drift.all() == []
        tx.drift.note("getmarks", {("a", "key:string"): 4}, world.clock.now())
    with world.tx() as tx:
        assert [row.count for row in tx.drift.all()] == [1]


def test_a_source_that_makes_up_keys_does_not_fill_the_disk(world):
    """Beyond a bound new findings of a method are counted together; the known ones count on by themselves."""
    for page in range(3):
        keys = {(f"x{page}_{number}", "key:number"): 1 for number in range(MOST_FINDINGS // 2 + 10)}
        with world.tx() as tx:
            tx.drift.note("getmarks", {**keys, ("x0_0", "key:number"): 1}, world.clock.now())
    with world.tx() as tx:
        rows = {(row.place, row.found): row.count for row in tx.drift.all()}
    assert len(rows) == MOST_FINDINGS + 1
    assert rows["x0_0", "key:number"] == 3
    assert sum(rows.values()) == 3 * (MOST_FINDINGS // 2 + 10) + 2
    assert rows[ELSEWHERE] == sum(rows.values()) - MOST_FINDINGS - 2
