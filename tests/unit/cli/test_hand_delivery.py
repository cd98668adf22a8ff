"""A person asks to send now."""

from ejsync.cli.hand_delivery import by_hand, decisions, last_error
from tests.doubles.records import lesson, lessons


def test_after_a_mended_token_a_person_need_not_wait(world):
    """The round by hand goes at once where the daemon's would wait, and then no error is left."""
    world.ed.faults.append("auth")
    world.read(lessons(["10А"], lesson()))
    world.deliver()
    assert last_error(world.wiring, "ed") == "EJ-403"
    assert world.deliver().batches == 0
    assert by_hand(world.wiring, "ed", lambda _items: None).batches == 1
    assert last_error(world.wiring, "ed") is None


def test_the_register_of_decisions_is_counted(world):
    """Nobody asked is none."""
    assert decisions(world.wiring) == 0
    world.consent("1001")
    assert decisions(world.wiring) == 1
