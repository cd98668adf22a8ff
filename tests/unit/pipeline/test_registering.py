"""registering: decisions enter and take effect together."""

from dataclasses import replace

import pytest

from ejsync.domain.consent import Decision, Scope
from ejsync.errors import BadInput, NotFound
from ejsync.pipeline.registering import register_chosen, withdraw
from tests.doubles.records import mark, marks


def test_decisions_are_counted_and_in_effect_at_once(world):
    """Registering returns counts by decision; the permissions stand after the same transaction."""
    assert world.consent("1001", "1002") == {"granted": 2}
    assert world.consent("1003", decision=Decision.REFUSED) == {"refused": 1}
    with world.tx() as tx:
        assert {pupil: found.allowed for pupil, found in tx.consents.in_effect().items()} == {
            "1001": True,
            "1002": True,
            "1003": False,
        }


def test_a_refusal_after_a_consent_calls_back(world):
    """A later refusal retracts what an earlier consent let out."""
    world.consent("1001")
    world.read(marks(["1001"], mark()))
    world.deliver()
    world.clock.move(seconds=1)
    world.consent("1001", decision=Decision.REFUSED)
    world.deliver()
    assert world.seen() == {}


def test_a_withdrawal_ends_every_granted_consent_of_its_scope(world):
    """All consents of the pupil and scope end; those of another scope stay."""
    world.consent("1001")
    world.consent("1001")
    world.consent("1001", scope=Scope.CONTACTS)
    assert world.withdraw("1001") == 2
    with world.tx() as tx:
        left = [item.scope for item in tx.consents.of(["1001"])["1001"] if item.withdrawn_at is None]
    assert left == [Scope.CONTACTS]


def test_what_was_never_granted_cannot_be_withdrawn(world):
    """Without a granted consent, and after it was withdrawn, the operator is told so."""
    with pytest.raises(NotFound):
        withdraw(world.wiring, "1001")
    world.consent("1001")
    world.withdraw("1001")
    with pytest.raises(NotFound):
        world.withdraw("1001")


def test_registering_is_witnessed_without_the_pupils_id(world):
    """The audit holds origin, counts and decisions under pseudonyms."""
    world.consent("900177")
    [entry] = world.audit("consent.registered")
    assert entry.details["origin"] == "test"
    assert entry.details["decisions"] == [
        [world.wiring.keyring.pseudonym("900177"), "results", "granted", "2026-09-01", None]
    ]
    assert "900177" not in str(entry.details)


def test_what_is_chosen_is_chosen_on_what_is_registered_in_the_same_transaction(world):
    """The choice sees the register as it will be written to; one that refuses leaves it as it was."""
    world.consent("1001")
    seen = []

    def choose(register):
        seen.append({pupil: len(decided) for pupil, decided in register.of().items()})
        return [replace(one, pupil="1002") for one in register.of()["1001"]]

    assert len(register_chosen(world.wiring, choose, origin="test")) == 1
    assert seen == [{"1001": 1}]

    def refuse(_register):
        raise BadInput(what="a sheet")

    with pytest.raises(BadInput):
        register_chosen(world.wiring, refuse, origin="test")
    with world.tx() as tx:
        assert {pupil: len(decided) for pupil, decided in tx.consents.of().items()} == {"1001": 1, "1002": 1}


def test_nothing_chosen_is_nothing_witnessed(world):
    """A sheet that is registered already leaves no entry."""
    assert register_chosen(world.wiring, lambda _: [], origin="test") == []
    assert world.audit("consent.registered") == []
