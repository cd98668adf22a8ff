"""Sealing what is kept on disk."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ejsync.domain.fingerprints import Keyring
from ejsync.sealing import Seal

MASTER = bytes(range(32))
PLACE = ("lyceum", "token/bridge")


@given(value=st.binary(max_size=300))
def test_what_was_sealed_opens_at_its_place(value):
    """Any value comes back whole under the same master, school and name, and shows nothing of itself before."""
    sealed = Seal.from_master(MASTER).close(value, *PLACE)
    assert Seal.from_master(MASTER).open(sealed, *PLACE) == value
    assert len(value) < 4 or value not in sealed


def test_the_same_value_is_never_sealed_alike():
    """Every sealing draws its own nonce."""
    seal = Seal.from_master(MASTER)
    assert len({seal.close(b"token", *PLACE) for _ in range(50)}) == 50


@pytest.mark.parametrize("place", [("lyceum", "token/other"), ("gymnasium", "token/bridge"), ("lyceumtoken/bridge",)])
def test_a_value_does_not_open_at_another_place(place):
    """A value copied to another school or name is worthless there."""
    seal = Seal.from_master(MASTER)
    assert seal.open(seal.close(b"token", *PLACE), *place) is None


def test_parts_of_a_place_do_not_run_together():
    """Places whose parts only read alike are two places."""
    seal = Seal.from_master(MASTER)
    assert seal.open(seal.close(b"token", "a", "bc"), "ab", "c") is None


@given(data=st.data())
def test_one_changed_byte_opens_nothing(data):
    """Whatever byte of a sealed value is damaged or cut off, it does not open, and nothing is raised."""
    seal = Seal.from_master(MASTER)
    sealed = seal.close(b"token", *PLACE)
    at = data.draw(st.integers(0, len(sealed) - 1))
    other = data.draw(st.integers(1, 255))
    assert seal.open(sealed[:at] + bytes([sealed[at] ^ other]) + sealed[at + 1 :], *PLACE) is None
    assert seal.open(sealed[:at], *PLACE) is None


@given(junk=st.binary(max_size=100))
def test_junk_opens_nothing(junk):
    """Bytes that nobody sealed do not open, and nothing is raised."""
    assert Seal.from_master(MASTER).open(junk, *PLACE) is None


def test_another_master_opens_nothing():
    """After the master was changed the old values are gone."""
    sealed = Seal.from_master(MASTER).close(b"token", *PLACE)
    assert Seal.from_master(bytes(32)).open(sealed, *PLACE) is None


def test_the_key_is_no_other_key_of_the_master():
    """Fingerprints, pseudonyms and sealing have a key each, and the key cannot be printed."""
    keyring, seal = Keyring.from_master(MASTER), Seal.from_master(MASTER)
    assert len({keyring.fingerprint_key, keyring.pseudonym_key, seal.key}) == 3
    assert len(seal.key) == 32
    assert repr(seal) == "Seal()"
