"""Keyed hashes: fingerprints of records, pseudonyms of people; a mark is one of five values, so the key matters."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import orjson


def canonical(data: Mapping[str, Any]) -> bytes:
    """Return the one byte form of a payload: JSON with sorted keys, UTF-8, no spaces."""
    return orjson.dumps(data, option=orjson.OPT_SORT_KEYS)


@dataclass(frozen=True, slots=True)
class Keyring:
    """Two keys derived from a master secret (32 bytes or more), so that neither hash serves as the other."""

    fingerprint_key: bytes
    pseudonym_key: bytes

    @classmethod
    def from_master(cls, master: bytes) -> "Keyring":
        """Derive both keys from the master secret."""
        return cls(
            *(blake2b(label, key=master[:64], digest_size=32).digest() for label in (b"fingerprint", b"pseudonym"))
        )

    def fingerprint(self, payload: bytes) -> str:
        """Return the keyed hash of a canonical payload: 32 lower-case hex digits."""
        return blake2b(payload, key=self.fingerprint_key, digest_size=16).hexdigest()

    def pseudonym(self, identity: str) -> str:
        """Return the keyed pseudonym of a pupil id or record key: 16 lower-case hex digits."""
        return blake2b(identity.encode(), key=self.pseudonym_key, digest_size=8).hexdigest()
