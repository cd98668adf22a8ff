"""The Merkle tree over an audit log, hashed as in RFC 6962 (section 2.1): one root stands for all entries."""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

HASH_BYTES = 32
EMPTY = sha256(b"").digest()


def leaf(data: bytes) -> bytes:
    """Hash one entry's data as a leaf (32 bytes)."""
    return sha256(b"\x00" + data).digest()


def node(left: bytes, right: bytes) -> bytes:
    """Hash two subtrees as one (32 bytes)."""
    return sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """All that must be kept of a tree to let it grow: the roots of its whole subtrees, the largest first.

    Attributes:
        size: how many leaves the tree has.
        peaks: one root of 32 bytes for each bit that is set in `size`.
    """

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def grown(self, leaves: Iterable[bytes]) -> "Frontier":
        """Return the tree with more leaves; each costs one or two hashes."""
        size, peaks = self.size, list(self.peaks)
        for one in leaves:
            found, rest = one, size
            while rest & 1:
                found, rest = node(peaks.pop(), found), rest >> 1
            peaks.append(found)
            size += 1
        return Frontier(size, tuple(peaks))

    def root(self) -> bytes:
        """Return the hash of the whole tree."""
        if not self.peaks:
            return EMPTY
        found = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            found = node(peak, found)
        return found
