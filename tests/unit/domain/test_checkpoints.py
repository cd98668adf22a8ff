"""Checkpoints: signed, read, due, and held against a log."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ejsync.domain.audit import unbroken
from ejsync.domain.checkpoints import (
    MISSING,
    OTHER,
    SHORTER,
    UNSIGNED,
    Checkpoint,
    Trust,
    in_order,
    is_due,
    leaf_of,
    witnessed,
)
from ejsync.domain.merkle import leaf
from ejsync.errors import AuditBroken
from ejsync.signing import is_signed_by
from tests.doubles.audit_file import BEGAN, FORGER, OURS, chain, checkpoints, renewed

SCHOOL = "gymnasium-0"
RULE = {"every": timedelta(minutes=15), "entries": 100}


def valid(one):
    """Whether our key signed."""
    return is_signed_by(OURS.public, one)


def checked(events, kept, school=SCHOOL):
    """How many entries a log has that agrees with these checkpoints."""
    trust = Trust(OURS.public, lambda one: is_signed_by(one.key, one))
    return len(list(witnessed(school, unbroken(school, events), kept, trust)))


def refused(events, kept, school=SCHOOL):
    """The entry and the reason why it does not."""
    with pytest.raises(AuditBroken) as caught:
        checked(events, kept, school)
    return caught.value.seq, caught.value.reason


def test_a_line_comes_back_and_nothing_else_is_one():
    """What travels is one line of ASCII that reads as it was written; any other form is none."""
    (made,) = checkpoints(chain(SCHOOL, 3), (3,))
    assert Checkpoint.read(made.line()) == made
    assert made.line().isascii()
    assert made.line().split(" ") == [str(value) for value in made.document().values()]
    for wrong in ("", made.line() + "\n", made.line().replace(" 1 ", " 01 "), made.line().replace(" 3 ", " 0 ")):
        with pytest.raises(ValueError, match="no checkpoint"):
            Checkpoint.read(wrong)


def test_each_member_is_signed():
    """Whichever member is changed, the signature does not fit any more."""
    (made,) = checkpoints(chain(SCHOOL, 3), (3,))
    assert valid(made)
    changed = ({"school": "s"}, {"number": 2}, {"size": 2}, {"root": "0" * 64}, {"at": "x"}, {"key": FORGER.public},
               {"signature": "0" * 128}, {"signature": "x"})  # fmt: skip
    assert not any(valid(replace(made, **one)) for one in changed)


def test_a_log_agrees_with_its_checkpoints_and_those_kept_elsewhere():
    """Checkpoints in any order, twice, of any size of the log, and none at all: every entry comes through."""
    events = chain(SCHOOL, 9)
    for kept in ((), checkpoints(events, (1, 4, 9))[::-1], checkpoints(events, (9,)) * 2):
        assert checked(events, kept) == 9


def test_a_log_written_anew_is_found_at_its_first_doubtful_entry():
    """The entries behind the last checkpoint that agrees are doubtful, and the first of them is named."""
    kept = checkpoints(chain(SCHOOL, 9), (4, 8))
    assert refused(chain(SCHOOL, 9, changed={6: {"lost": 1}}), kept) == (5, OTHER)
    assert refused(chain(SCHOOL, 9, changed={2: {"lost": 1}}), kept) == (1, OTHER)
    assert checked(chain(SCHOOL, 9, changed={9: {"lost": 1}}), kept) == 9


def test_a_shorter_log_is_found():
    """A checkpoint over more entries than there are: the one behind the last is missing."""
    events = chain(SCHOOL, 9)
    assert refused(events[:6], checkpoints(events, (4, 8))) == (7, SHORTER)
    assert refused([], checkpoints(events, (4,))) == (1, SHORTER)


def test_a_checkpoint_of_another_key_or_school_is_refused():
    """Only our key speaks for a log, and only for the school that it names."""
    events = chain(SCHOOL, 5)
    assert refused(events, checkpoints(events, (5,), FORGER)) == (5, UNSIGNED)
    assert refused(events, checkpoints(chain("lyceum-2", 5), (5,))) == (5, UNSIGNED)


def test_a_key_of_before_counts_up_to_the_entry_that_names_it():
    """What it signed before the entry is whole; behind it, and where our key stands for nothing of that, it is not."""
    events, made = renewed(SCHOOL)
    assert checked(events, made) == 12
    behind = checkpoints(events, (3, 8, 10), FORGER)
    assert refused(events, [*made, behind[2]]) == (10, UNSIGNED)
    assert refused(events, behind) == (3, UNSIGNED)
    ours_before = checkpoints(events, (3, 8))[1:]
    assert refused(events, [behind[0], *ours_before]) == (3, UNSIGNED)


def test_none_of_the_own_checkpoints_may_be_missing():
    """Numbers without a gap over ever more entries, or the place where one is missing is named."""
    made = checkpoints(chain(SCHOOL, 9), (2, 5, 9))
    assert in_order(SCHOOL, made) == made
    for wrong, seq in ((made[1:], 1), ([made[0], made[2]], 3), ([*made, made[2]], 10), ([made[1], made[0]], 1)):
        with pytest.raises(AuditBroken) as caught:
            in_order(SCHOOL, wrong)
        assert (caught.value.seq, caught.value.reason) == (seq, MISSING)


def test_a_log_is_signed_when_it_has_grown_for_long_or_by_much():
    """Nothing new is never due; something new is after the time, much that is new at once, the first entries too."""
    (made,) = checkpoints(chain(SCHOOL, 5), (5,))
    at = datetime.fromisoformat(made.at)
    later = at + timedelta(minutes=15)
    assert [is_due(None, size, at, **RULE) for size in (0, 1)] == [False, True]
    assert [is_due(made, size, later, **RULE) for size in (4, 5, 6)] == [False, False, True]
    early = later - timedelta(seconds=1)
    assert [is_due(made, size, early, **RULE) for size in (6, 104, 105)] == [False, False, True]
    assert at.tzinfo is not None
    assert at > BEGAN.astimezone(UTC)


def test_the_leaf_of_an_entry_is_its_hash():
    """The tree is over the 32 bytes of each entry's hash."""
    (event,) = chain(SCHOOL, 1)
    assert leaf_of(event) == leaf(bytes.fromhex(event.hash))
