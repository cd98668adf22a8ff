"""What the store remembers of work in progress."""

from ejsync.domain.changes import Op
from ejsync.domain.records import Kind
from ejsync.domain.standing import OutboxEntry, Priority


def test_the_end_of_a_consent_goes_before_final_results_before_the_rest():
    """Priorities sort in the order of urgency."""
    assert sorted(Priority) == [Priority.URGENT, Priority.FINAL_RESULT, Priority.NORMAL]


def test_an_entry_is_normal_and_free_by_default():
    """An entry waits for nobody unless it says so."""
    entry = OutboxEntry(Kind.MARK, "k", None, Op.UPSERT, 1, "f")
    assert (entry.priority, entry.hold) == (Priority.NORMAL, None)
