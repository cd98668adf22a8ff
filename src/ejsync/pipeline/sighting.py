"""sighting: since when at the earliest the journal may have shown what a window was the first to show."""

from collections.abc import Sequence
from datetime import datetime

from ejsync.domain.changes import Change
from ejsync.domain.delays import last_read
from ejsync.domain.windows import Window
from ejsync.pipeline.ports import KindKey, Transaction


def hidden_since(tx: Transaction, window: Window, changes: Sequence[Change]) -> dict[KindKey, datetime]:
    """Return when the day of each change was last read before this window, by key; call it before the window is noted.

    What goes with a pupil or class that is gone is shown by the read of the roster. Days never read before are left
    out, and so is everything of a window that keeps no account of owners (a record let out of quarantine).
    """
    history = tx.readings.history(window.feed, window.owners) if changes and window.owners else {}
    if not history:
        return {}
    found = {}
    for change in changes:
        owners = (change.owner,) if change.owner in window.owners else window.owners
        moments = [last_read(history[owner].reads, change.day) if owner in history else None for owner in owners]
        at = min((moment for moment in moments if moment), default=None)
        if at is not None and None not in moments:
            found[change.kind, change.key] = at
    return found
