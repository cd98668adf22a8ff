"""Tokens that are found again in whatever spelling: each begins with a mark that stands nowhere else in the world.

A token follows from its label alone, so that every process of a test makes the same ones.
"""

import base64
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b


class Alphabet(StrEnum):
    """What a field lets a token be made of."""

    LATIN = "latin"
    CYRILLIC = "cyrillic"
    PUPIL = "pupil"
    PHONE = "phone"
    HEX = "hex"


class Worth(StrEnum):
    """What a token stands for: personal words, the id that keys are made of, a secret."""

    PERSONAL = "personal"
    IDENTIFIER = "identifier"
    SECRET = "secret"


MARKS = {
    Alphabet.LATIN: "qz7xkv3w",
    Alphabet.CYRILLIC: "Щыфжэхюц",
    Alphabet.PUPIL: "70914283",
    Alphabet.PHONE: "60817392",
    Alphabet.HEX: "c0ffee5eeda11ce5",
}
_LETTERS = {
    Alphabet.LATIN: ("abcdefghijkmnpqrstuvwxyz23456789", 8),
    Alphabet.CYRILLIC: ("абвгдеиклмнопрст", 9),
    Alphabet.PUPIL: ("0123456789", 5),
    Alphabet.PHONE: ("0123456789", 6),
    Alphabet.HEX: ("0123456789abcdef", 48),
}
"""The letters after the mark, and how many."""


@dataclass(frozen=True)
class Token:
    """One token: its text, what it stands for, and where it was put."""

    text: str
    worth: Worth
    label: str


class Mint:
    """Makes tokens and remembers them."""

    def __init__(self):
        self.tokens = {}

    def personal(self, *label, alphabet=Alphabet.CYRILLIC):
        """A token for a personal field."""
        return self._coin(Worth.PERSONAL, alphabet, label)

    def identifier(self, *label):
        """A token for the number that a journal gives a pupil."""
        return self._coin(Worth.IDENTIFIER, Alphabet.PUPIL, label)

    def secret(self, *label, alphabet=Alphabet.LATIN):
        """A token for a secret."""
        return self._coin(Worth.SECRET, alphabet, label)

    def of(self, *worths):
        """The tokens that stand for one of these."""
        return [token for token in self.tokens.values() if token.worth in worths]

    def _coin(self, worth, alphabet, label):
        name = "/".join(map(str, label))
        letters, length = _LETTERS[alphabet]
        number = int.from_bytes(blake2b(f"{alphabet}/{name}".encode(), digest_size=64).digest())
        tail = ""
        for _ in range(length):
            number, at = divmod(number, len(letters))
            tail += letters[at]
        made = Token(MARKS[alphabet] + tail, worth, name)
        assert self.tokens.setdefault(made.text, made) == made, "two labels made one token"
        return made.text


def is_token(text):
    """Tell whether a text holds a token."""
    return any(mark.lower() in text.lower() for mark in MARKS.values())


def worth_of(alphabet):
    """What a token that no mint knows stands for."""
    return {Alphabet.PUPIL: Worth.IDENTIFIER, Alphabet.HEX: Worth.SECRET}.get(alphabet, Worth.PERSONAL)


def cases(text):
    """A text as it stands, in small and in capital letters, and with one capital."""
    return dict.fromkeys((text, text.lower(), text.upper(), text.capitalize()))


def spellings(text):
    """Yield every spelling of a text with its name; a spelling of a text's beginning begins the text's own."""
    for shape in cases(text):
        whole = shape.encode()
        yield "raw", whole
        yield "utf-16", shape.encode("utf-16-le")
        yield "utf-16", shape.encode("utf-16-be")
        yield from _of_words(shape, whole)
        yield "hex", whole.hex().encode()
        yield "hex", whole.hex().upper().encode()
        for offset in range(3):
            yield from _base64(whole, offset)


def _of_words(shape, whole):
    """Yield what differs only where letters are not ASCII."""
    if shape.isascii():
        return
    yield "cp1251", shape.encode("cp1251")
    for spelled in (whole, shape.encode("cp1251")):
        for form in ("%{:02X}", "%{:02x}", "%25{:02X}", r"\x{:02x}", r"\\x{:02x}"):
            yield "url" if "%" in form else "escaped bytes", "".join(map(form.format, spelled)).encode()
    for backslashes in ("\\", "\\\\", "\\\\\\\\"):
        for form in ("u{:04x}", "u{:04X}"):
            yield "json", "".join(backslashes + form.format(ord(letter)) for letter in shape).encode()
    yield "html", "".join(f"&#{ord(letter)};" for letter in shape).encode()


def _base64(whole, offset):
    """Yield the characters that are the same whatever stands before (`offset` bytes of a group) and behind."""
    first, end = -(-offset * 8 // 6), (offset + len(whole)) * 8 // 6
    for encoded in (base64.b64encode, base64.urlsafe_b64encode):
        yield "base64", encoded(bytes(offset) + whole)[first:end]


def binary(hexadecimal):
    """A key's own bytes, where its file holds hex digits."""
    return bytes.fromhex(hexadecimal)
