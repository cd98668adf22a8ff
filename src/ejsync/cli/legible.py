"""Text on any terminal: what its encoding cannot carry is written in letters that it can, never an exception.

What would steer a terminal (escape codes, other control characters, marks that turn the direction of writing) is shown
and not obeyed: homework and names come from other people.
"""

import codecs
import re
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
_STEERING = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
"""C0 but the end of a line, DEL, C1, marks of direction, further ends of lines, halves of letters."""
_LAST_BYTE = 0xFF
_HANDLER, _ASCII = "ejsync-legible", "ejsync_ascii"


def spell(error: UnicodeError) -> tuple[str, int]:
    """Spell out what an encoding cannot carry: the codecs error handler."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = "".join(_SPELLING.get(letter, "?") for letter in error.object[error.start : error.end])
    return text.encode("ascii", "replace").decode(), error.end


codecs.register_error(_HANDLER, spell)


def visible(text: str) -> str:
    """Return a text in which nothing steers a terminal: each such character is shown as its code; lines stay lines."""
    return _STEERING.sub(_code, text)


def visible_json(document: str) -> str:
    """Return a JSON document whose strings hold no such character as it is: JSON's own escapes say the same."""
    return _STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", document)


def _code(found: re.Match[str]) -> str:
    number = ord(found[0])
    return f"\\x{number:02x}" if number <= _LAST_BYTE else f"\\u{number:04x}"


def fitting(stream: TextIO, text: str) -> str:
    """Return a text as a stream will show it, so that columns can be measured."""
    encoding = stream.encoding or "utf-8"
    return text if carries(stream, text) else text.encode(encoding, _HANDLER).decode(encoding)


def prepare(*streams: TextIO) -> None:
    """Let streams take any text, whatever their encoding."""
    codecs.register(_own_ascii)
    for stream in streams:
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding=_ASCII if _is_ascii(stream) else stream.encoding, errors=_HANDLER)


def _is_ascii(stream: TextIO) -> bool:
    return codecs.lookup(stream.encoding or "utf-8").name == "ascii"


def _own_ascii(name: str) -> codecs.CodecInfo | None:
    """Know ASCII under a name of our own: click takes a plain ASCII stream for a mistake and writes UTF-8 to it."""
    if name != _ASCII:
        return None
    plain = codecs.lookup("ascii")
    return codecs.CodecInfo(
        plain.encode,
        plain.decode,
        streamreader=plain.streamreader,
        streamwriter=plain.streamwriter,
        incrementalencoder=plain.incrementalencoder,
        incrementaldecoder=plain.incrementaldecoder,
        name=_ASCII,
    )


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
