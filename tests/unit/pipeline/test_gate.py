"""gate: who may leave at this moment."""

from datetime import date, timedelta

from ejsync.domain.consent import NOBODY_ASKED, Ground, Permission, Scope
from ejsync.pipeline.gate import Gate, gate_in_effect, turns

ALLOWED = Permission(allowed=True, ground=Ground.GRANTED, consent_number=4)


def test_what_is_nobodys_passes_and_what_is_unknown_does_not():
    """A record without a pupil passes always; a pupil without a permission never."""
    gate = Gate({"1001": ALLOWED})
    assert gate.lets_pass(None)
    assert gate.lets_pass("1001")
    assert not gate.lets_pass("1002")
    assert gate.of("1002") is NOBODY_ASKED
    assert gate.of(None) is None


def test_the_gate_is_what_was_brought_into_effect(world):
    """The gate of some pupils is read from the permissions in effect."""
    world.consent("1001", "1002")
    with world.tx() as tx:
        assert gate_in_effect(tx, ["1001", None]).of("1001") == Permission(
            allowed=True, ground=Ground.GRANTED, consent_number=1
        )


def test_a_turn_is_found_only_where_decision_and_effect_differ(world):
    """A permission that runs out by the calendar is a turn; one that stands is none; other scopes count nothing."""
    world.consent("1001", valid_until=date(2026, 11, 16))
    world.consent("1002")
    world.consent("1003", scope=Scope.CONTACTS)
    with world.tx() as tx:
        assert turns(world.wiring, tx, world.clock.now()) == []
        [turn] = turns(world.wiring, tx, world.clock.now() + timedelta(days=1))
    assert (turn.subject, turn.before.allowed, turn.now.ground) == ("1001", True, Ground.EXPIRED)
