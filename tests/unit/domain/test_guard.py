"""The mass-change guard."""

import pytest

from ejsync.domain.changes import Fingerprinted, Known, Op, retraction, upsert
from ejsync.domain.guard import GuardRule, held_changes
from ejsync.domain.records import Kind
from tests.doubles.records import mark

RULE = GuardRule(retracted_share=0.3, changed_share=0.8, least_count=5, most_count=50, wiped_count=3)


@pytest.mark.parametrize(
    ("op", "count", "known", "mass"),
    [
        (Op.RETRACT, 5, 6, False),
        (Op.RETRACT, 3, 3, False),
        (Op.RETRACT, 4, 4, True),
        (Op.RETRACT, 4, 5, False),
        (Op.UPSERT, 4, 4, False),
        (Op.RETRACT, 6, 20, False),
        (Op.RETRACT, 7, 20, True),
        (Op.RETRACT, 50, 10_000, False),
        (Op.RETRACT, 51, 10_000, True),
        (Op.UPSERT, 16, 20, False),
        (Op.UPSERT, 17, 20, True),
        (Op.UPSERT, 5000, 10_000, False),
    ],
)
def test_a_mass_is_a_share_above_the_least_count_or_too_many_retractions(op, count, known, mass):
    """Both borders are inclusive: exactly the share or the count is no mass."""
    assert RULE.exceeded(op, count, known) is mass


def test_only_masses_are_held_and_only_of_their_kind():
    """First versions are never held; operations and kinds are counted apart."""
    rows = [Known(Kind.MARK, str(n), "pupil:1", "1", None, 1, "f", gone=False) for n in range(6)]
    first = [upsert(Fingerprinted(mark(lesson_id=str(n)), b"", "f"), 1) for n in range(100)]
    rewritten = [upsert(Fingerprinted(mark(lesson_id=str(n)), b"", "f"), 2) for n in range(6)]
    live = {(Kind.MARK, "pupil:1001"): 6}
    assert held_changes([*map(retraction, rows), *first], live, RULE, owner) == {(Op.RETRACT, Kind.MARK)}
    assert held_changes([*first, *rewritten], live, RULE, owner) == {(Op.UPSERT, Kind.MARK)}
    assert held_changes(first, {}, RULE, owner) == set()


def owner(change):
    """What a change is judged together with."""
    return change.owner


@pytest.mark.parametrize(
    ("kind", "count", "known", "emptied"),
    [
        (Kind.MARK, 3, 3, False),
        (Kind.MARK, 4, 4, True),
        (Kind.MARK, 4, 5, False),
        (Kind.PUPIL, 1, 1, False),
        (Kind.PUPIL, 2, 2, True),
        (Kind.PUPIL, 3, 25, False),
        (Kind.PUPIL, 7, 25, False),
        (Kind.PUPIL, 8, 25, True),
    ],
)
def test_a_circle_is_emptied_by_its_own_measure(kind, count, known, emptied):
    """More than a few records of an owner, and all of them; of a class's pupils already a share of more than a few."""
    assert RULE.circle_emptied(kind, count, known) is emptied


def test_one_emptied_circle_is_a_mass_whatever_the_others_show():
    """Four marks of one pupil, and no other, are a mass although a thousand of his classmates stay."""
    rows = [Known(Kind.MARK, str(n), "pupil:1", "1", None, 1, "f", gone=False) for n in range(4)]
    live = {(Kind.MARK, "pupil:1"): 4, (Kind.MARK, "pupil:2"): 1000}
    assert held_changes(map(retraction, rows), live, RULE, owner) == {(Op.RETRACT, Kind.MARK)}
    assert held_changes(map(retraction, rows[:3]), live, RULE, owner) == set()
