"""The mass-change guard: a reading that removes or rewrites too much at once waits for an operator."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from ejsync.domain.changes import Change, Op
from ejsync.domain.records import Kind

Circle = tuple[Kind, str]
"""What is judged together: a kind, and the owner (or, for pupils, the class) it belongs to."""


@dataclass(frozen=True, slots=True)
class GuardRule:
    """How much may change in one pass of one window.

    Attributes:
        retracted_share: share (0–1) of the known live records of a kind that may be retracted.
        changed_share: share (0–1) of them that may be rewritten.
        least_count: up to this many records of a kind nothing is held, whatever the share.
        most_count: more retractions of a kind than this are held, however small their share.
        wiped_count: if nothing is left of more than this many records of a kind in a window, that is held too: a
            mass that comes in small windows.
    """

    retracted_share: float
    changed_share: float
    least_count: int
    most_count: int
    wiped_count: int

    def exceeded(self, op: Op, count: int, known: int) -> bool:
        """Tell whether an operation on `count` of `known` records is a mass."""
        if op is Op.UPSERT:
            return count > self.least_count and count > known * self.changed_share
        wiped = count > self.wiped_count and count >= known
        return wiped or count > self.most_count or (count > self.least_count and count > known * self.retracted_share)

    def circle_emptied(self, kind: Kind, count: int, known: int) -> bool:
        """Tell whether the retraction of `count` of one circle's `known` records empties it.

        The pupils of a class are judged most strictly: no answer of the journal is believed that empties a class.
        """
        if kind is Kind.PUPIL and self.retracted_share < 1:
            return (count > 1 and count >= known) or (count > self.wiped_count and count > known * self.retracted_share)
        return count > self.wiped_count and count >= known


def held_changes(
    changes: Iterable[Change], live: Mapping[Circle, int], rule: GuardRule, circle_of: Callable[[Change], str]
) -> set[tuple[Op, Kind]]:
    """Return which operations on which kinds must be held (first versions alone never are).

    Args:
        live: how many live records of a kind each circle had: a pupil's marks, a class's lessons, a class's pupils.
        circle_of: names the circle that a change belongs to.
    """
    told = [change for change in changes if not change.created]
    by_kind = Counter((change.op, change.kind) for change in told)
    live_by_kind: Counter[Kind] = Counter()
    for (kind, _), count in live.items():
        live_by_kind[kind] += count
    held = {(op, kind) for (op, kind), count in by_kind.items() if rule.exceeded(op, count, live_by_kind[kind])}
    by_circle = Counter((change.kind, circle_of(change)) for change in told if change.op is Op.RETRACT)
    emptied = (kind for (kind, name), n in by_circle.items() if rule.circle_emptied(kind, n, live.get((kind, name), 0)))
    return held | {(Op.RETRACT, kind) for kind in emptied}
