"""The Merkle tree of RFC 6962."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ejsync.domain.merkle import EMPTY, Frontier, leaf, node

LEAVES = [bytes.fromhex(one) for one in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
)]  # fmt: skip
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
"""Roots over the first 1 to 8 leaves: test data of the reference implementation of Certificate Transparency."""


def written_out(data):
    """The hash of a list as RFC 6962, section 2.1, defines it, word for word."""
    if len(data) < 2:
        return sha256(b"\0" + data[0]).digest() if data else sha256(b"").digest()
    cut = 1
    while cut * 2 < len(data):
        cut *= 2
    return sha256(b"\1" + written_out(data[:cut]) + written_out(data[cut:])).digest()


def test_no_leaves_are_the_hash_of_nothing():
    """The root of an empty tree is SHA-256 of no bytes."""
    assert Frontier().root() == EMPTY
    assert EMPTY.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize("count", range(1, 9))
def test_known_roots(count):
    """The roots over one to eight leaves are those that the reference implementation publishes."""
    grown = Frontier().grown(map(leaf, LEAVES[:count]))
    assert (grown.size, grown.root().hex()) == (count, ROOTS[count - 1])


@given(st.lists(st.binary(max_size=40), max_size=70), st.integers(0, 70))
def test_a_tree_grows_as_it_is_defined(data, first):
    """Grown in two steps from any size, the root is that of the definition; a peak is kept for each bit of the size."""
    before = Frontier().grown(map(leaf, data[:first]))
    grown = before.grown(map(leaf, data[first:]))
    assert grown.root() == written_out(data)
    assert (grown.size, len(grown.peaks)) == (len(data), len(data).bit_count())


def test_leaves_and_nodes_are_told_apart():
    """No leaf's data can be passed off as two subtrees: each is hashed with a mark of its own."""
    left, right = leaf(b"a"), leaf(b"b")
    assert node(left, right) != leaf(left + right)
