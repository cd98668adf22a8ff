"""Gathers what a test session logs, raises and audits, and searches it for the sandbox's secrets and people.

Names are searched by the grammar they are made of, tokens by their shape: both hold for sandboxes in other processes
too. Devkeys and passwords have no shape of their own; each is learnt when it is made or announced.
"""

import os
import re
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass

from ejsync.sandbox import invented

LEAST_SECRET = 8
_FULL_BYTES = 64_000_000
_RUN = re.compile(rf"[\w-]{{{LEAST_SECRET},}}")
_SURNAME = f"(?:{'|'.join(invented._STEMS)})(?:{'|'.join(invented._MIDDLES)})ова?"
_NAMES = re.compile("|".join([_SURNAME, *map(re.escape, invented._LONG[:2])]), re.IGNORECASE)
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
_TOKENS = re.compile(r"(?<![0-9A-Za-z])(?:[0-9a-f]{40}|(?:static|secret)-[0-9a-f]{16,})(?![0-9A-Za-z])")
_NAME_COUNT = len(invented._STEMS) * len(invented._MIDDLES) + 2
_SHAPE_COUNT = 2


@dataclass(frozen=True)
class Hit:
    """A line in which something stands that must not; `line` shows it masked."""

    origin: str
    what: str
    test: str
    line: str

    def __str__(self) -> str:
        return f"{self.what} in {self.origin}, {self.test}: {self.line}"


class Gatherer:
    """Each distinct line once, in a temporary file; when that is full it is searched and emptied."""

    def __init__(self, full_bytes: int = _FULL_BYTES) -> None:
        self.lines, self.hits = 0, []
        self._full, self._size = full_bytes, 0
        self._secrets, self._odd, self._seen = {}, set(), set()
        self._lock = threading.RLock()
        self._file = tempfile.TemporaryFile("w+", encoding="utf-8", errors="backslashreplace")  # noqa: SIM115 - closed by `close`

    def line(self, origin: str, text: str) -> None:
        """Note a text from a log, an error, the audit or a stream; what is not new costs nothing."""
        mark = hash(text)
        with self._lock:
            if mark in self._seen:
                return
            self._seen.add(mark)
            test = os.environ.get("PYTEST_CURRENT_TEST", "session").partition(" ")[0]
            flat = " ".join(text.split("\n"))
            self._size += self._file.write(f"{origin}\t{test}\t{flat}\n")
            self.lines += 1
            if self._size > self._full:
                self.search()

    def secret(self, what: str, value: object) -> None:
        """Note a secret; one that is shorter than eight characters might be any word."""
        if isinstance(value, str) and len(value) >= LEAST_SECRET:
            with self._lock:
                self._secrets[value] = what
                self._odd |= set() if _RUN.fullmatch(value) else {value}

    @property
    def needles(self) -> int:
        """How many names, shapes and secrets are searched for."""
        return _NAME_COUNT + _SHAPE_COUNT + len(self._secrets)

    def search(self) -> list[Hit]:
        """Search what was gathered since the last search and return every hit so far."""
        with self._lock:
            self._file.seek(0)
            lengths = {len(secret) for secret in self._secrets}
            for row in self._file:
                origin, test, told = row.rstrip("\n").split("\t", 2)
                text = _ESCAPED.sub(lambda escape: chr(int(escape[1], 16)), told)
                found = [*_shaped(text), *self._known(text, lengths)]
                if found:
                    self.hits.append(Hit(origin, found[0][0], test, _masked(text, [value for _, value in found])))
            self._file.seek(0)
            self._file.truncate()
            self._size = 0
            self._seen.clear()
            return self.hits

    def close(self) -> None:
        """Let the file go."""
        self._file.close()

    def _known(self, text: str, lengths: set[int]) -> Iterator[tuple[str, str]]:
        """Yield the secrets in a text: every piece of a word that is as long as some secret is looked up."""
        yield from ((self._secrets[odd], odd) for odd in self._odd if odd in text)
        for run in set(_RUN.findall(text)):
            for length in lengths:
                for at in range(len(run) - length + 1):
                    if what := self._secrets.get(run[at : at + length]):
                        yield what, run[at : at + length]


def _shaped(text: str) -> Iterator[tuple[str, str]]:
    for what, shape in (("name", _NAMES), ("token", _TOKENS)):
        yield from ((what, found[0]) for found in shape.finditer(text))


def _masked(text: str, values: list[str]) -> str:
    for value in values:
        text = text.replace(value, "***")
    at = max(0, text.index("***") - 100)
    return text[at : at + 200]
