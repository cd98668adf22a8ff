"""Finds tokens in bytes: in every spelling, and inside whatever is compressed there."""

import re
import zlib
from dataclasses import dataclass
from functools import cached_property

import zstandard

from tests.canaries.tokens import MARKS, Alphabet, Token, binary, spellings, worth_of

_DEEPEST = 3
_MOST_UNPACKED = 64_000_000
_STEP = 65_536
_PACKED = re.compile(rb"\x1f\x8b\x08|\x28\xb5\x2f\xfd|PK\x03\x04|\x78[\x01\x5e\x9c\xda]")
_ZIP_HEAD, _DEFLATED = 30, 8


@dataclass(frozen=True)
class Hit:
    """A token found: where it was looked for, how it was spelled, whose it is."""

    origin: str
    spelling: str
    token: Token
    at: int

    def __str__(self):
        return f"{self.token.worth} {self.token.label} ({self.spelling}) in {self.origin} at {self.at}"


class Scanner:
    """Looks for the tokens of a mint.

    What is looked for is the mark that all tokens begin with, so that time does not depend on their number; a token
    that no mint knows is found too.

    Attributes:
        searched: bytes looked at so far, those unpacked too.
        spellings: names of the spellings looked for.
    """

    def __init__(self, mint):
        self._mint = mint
        self._how = {}
        for alphabet, mark in MARKS.items():
            for name, spelled in spellings(mark):
                self._how.setdefault(spelled, (name, alphabet))
        self._how[binary(MARKS[Alphabet.HEX])] = ("binary", Alphabet.HEX)
        self.searched = 0
        self.spellings = sorted({name for name, _ in self._how.values()})

    def search(self, data, origin):
        """Return every token in some bytes, those inside compressed parts too."""
        return self._search(data, origin, depth=0)

    def _search(self, data, origin, depth):
        self.searched += len(data)
        hits = [self._hit(data, mark, at, origin) for mark, at in self._marks(data)]
        if not hits and b"\n" in data:
            # A text may be broken over lines: base64 mostly is.
            whole = data.translate(None, b"\r\n")
            hits = [self._hit(whole, mark, at, f"{origin}, over lines") for mark, at in self._marks(whole)]
        for kind, inside in unpacked(data) if depth < _DEEPEST else ():
            hits += self._search(inside, f"{origin} > {kind}", depth + 1)
        return hits

    def _marks(self, data):
        for mark in self._how:
            at = data.find(mark)
            while at >= 0:
                yield mark, at
                at = data.find(mark, at + 1)

    def _hit(self, data, mark, at, origin):
        spelling, alphabet = self._how[mark]
        for length in self._lengths:
            if known := self._named.get(data[at : at + length]):
                return Hit(origin, spelling, known, at)
        return Hit(origin, spelling, Token("", worth_of(alphabet), "unknown"), at)

    @cached_property
    def _named(self):
        """Every spelling of every token, to tell whose a hit is; made when the first is found."""
        named = {}
        for token in self._mint.tokens.values():
            named.update((spelled, token) for _, spelled in spellings(token.text))
            if token.text.startswith(MARKS[Alphabet.HEX]):
                named[binary(token.text)] = token
        return named

    @cached_property
    def _lengths(self):
        return sorted({len(spelled) for spelled in self._named}, reverse=True)


def unpacked(data):
    """Yield what gzip, zlib, zstd and zip streams anywhere in some bytes hold, each with the name of its kind."""
    view = memoryview(data)
    for found in _PACKED.finditer(data):
        start, magic = found.start(), found[0]
        if magic == b"\x28\xb5\x2f\xfd":
            kind, inside = "zstd", _opened(zstandard.ZstdDecompressor().decompressobj(), view[start:])
        elif magic == b"PK\x03\x04":
            kind, inside = "zip", _unzipped(view[start:])
        else:
            kind = "gzip" if magic[0] == 0x1F else "zlib"
            inside = _opened(zlib.decompressobj(31 if kind == "gzip" else 15), view[start:])
        if inside:
            yield kind, inside


def _unzipped(view):
    """A member of a zip file; one that is only stored is found without unpacking."""
    head = bytes(view[:_ZIP_HEAD])
    if len(head) < _ZIP_HEAD or int.from_bytes(head[8:10], "little") != _DEFLATED:
        return b""
    names = int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little")
    return _opened(zlib.decompressobj(-15), view[_ZIP_HEAD + names :])


def _opened(stream, view):
    """As much as can be unpacked: a stream that is cut off still tells what it held."""
    parts, size, at = [], 0, 0
    while at < len(view) and size < _MOST_UNPACKED and not stream.eof:
        try:
            parts.append(stream.decompress(bytes(view[at : at + _STEP])))
        except (zlib.error, zstandard.ZstdError):
            break
        size, at = size + len(parts[-1]), at + _STEP
    return b"".join(parts)
