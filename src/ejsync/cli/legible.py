"""Text on any terminal: what its encoding cannot carry is written in letters that it can, never an exception."""

import codecs
import sys
from typing import TextIO

_RUSSIAN = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"
_LATIN = "a b v g d e yo zh z i y k l m n o p r s t u f kh ts ch sh sch ' y ' e yu ya".split()
_SIGNS = {"→": "->", "—": "-", "–": "-", "…": "...", "«": '"', "»": '"', "“": '"', "”": '"', "·": "*", "№": "No."}  # noqa: RUF001 - the signs themselves
_SPELLING = {
    **dict(zip(_RUSSIAN, _LATIN, strict=True)),
    **{letter.upper(): spelt.capitalize() for letter, spelt in zip(_RUSSIAN, _LATIN, strict=True)},
    **_SIGNS,
    **dict.fromkeys("─━│┃", "-"),
    **dict.fromkeys("✓✔", "+"),
    **dict.fromkeys("✗✘", "x"),
}
_HANDLER = "ejsync-legible"


def spell(error: UnicodeError) -> tuple[str, int]:
    """Spell out what an encoding cannot carry: the codecs error handler."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = "".join(_SPELLING.get(letter, "?") for letter in error.object[error.start : error.end])
    return text.encode("ascii", "replace").decode(), error.end


def prepare(*streams: TextIO) -> None:
    """Let streams take any text, whatever their encoding."""
    codecs.register_error(_HANDLER, spell)
    for stream in streams:
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=_HANDLER)


def speaks_russian(stream: TextIO | None = None) -> bool:
    """Tell whether a stream (standard output by default) can carry Russian letters as they are."""
    return carries(stream or sys.stdout, _RUSSIAN)


def carries(stream: TextIO, text: str) -> bool:
    """Tell whether a stream's encoding can carry a text as it is."""
    try:
        text.encode(stream.encoding or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
