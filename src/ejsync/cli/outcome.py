"""Which exit code a whole cycle ends with: the most serious of what its reports say. Pure."""

from collections.abc import Iterable

from ejsync.errors import EjsyncError, Exit

SERIOUSNESS = (
    Exit.BUG,  # nothing else it says can be trusted
    Exit.INSTANCE_RUNNING,  # this process may not go on
    Exit.AUDIT_BROKEN,  # evidence is at stake
    Exit.CONFIGURATION,  # nothing will work until somebody acts
    Exit.HELD,  # something waits for a person's decision
    Exit.WITH_DEAD_ITEMS,  # something waits for a person's repair
    Exit.STALE,  # a promise is broken, perhaps for a passing reason
    Exit.TEMPORARY,  # it is tried again by itself
    Exit.USAGE,
    Exit.WELL,
)
"""Most serious first."""


def most_serious(codes: Iterable[Exit]) -> Exit:
    """Return the exit code that a person must know of first; well when there is none."""
    return min(codes, key=SERIOUSNESS.index, default=Exit.WELL)


def feed_verdict(held: int, quarantined: int, errors: Iterable[EjsyncError]) -> Exit:
    """Judge one cycle of one feed."""
    codes: list[Exit] = [error.exit_code for error in errors]
    if held:
        codes.append(Exit.HELD)
    if quarantined:
        codes.append(Exit.WITH_DEAD_ITEMS)
    return most_serious(codes)


def sink_verdict(dead: int, errors: Iterable[EjsyncError], *, waits: bool) -> Exit:
    """Judge one round of deliveries; a batch refused as a whole and halved is only serious if an item died."""
    codes: list[Exit] = [error.exit_code for error in errors if error.exit_code is not Exit.WITH_DEAD_ITEMS]
    if dead:
        codes.append(Exit.WITH_DEAD_ITEMS)
    if waits:
        codes.append(Exit.TEMPORARY)
    return most_serious(codes)
