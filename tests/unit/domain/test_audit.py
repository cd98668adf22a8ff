"""The audit chain as a pure thing: sealing and verifying."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ejsync.contracts import Contracts
from ejsync.domain.audit import GENESIS, instant, intact, seal, verify
from ejsync.errors import AuditBroken

AT = datetime(2026, 11, 16, 8, 0, 0, 5, tzinfo=UTC)


def chain(length=4):
    """A chain of a few entries."""
    events, before = [], (0, GENESIS)
    for number in range(length):
        event = seal(before, "school-7", AT, "feed.read", {"number": number})
        events.append(event)
        before = (event.seq, event.hash)
    return events


def test_an_untouched_chain_verifies():
    """A chain that nobody touched verifies and tells its last number and hash."""
    events = chain()
    assert verify("school-7", events) == (4, events[-1].hash)
    assert verify("school-7", []) == (0, GENESIS)


@pytest.mark.parametrize("position", range(4))
@pytest.mark.parametrize(
    "fields",
    [{"details": {"number": 9}}, {"at": "2026-11-16T08:00:00.000006Z"}, {"event": "other"}, {"school": "school-8"}],
    ids=["details", "time", "event", "school"],
)
def test_any_altered_field_breaks_the_chain_where_it_stands(position, fields):
    """Whichever field of whichever entry is altered, verification names that entry."""
    events = chain()
    events[position] = replace(events[position], **fields)
    with pytest.raises(AuditBroken) as caught:
        verify("school-7", events)
    assert caught.value.seq == position + 1


@pytest.mark.parametrize("position", range(3))
def test_a_removed_entry_is_noticed(position):
    """An entry cut out of the middle is named as missing."""
    events = chain()
    del events[position]
    with pytest.raises(AuditBroken) as caught:
        verify("school-7", events)
    assert caught.value.seq == position + 1


def test_a_resealed_entry_breaks_the_next_one():
    """An altered entry with a hash of its own is betrayed by its successor."""
    events = chain()
    forged = replace(events[1], details={"number": 9})
    events[1] = replace(forged, hash=forged.expected_hash())
    with pytest.raises(AuditBroken) as caught:
        verify("school-7", events)
    assert caught.value.seq == 3


def test_a_cut_tail_is_found_against_a_head_that_was_kept():
    """A chain without its last entry verifies by itself, and is broken against the head of an earlier walk."""
    events = chain()
    head = events[-1].hash
    assert verify("school-7", events, kept=head) == (4, head)
    assert verify("school-7", events, kept=events[1].hash) == (4, head)
    assert verify("school-7", events, kept=GENESIS) == (4, head)
    assert verify("school-7", events[:-1]) == (3, events[2].hash)
    with pytest.raises(AuditBroken) as caught:
        verify("school-7", events[:-1], kept=head)
    assert caught.value.seq == 3


def test_one_entry_can_be_checked_alone():
    """An entry that nobody touched is intact; an altered one is named."""
    first = chain()[0]
    assert intact(first) is first
    with pytest.raises(AuditBroken):
        intact(replace(first, event="other"))


def test_another_schools_chain_is_not_ours():
    """A chain that is well in itself does not verify under another school's name."""
    with pytest.raises(AuditBroken):
        verify("school-8", chain())


def test_an_event_keeps_the_published_contract():
    """A sealed event is shaped as contracts/audit/v1 says."""
    assert Contracts().faults("audit/v1/event", chain(1)[0].document()) == ()


def test_an_instant_is_utc_with_microseconds():
    """Instants are written with all six digits and Z."""
    assert instant(AT) == "2026-11-16T08:00:00.000005Z"
