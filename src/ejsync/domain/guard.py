"""The mass-change guard: a reading that removes or rewrites too much at once waits for an operator."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ejsync.domain.changes import Change, Op
from ejsync.domain.records import Kind


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


def held_changes(changes: Iterable[Change], known_live: Mapping[Kind, int], rule: GuardRule) -> set[tuple[Op, Kind]]:
    """Return which operations on which kinds must be held (first versions never are)."""
    counts = Counter((change.op, change.kind) for change in changes if not change.created)
    return {(op, kind) for (op, kind), count in counts.items() if rule.exceeded(op, count, known_live.get(kind, 0))}
