"""What the dry-run sink would have sent: one line an item, without its data."""

from collections.abc import Sequence

from ejsync.domain.standing import Sendable


def lines(sendables: Sequence[Sendable]) -> bytes:
    """Return operation, kind, version and size in bytes of each item: nothing personal."""
    rows = (f"{s.entry.op} {s.entry.kind} v{s.entry.version} {len(s.payload)}" for s in sendables)
    return "\n".join(rows).encode()
