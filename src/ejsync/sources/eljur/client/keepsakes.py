"""Keepsakes: what one account leaves for the next run, each bound to the credentials it was kept under.

| kept as                     | what it is                                                  |
|-----------------------------|-------------------------------------------------------------|
| `token/<account>`           | the token, when it was given and ends, the cookies with it  |
| `failure/<account>`         | a refused sign-in, and when it may be tried again           |
| `fruitless/METHOD/<account>`| a method that a new token did not help                      |
| `rights/<account>`          | the rights as `getrules` told them, and when                |
"""

import secrets
from datetime import datetime
from hashlib import blake2b
from typing import Any

import orjson

from ejsync.pipeline.ports import Memory
from ejsync.sources.eljur.mapping.tidy import Json

_FORMAT = 1
_SALT_BYTES = 16


class Keepsakes:
    """One account's part of the source's memory.

    A keepsake of other credentials, another host, school or devkey, or of another release's format is as good as none.
    What the memory cannot keep lasts as long as the process: a refused password is not tried again for a full disk.
    """

    def __init__(self, account: str, memory: Memory) -> None:
        self._account, self._memory = account, memory
        self._own: dict[str, bytes] = {}

    def recall(self, what: str, proof: bytes) -> Json | None:
        """Return what was kept under these credentials, by this run or another; None if nothing was.

        Args:
            what: the first part of a name in the table above.
            proof: all that the account is known by, its secrets among them.
        """
        name = self._name(what)
        kept = self._memory.recall(name) or self._own.get(name)
        document = orjson.loads(kept) if kept else {}
        fits = document.get("format") == _FORMAT and document.get("mark") == _mark(document["salt"], proof)
        return document if fits else None

    def keep(self, what: str, proof: bytes, **told: Any) -> None:
        """Keep something under these credentials; of them only a salted mark is kept."""
        salt = secrets.token_hex(_SALT_BYTES)
        document = {"format": _FORMAT, "salt": salt, "mark": _mark(salt, proof), **told}
        name = self._name(what)
        self._own[name] = orjson.dumps(document)
        self._memory.keep(name, self._own[name])

    def forget(self, what: str) -> None:
        """Let go of something, whatever credentials it was kept under."""
        name = self._name(what)
        self._own.pop(name, None)
        self._memory.forget(name)

    def _name(self, what: str) -> str:
        return f"{what}/{self._account}"


def instant(kept: Any) -> datetime | None:
    """Read an instant as it is kept; None where there is none."""
    return datetime.fromisoformat(kept) if kept else None


def _mark(salt: str, proof: bytes) -> str:
    return blake2b(proof, key=salt.encode(), digest_size=32).hexdigest()
