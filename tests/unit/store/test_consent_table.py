"""Consents and permissions on disk."""

from datetime import date

from ejsync.domain.consent import Consent, Decision, Ground, Permission, Scope


def consent(world, pupil="1001", scope=Scope.RESULTS):
    """A consent as an operator registers it."""
    return Consent(
        0, pupil, scope, Decision.GRANTED, "parent", "1-К", date(2026, 9, 1), date(2027, 5, 31), None, world.clock.now()
    )


def test_decisions_come_back_with_the_numbers_of_the_store(world):
    """Each decision has its own number; everything else is as registered."""
    with world.tx() as tx:
        tx.consents.register([consent(world), consent(world, "1002"), consent(world, scope=Scope.CONTACTS)])
        found = tx.consents.of()
        assert [item.number for item in found["1001"]] == [1, 3]
        assert tx.consents.of(["1002"]).keys() == {"1002"}
        [one] = tx.consents.of(["1002"])["1002"]
    assert one == consent(world, "1002").__class__(2, *[getattr(one, name) for name in Consent.__slots__[1:]])
    assert (one.valid_until, one.registered_at) == (date(2027, 5, 31), world.clock.now())


def test_more_pupils_than_a_statement_takes_can_be_asked_for(world):
    """Thousands of pupils are found in one question."""
    pupils = [str(number) for number in range(2500)]
    with world.tx() as tx:
        tx.consents.register([consent(world, pupil) for pupil in pupils])
        assert len(tx.consents.of(pupils)) == 2500


def test_a_withdrawal_marks_only_its_numbers(world):
    """Withdrawing touches the named decisions of this school only."""
    with world.tx() as tx:
        tx.consents.register([consent(world), consent(world, "1002")])
        tx.consents.withdraw([1], world.clock.now())
        found = tx.consents.of()
    assert found["1001"][0].withdrawn_at == world.clock.now()
    assert found["1002"][0].withdrawn_at is None
    with world.store.begin("school-8") as tx:
        tx.consents.withdraw([2], world.clock.now())
    with world.tx() as tx:
        assert tx.consents.of()["1002"][0].withdrawn_at is None


def test_permissions_in_effect_are_overwritten_by_later_ones(world):
    """A pupil has one permission in effect: the last."""
    allowed = Permission(allowed=True, ground=Ground.GRANTED, consent_number=1)
    ended = Permission(allowed=False, ground=Ground.WITHDRAWN, consent_number=1)
    with world.tx() as tx:
        tx.consents.put_in_effect({"1001": allowed, "1002": allowed}, world.clock.now())
        tx.consents.put_in_effect({"1001": ended}, world.clock.now())
        assert tx.consents.in_effect() == {"1001": ended, "1002": allowed}
        assert tx.consents.in_effect(["1002"]) == {"1002": allowed}
    with world.store.begin("school-8") as tx:
        assert tx.consents.in_effect() == {}
