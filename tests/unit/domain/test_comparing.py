"""Comparing two sides of one kind."""

from collections import Counter
from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ejsync.domain.changes import Known
from ejsync.domain.comparing import (
    NOTHING,
    Difference,
    Digest,
    Finding,
    Holding,
    compare,
    digest_of,
    holds_same,
    is_behind,
    version_to_send,
)
from ejsync.domain.records import Kind

FP, OTHER = "a" * 32, "b" * 32
KNOWN = Known(Kind.MARK, "k", "pupil:1001", "1001", None, 5, FP, gone=False)
GONE = replace(KNOWN, gone=True)
SIDES = st.dictionaries(st.text(min_size=1, max_size=3), st.tuples(st.integers(1, 3), st.sampled_from([FP, OTHER])))


def rows(side):
    """One side, in the order of its keys."""
    return [Holding(key, *side[key]) for key in sorted(side)]


def test_the_digest_is_the_contract_s():
    """The hash is over `key TAB version TAB fingerprint LF` in UTF-8, and of nothing where there is nothing."""
    told = digest_of([("а", 1, FP), ("б", 2, OTHER)])
    assert told == Digest(2, sha256(f"а\t1\t{FP}\nб\t2\t{OTHER}\n".encode()).hexdigest())
    assert Digest(0, sha256(b"").hexdigest()) == NOTHING


@given(SIDES, SIDES)
def test_every_key_of_both_sides_is_found_once(ours, theirs):
    """Whatever the sides hold: each key is same, missing, unknown or different, as a dictionary says it is."""
    found = {}
    same = 0
    for finding, told in compare(Kind.MARK, rows(ours), rows(theirs)):
        if told is None:
            assert finding is Finding.SAME
            same += 1
        else:
            assert told.key not in found
            found[told.key] = finding
    expected = dict.fromkeys(ours.keys() - theirs.keys(), Finding.MISSING)
    expected |= dict.fromkeys(theirs.keys() - ours.keys(), Finding.UNKNOWN)
    expected |= {key: Finding.DIFFERS for key in ours.keys() & theirs.keys() if ours[key] != theirs[key]}
    assert found == expected
    assert same == sum(ours[key] == theirs[key] for key in ours.keys() & theirs.keys())


def test_a_difference_carries_both_sides():
    """Who looks at a difference sees what each side holds."""
    ours, theirs = Holding("k", 2, FP), Holding("k", 1, FP)
    [(finding, told)] = compare(Kind.MARK, [ours], [theirs])
    assert (finding, told) == (Finding.DIFFERS, Difference(Finding.DIFFERS, Kind.MARK, "k", ours, theirs))


@pytest.mark.parametrize("theirs", [Holding("k", None, FP), Holding("k", 1, None)])
@pytest.mark.parametrize("ours", [[], [Holding("k", 1, FP)]])
def test_what_cannot_be_read_is_neither_same_nor_different(ours, theirs):
    """A row without a version or a fingerprint is unreadable, whether we know its key or not."""
    assert Counter(finding for finding, _ in compare(Kind.MARK, ours, [theirs])) == {Finding.UNREADABLE: 1}


@pytest.mark.parametrize(
    ("theirs", "known", "behind"),
    [
        (None, KNOWN, True),
        (None, None, True),
        (Holding("k", 4, OTHER), KNOWN, True),
        (Holding("k", 5, FP), KNOWN, True),
        (Holding("k", 5, OTHER), KNOWN, False),
        (Holding("k", 6, FP), KNOWN, False),
        (Holding("k", 4, FP), GONE, True),
        (Holding("k", 5, FP), GONE, False),
        (Holding("k", 1, FP), None, False),
        (Holding("k", None, FP), KNOWN, False),
    ],
)
def test_a_sink_is_behind_where_we_said_more_since(theirs, known, behind):
    """Missing, older or the very same is behind; newer, conflicting, foreign or unreadable is not."""
    assert is_behind(theirs, known) is behind


def test_content_is_the_same_under_any_version():
    """What counts is the fingerprint, and that the record is not gone here."""
    assert holds_same(Holding("k", 9, FP), KNOWN)
    assert not holds_same(Holding("k", 5, OTHER), KNOWN)
    assert not holds_same(Holding("k", 5, FP), GONE)
    assert not holds_same(Holding("k", None, FP), KNOWN)


@pytest.mark.parametrize(
    ("theirs", "known", "wanted", "version"),
    [
        (None, KNOWN, True, 5),
        (Holding("k", 3, OTHER), KNOWN, True, 5),
        (Holding("k", 5, OTHER), KNOWN, True, 6),
        (Holding("k", 8, OTHER), KNOWN, True, 9),
        (Holding("k", 8, FP), KNOWN, True, 8),
        (Holding("k", 5, FP), KNOWN, False, 6),
        (Holding("k", 7, FP), GONE, False, 8),
        (Holding("k", None, FP), KNOWN, True, 6),
    ],
)
def test_what_shall_change_goes_beyond_the_sink_s_version(theirs, known, wanted, version):
    """A version is raised only where the sink would not take the present one, and never lowered."""
    assert version_to_send(theirs, known, wanted=wanted) == version
