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
    live = {Kind.MARK: 6}
    assert held_changes([*map(retraction, rows), *first], live, RULE) == {(Op.RETRACT, Kind.MARK)}
    assert held_changes([*first, *rewritten], live, RULE) == {(Op.UPSERT, Kind.MARK)}
    assert held_changes(first, {}, RULE) == set()
