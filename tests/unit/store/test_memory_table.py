"""What a source remembers, as sealed bytes."""


def test_a_name_holds_its_latest_value(world):
    """What is kept under a name replaces what was there; what is forgotten is gone."""
    with world.tx() as tx:
        assert tx.memory.recall("token/bridge") is None
        tx.memory.keep("token/bridge", b"one", world.clock.now())
        tx.memory.keep("token/bridge", b"two", world.clock.now())
        tx.memory.keep("rights/bridge", b"three", world.clock.now())
        assert tx.memory.recall("token/bridge") == b"two"
        tx.memory.forget("token/bridge")
        tx.memory.forget("token/unknown")
        assert tx.memory.recall("token/bridge") is None
        assert tx.memory.recall("rights/bridge") == b"three"


def test_schools_do_not_share_memories(world):
    """The same name of another school is another memory."""
    with world.tx() as tx:
        tx.memory.keep("token/bridge", b"one", world.clock.now())
    with world.store.begin("school-8") as tx:
        assert tx.memory.recall("token/bridge") is None
        tx.memory.forget("token/bridge")
    with world.tx() as tx:
        assert tx.memory.recall("token/bridge") == b"one"
