"""Changes: the next version of a key, and the order in which changes leave."""

from hypothesis import given, settings
from hypothesis import strategies as st

from ejsync.domain.changes import Fingerprinted, Known, Op, difference, outbox_rank, retraction
from ejsync.domain.records import Kind
from tests.doubles.records import mark

ENTRY = Fingerprinted(mark(), b"{}", "a" * 32)


def known(version=3, fingerprint="a" * 32, *, gone=False):
    """What the store knows of the entry's key."""
    record = ENTRY.record
    return Known(record.kind, record.key, record.owner, record.pupil, record.day, version, fingerprint, gone)


def compare(row, *vanished):
    """The difference between the one entry and one known row."""
    return difference([ENTRY], {(row.kind, row.key): row} if row else {}, vanished)


def test_a_new_record_is_created_under_version_one():
    """A key never seen begins at version 1."""
    [change] = compare(None).upserts
    assert (change.op, change.version, change.created) == (Op.UPSERT, 1, True)


def test_an_equal_record_is_unchanged():
    """The same fingerprint of a live record is no change."""
    found = compare(known())
    assert (found.upserts, found.unchanged) == ((), 1)


def test_another_content_is_the_next_version():
    """Another fingerprint is the next version."""
    [change] = compare(known(fingerprint="b" * 32)).upserts
    assert (change.version, change.created) == (4, False)


def test_a_record_that_comes_back_is_a_change_even_if_equal():
    """A gone record with the same fingerprint is live again under the next version."""
    assert [change.version for change in compare(known(gone=True)).upserts] == [4]


def test_a_retraction_counts_up_and_carries_no_payload():
    """A retraction is the next version of its key, without data; it stands behind the upserts."""
    change = retraction(known())
    assert (change.op, change.version, change.payload) == (Op.RETRACT, 4, b"")
    both = difference([ENTRY], {}, [known()])
    assert [change.op for change in both.all()] == [Op.UPSERT, Op.RETRACT]


@settings(derandomize=True, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(Op), st.sampled_from(Kind)), unique=True))
def test_parents_come_first_and_leave_last(pairs):
    """In the order of ranks parents precede children, retractions follow upserts and run in reverse."""
    ordered = sorted(pairs, key=lambda pair: outbox_rank(*pair))
    order = list(Kind)
    upserts = [order.index(kind) for op, kind in ordered if op is Op.UPSERT]
    retracts = [order.index(kind) for op, kind in ordered if op is Op.RETRACT]
    assert upserts == sorted(upserts)
    assert retracts == sorted(retracts, reverse=True)
    assert [op for op, _ in ordered] == [Op.UPSERT] * len(upserts) + [Op.RETRACT] * len(retracts)
