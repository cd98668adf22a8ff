"""What the dry-run sink keeps of what it would have sent."""

from ejsync.domain.changes import Op
from ejsync.domain.records import Kind
from ejsync.domain.standing import OutboxEntry, Sendable
from ejsync.sinks.dryrun.mapping import lines


def test_a_line_says_what_and_how_much_and_never_who():
    """Operation, kind, version and size stand there; key and data do not."""
    sendable = Sendable(OutboxEntry(Kind.PUPIL, "1001", "1001", Op.UPSERT, 3, "f"), "Тестова".encode())
    assert lines([sendable, sendable]) == b"upsert pupil v3 14\nupsert pupil v3 14"
