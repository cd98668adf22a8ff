"""Both doors ask for the consent of the very scope, at the very moment; and the diary's confirmation is kept."""

from datetime import date
from types import SimpleNamespace

import pytest

from ejsync.cli.audit_pupil import stories
from ejsync.domain.consent import Scope
from ejsync.domain.records import Feed, Kind
from ejsync.domain.windows import Coverage, Reading
from ejsync.pipeline.claim import claim
from ejsync.pipeline.registering import withdraw
from tests.doubles.erasing import HIM, contact
from tests.doubles.records import mark, marks, pupil, roster, school_class


def filled(world, *scopes, **given):
    """A pupil with a mark and a contact, under consents of these scopes."""
    for scope in scopes:
        world.consent(HIM, scope=scope, **given)
    world.read(roster(school_class(), pupil(HIM)), feed=Feed.ROSTER)
    world.read(marks([HIM], mark(HIM)))
    covered = Coverage(frozenset({Kind.CONTACT}), (contact().owner,))
    world.read(Reading((contact(),), (covered,)), feed=Feed.DERIVED)


def shown(world):
    """The kinds of his that families see."""
    return {kind for kind, key in world.ed.live() if key.startswith(HIM)}


ALL = {"pupil", "mark", "contact"}


@pytest.mark.parametrize(
    ("scopes", "seen"),
    [((Scope.RESULTS,), ALL - {"contact"}), ((Scope.CONTACTS,), {"contact"}), (tuple(Scope), ALL), ((), set())],
)
def test_the_gate_asks_for_the_very_scope(world, scopes, seen):
    """A consent to one thing opens nothing else."""
    filled(world, *scopes)
    world.deliver()
    assert shown(world) == seen


@pytest.mark.parametrize(("scope", "left"), [(Scope.CONTACTS, ALL - {"contact"}), (Scope.RESULTS, {"contact"})])
def test_the_claim_asks_for_the_very_scope(world, scope, left):
    """One scope ends while a batch with both waits: the batch is remade without it, what of it was sent goes back."""
    filled(world, *Scope)
    world.ed.faults.append("503")
    world.deliver()
    withdraw(world.wiring, HIM, scope)
    world.settle_down()
    assert shown(world) == left


@pytest.mark.parametrize("scope", list(Scope))
def test_an_end_by_the_calendar_is_followed_at_the_next_look(world, scope):
    """Nothing waits and nothing is read: at the first delivery after midnight its retractions go, and only they."""
    filled(world, *(one for one in Scope if one is not scope))
    world.consent(HIM, scope=scope, valid_until=world.clock.now().date())
    world.deliver()
    assert shown(world) == ALL
    world.clock.move(hours=24)
    world.deliver()
    assert shown(world) == ({"contact"} if scope is Scope.RESULTS else ALL - {"contact"})
    assert {item["op"] for item in world.ed.requests[-1].items} == {"retract"}


def test_no_claim_carries_what_ended_a_moment_before(world):
    """The claim itself, not the look before it, refuses: a consent that ends after queueing is seen by its door."""
    filled(world, Scope.RESULTS, valid_from=date(2026, 9, 1), valid_until=world.clock.now().date())
    world.clock.move(hours=24)
    with world.tx() as tx:
        found = claim(world.wiring, tx, "ed")
        parcel = getattr(found, "parcel", None)
        assert parcel is None or not any(item.pupil == HIM for item in parcel.items)


def test_the_diarys_confirmation_is_found_by_the_pupil(world):
    """Sent, ended, retracted: the retraction stands in his story with what the diary answered."""
    filled(world, Scope.RESULTS)
    world.deliver()
    world.withdraw(HIM)
    world.deliver()
    [story] = stories(SimpleNamespace(store=world.store), [world.wiring], HIM)
    last = story.deeds[-1]
    assert (last.what, dict(last.outcome), last.sink) == ("retracted", {"delivered": 2}, "ed")
