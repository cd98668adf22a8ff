"""Which characters paper can carry: what our fonts lack becomes a box, what only steers a screen is left out.

The spans are those that the fonts inside typst (Libertinus Serif, DejaVu Sans Mono, New Computer Modern Math) hold; a
test sets each character of them as PDF/A, which refuses a letter without a shape.
"""

import re
import unicodedata
from collections.abc import Iterator
from itertools import chain
from typing import Any

BOX = "□"
SPANS = (
    (0x20, 0x7E), (0xA0, 0xAC), (0xAE, 0x17F), (0x218, 0x21B), (0x300, 0x32F), (0x391, 0x3A1), (0x3A3, 0x4FF),
    (0x1E00, 0x1EFF), (0x2010, 0x2027), (0x202F, 0x205F), (0x2070, 0x2071), (0x2074, 0x208E), (0x20A0, 0x20BF),
    (0x2100, 0x2151), (0x2153, 0x2184), (0x2190, 0x23FF), (0x25A0, 0x262F), (0x2713, 0x2718),
)  # fmt: skip
"""First and last code points."""

_LONGEST_RUN = 40
_BREAK = "\u200b"
_RUN = re.compile(rf"\S{{{_LONGEST_RUN},}}")
_PIECE = 8
_STEERING = {"Cc", "Cf"}
_CARRIED = frozenset(chain.from_iterable(range(first, last + 1) for first, last in SPANS))


def settable(text: str) -> str:
    """Return a text as paper can carry it; lines stay apart, endless words may break."""
    lines = unicodedata.normalize("NFC", text).splitlines()
    return "\n".join(_RUN.sub(_breaking, "".join(_letters(line))) for line in lines)


def all_settable(data: Any) -> Any:
    """Return plain data with every text in it made settable."""
    if isinstance(data, str):
        return settable(data)
    if isinstance(data, dict):
        return {name: all_settable(value) for name, value in data.items()}
    return [all_settable(value) for value in data] if isinstance(data, list | tuple) else data


def _letters(line: str) -> Iterator[str]:
    for letter in line:
        if ord(letter) in _CARRIED:
            yield letter
        elif letter.isspace():
            yield " "
        elif unicodedata.category(letter) not in _STEERING:
            yield BOX


def _breaking(run: re.Match[str]) -> str:
    """Let a run without spaces break every few letters: no line is long enough for it."""
    word = run[0]
    return _BREAK.join(word[start : start + _PIECE] for start in range(0, len(word), _PIECE))
