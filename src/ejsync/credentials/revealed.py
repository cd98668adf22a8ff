"""The secrets that this process has used, kept so that no log, traceback or message repeats them."""

import base64
import json
import threading
from collections import deque
from collections.abc import Iterator
from itertools import chain
from urllib.parse import quote, quote_plus

MASK = "***"
LEAST = 4
"""A shorter secret stands in any text by chance; masking it would garble every line and hide nothing."""
_KEPT = 2
"""Of each place the value in use and the one before it: a request under way may still fail with that one."""

_values: dict[str, deque[str]] = {}
_forms: tuple[str, ...] = ()
_lock = threading.Lock()


def remember(place: str, value: str) -> None:
    """Mask a value from now on.

    Args:
        place: what the value is the secret of, so that a later one takes its place.
    """
    global _forms  # noqa: PLW0603 - one process has one set of secrets
    kept = _values.get(place)
    if len(value) < LEAST or (kept and kept[-1] == value):
        return
    with _lock:
        _values.setdefault(place, deque(maxlen=_KEPT)).append(value)
        known = set(chain.from_iterable(_values.values()))
        _forms = tuple(sorted(set(chain.from_iterable(map(spellings, known))), key=len, reverse=True))


def forget_all() -> None:
    """Let go of every value, as a process does that works with other settings from now on."""
    global _forms  # noqa: PLW0603 - as above
    with _lock:
        _values.clear()
        _forms = ()


def without_secrets(text: str) -> str:
    """Mask every remembered secret in a text, however it is spelt there."""
    for form in _forms:
        if form in text:
            text = text.replace(form, MASK)
    return text


def spellings(value: str) -> Iterator[str]:
    """Yield a secret as it is, and as URLs, JSON, Python, HTTP headers and base64 spell it; none is too short."""
    yield from (form for form in _spelt(value) if len(form) >= LEAST)


def _spelt(value: str) -> Iterator[str]:
    yield value
    yield from _in_urls(value)
    for plain in (True, False):
        once = json.dumps(value, ensure_ascii=plain)[1:-1]
        yield from (once, json.dumps(once)[1:-1])
    yield repr(value)[1:-1]
    yield repr(value.encode())[2:-1]
    for offset in range(3):
        yield from _in_base64(value.encode(), offset)


def _in_urls(value: str) -> Iterator[str]:
    for kept in ("", "/"):
        yield from (quote(value, safe=kept), quote_plus(value, safe=kept))
    yield quote(value, safe="!$&'()*+,;=:@/?~[]")
    yield "".join(_lower_hex(letter) for letter in value)


def _lower_hex(letter: str) -> str:
    spelt = quote(letter, safe="")
    return spelt.lower() if spelt.startswith("%") else spelt


def _in_base64(value: bytes, offset: int) -> Iterator[str]:
    """Yield what a value looks like behind `offset` bytes of something else, without the letters shared with it."""
    first, last = -(-offset * 8 // 6), (offset + len(value)) * 8 // 6
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        yield encode(bytes(offset) + value)[first:last].decode()
