"""What a full run must have come across, and how often, so that its silence means something."""

from ejsync.domain.batches import TRANSITIONS, ItemState
from tests.simulation.network import OF_DIARY, SERVED
from tests.simulation.people import FAULTS

OFTEN = 20
"""Times for every 2 000 seeds."""
RARE = {"batch held > cancelled": 10, "batch pending > cancelled": 10, "item discarded": 5, "fault period_renamed": 5}
POINTS = tuple(f"tx.{point}" for point in ("before", "begun", "before_commit", "committed"))
READ_POINTS = (*POINTS, *(f"journal.{point}" for point in ("before", "applied", "answered")))
SENT_POINTS = (*POINTS, *(f"ed.{point}" for point in ("before", "applied", "answered")))
LASTING = ("operator_approves", "operator_replays", "operator_discards", "clocks_change", "journal_outage", "ed_outage")


def wanted():
    """Everything that must be reached: faults of the wire, all other faults, crash points, transitions, item states."""
    yield from (f"fault journal {kind}" for kind in SERVED)
    yield from (f"fault ed {kind}" for kind in SERVED + OF_DIARY)
    named = {name.replace("lie_", "journal_") for name in FAULTS if not name.startswith(("journal_", "ed_", "kill"))}
    named |= {"ed_413", "ed_ahead", "ed_restored", "ed_token_expired", "journal_token_expired", *LASTING}
    yield from sorted(f"fault {name}" for name in named)
    yield from (f"kill read {point}" for point in READ_POINTS)
    yield from (f"kill deliver {point}" for point in SENT_POINTS)
    for old, following in TRANSITIONS.items():
        yield from sorted(f"batch {old} > {new}" for new in following)
    yield from (f"item {state}" for state in ItemState if state is not ItemState.WAITING)


def missed(reach, seeds):
    """Return what was reached too rarely in so many seeds, with how often."""
    counted = dict(reach)
    for name, times in reach.items():
        if name.startswith("item "):
            state = "item " + name.rpartition(" > ")[2]
            counted[state] = counted.get(state, 0) + times
    share = seeds / 2000
    return {name: counted.get(name, 0) for name in wanted() if counted.get(name, 0) < RARE.get(name, OFTEN) * share}
