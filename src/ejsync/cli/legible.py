"""Text on any terminal: what its encoding cannot carry is written in letters that it can, never an exception."""

import codecs
import sys
from typing import TextIO

_LETTERS = dict(zip("абвгдезийклмнопрстуфыэ", "abvgdeziyklmnoprstufye", strict=True))
_LETTERS |= {"ё": "yo", "ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sch", "ю": "yu", "я": "ya"}
_LETTERS |= {"ъ": "'", "ь": "'"}
_SIGNS = {"→": "->", "—": "-", "–": "-", "…": "...", "«": '"', "»": '"', "“": '"', "”": '"', "·": "*", "№": "No."}
_SPELLING = {
    **_LETTERS,
    **{letter.upper(): spelt.capitalize() for letter, spelt in _LETTERS.items()},
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
    return carries(stream or sys.stdout, "".join(_LETTERS))


def carries(stream: TextIO, text: str) -> bool:
    """Tell whether a stream's encoding can carry a text as it is."""
    try:
        text.encode(stream.encoding or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
