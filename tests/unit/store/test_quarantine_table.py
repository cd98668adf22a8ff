"""Quarantine on disk."""

from datetime import date

import pytest

from ejsync.domain.records import Kind
from ejsync.domain.standing import Broken
from ejsync.domain.windows import Coverage, Days
from ejsync.errors import NotFound


def broken(key="k", *, owner="pupil:1001", day="2026-11-16", pointers=("/raw",)):
    """A broken mark."""
    return Broken(Kind.MARK, key, owner, "1001", day, "ed/v1/mark", pointers, b"{}")


def test_a_key_is_kept_once_with_its_first_and_last_sight(world):
    """Seen again it is not new; its places and its last sight move on, its first sight stays."""
    first = world.clock.now()
    with world.tx() as tx:
        assert tx.quarantine.keep("marks", [broken()], first) == 1
    world.clock.move(hours=1)
    with world.tx() as tx:
        assert tx.quarantine.keep("marks", [broken(pointers=("/date",))], world.clock.now()) == 0
        [row] = tx.quarantine.find()
    assert (row.first_seen_at, row.last_seen_at) == (first, world.clock.now())
    assert row.broken == broken(pointers=("/date",))
    with world.tx() as tx:
        assert tx.quarantine.get(row.number) == row


def test_resolving_lets_go_of_the_named_keys(world):
    """Only keys that were here are counted."""
    with world.tx() as tx:
        tx.quarantine.keep("marks", [broken("a"), broken("b")], world.clock.now())
        assert tx.quarantine.resolve([(Kind.MARK, "a"), (Kind.MARK, "x")]) == 1
        assert tx.quarantine.count() == 1


@pytest.mark.parametrize(
    ("coverage", "inside"),
    [
        (Coverage(frozenset({Kind.MARK}), ("pupil:1001",)), True),
        (Coverage(frozenset({Kind.MARK}), ("pupil:1001",), Days(date(2026, 11, 16), date(2026, 11, 16))), True),
        (Coverage(frozenset({Kind.MARK}), ("pupil:1001",), Days(date(2026, 11, 17), date(2026, 11, 18))), False),
        (Coverage(frozenset({Kind.ABSENCE}), ("pupil:1001",)), False),
        (Coverage(frozenset({Kind.MARK}), ("pupil:1002",)), False),
    ],
)
def test_what_a_coverage_speaks_of_is_found(world, coverage, inside):
    """Kind, owner and day decide whether a quarantined record lies inside a coverage."""
    with world.tx() as tx:
        tx.quarantine.keep("marks", [broken()], world.clock.now())
        assert tx.quarantine.known_in([coverage]) == ({(Kind.MARK, "k"): "pupil:1001"} if inside else {})


@pytest.mark.parametrize(("owner", "inside"), [("pupil:1001", True), ("pupil:1002", False)])
def test_what_has_no_day_lies_in_every_days_of_its_owner(world, owner, inside):
    """A record whose date is none can be resolved: any days of its owner and kind speak of it."""
    days = Days(date(2026, 11, 17), date(2026, 11, 18))
    with world.tx() as tx:
        tx.quarantine.keep("marks", [broken(day=None)], world.clock.now())
        for kind, found in ((Kind.MARK, inside), (Kind.ABSENCE, False)):
            known = tx.quarantine.known_in([Coverage(frozenset({kind}), (owner,), days)])
            assert known == ({(Kind.MARK, "k"): "pupil:1001"} if found else {})


def test_an_unknown_number_is_told(world):
    """Nobody's number, and another school's, is not found."""
    with world.tx() as tx:
        tx.quarantine.keep("marks", [broken()], world.clock.now())
        number = tx.quarantine.find()[0].number
    with world.store.begin("school-8") as tx:
        assert tx.quarantine.count() == 0
        with pytest.raises(NotFound):
            tx.quarantine.get(number)
