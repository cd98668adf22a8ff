"""Sealing: what must be kept on disk and read by nobody else, under a key derived from the master secret.

A sealed value is one format byte, a random nonce of 12 bytes, and what AES-256-GCM makes of the value. The place it is
kept at is sealed in, so that a value moved to another place does not open there.
"""

import secrets
from dataclasses import dataclass, field
from hashlib import blake2b

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_FORMAT = b"\x01"
_NONCE_BYTES = 12
_LABEL = b"sealing"


@dataclass(frozen=True, slots=True)
class Seal:
    """Seals and opens with one key of 32 bytes."""

    key: bytes = field(repr=False)
    _cipher: AESGCM = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_cipher", AESGCM(self.key))

    @classmethod
    def from_master(cls, master: bytes) -> "Seal":
        """Derive the key from the master secret (32 bytes or more), apart from the keys of `Keyring`."""
        return cls(blake2b(_LABEL, key=master[:64], digest_size=32).digest())

    def close(self, value: bytes, *place: str) -> bytes:
        """Seal a value for one place, such as a school and a name."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return _FORMAT + nonce + self._cipher.encrypt(nonce, value, _spelled(place))

    def open(self, sealed: bytes, *place: str) -> bytes | None:
        """Return the value; None where it is damaged, of another format, or was sealed for another place or master."""
        nonce, closed = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        if sealed[:1] != _FORMAT or len(nonce) < _NONCE_BYTES:
            return None
        try:
            return self._cipher.decrypt(nonce, closed, _spelled(place))
        except InvalidTag:
            return None


def _spelled(place: tuple[str, ...]) -> bytes:
    """Write a place so that no two places look alike, whatever their parts hold."""
    parts = [part.encode() for part in place]
    return _FORMAT + b"".join(len(part).to_bytes(4) + part for part in parts)
