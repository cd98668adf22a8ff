"""What the store remembers of itself."""


def test_a_doubt_lasts_until_each_sink_is_compared_whole(world):
    """A comparison begun before the doubt ends nothing; one begun after it ends the doubt about its sink alone."""
    with world.tx() as tx:
        assert not tx.store_marks.in_doubt("ed")
        early = world.clock.now()
        world.clock.move(minutes=1)
        tx.store_marks.doubt("copy", world.clock.now())
        tx.store_marks.compared("ed", early)
        assert tx.store_marks.in_doubt("ed")
        world.clock.move(minutes=1)
        tx.store_marks.compared("ed", world.clock.now())
        assert (tx.store_marks.in_doubt("ed"), tx.store_marks.in_doubt("region")) == (False, True)
        world.clock.move(minutes=1)
        tx.store_marks.doubt("copy", world.clock.now())
        assert tx.store_marks.in_doubt("ed")


def test_a_mark_is_one_school_s(world):
    """What is marked for a school is not marked for another."""
    with world.tx() as tx:
        tx.store_marks.put("x", "1", world.clock.now())
        assert tx.store_marks.get("x") == ("1", world.clock.now())
    with world.store.begin("lyceum") as tx:
        assert tx.store_marks.get("x") is None
    with world.tx() as tx:
        tx.store_marks.drop("x")
        assert tx.store_marks.get("x") is None
