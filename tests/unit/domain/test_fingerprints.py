"""Keyed hashes."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from ejsync.domain.fingerprints import Keyring, canonical

RING, OTHER = Keyring.from_master(b"a" * 32), Keyring.from_master(b"b" * 32)
JSON = st.dictionaries(st.text(max_size=5), st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5))


@settings(derandomize=True, deadline=None)
@given(JSON)
def test_the_canonical_form_does_not_know_the_order_of_keys(data):
    """Equal payloads have equal bytes, whatever order their keys came in."""
    assert canonical(data) == canonical(dict(reversed(data.items())))


def test_a_fingerprint_depends_on_content_and_key():
    """Another content or another master key gives another fingerprint; the same gives the same."""
    assert RING.fingerprint(b"5") == Keyring.from_master(b"a" * 32).fingerprint(b"5")
    assert len({RING.fingerprint(b"5"), RING.fingerprint(b"4"), OTHER.fingerprint(b"5")}) == 3


def test_a_pseudonym_is_no_fingerprint():
    """The two hashes have keys and lengths of their own, so that neither serves as the other."""
    assert RING.fingerprint_key != RING.pseudonym_key
    assert re.fullmatch("[0-9a-f]{32}", RING.fingerprint(b"1001"))
    assert re.fullmatch("[0-9a-f]{16}", RING.pseudonym("1001"))


def test_the_hashes_stay_what_they_were():
    """The hashes of a fixed key never change: a change would send every record of every school again."""
    assert RING.fingerprint(b'{"raw":"5"}') == "ef128892750c9549bf312fbb0e6b2c8d"
    assert RING.pseudonym("1001") == "e2a92cb0e0170b7b"


def test_a_long_master_key_counts_up_to_64_bytes():
    """A master key longer than the hash can take is used up to its 64th byte."""
    assert Keyring.from_master(b"a" * 64) == Keyring.from_master(b"a" * 80) != Keyring.from_master(b"a" * 63)
