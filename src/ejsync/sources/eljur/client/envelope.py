"""Opening ElJur's envelope: an answer, a refusal, or no answer at all (fact sheet, section 1)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

import orjson

from ejsync.errors import SourceElsewhere, SourceOversized, SourceUnavailable
from ejsync.sources.eljur.mapping.tidy import integer, text
from ejsync.transport import OVERSIZED, Answer
from ejsync.wording import N_

OK = 200
TOO_MANY = 429
_REDIRECTS = range(300, 400)
_REFUSALS = range(400, 500)
_FAILURE = 500
_LOG_IN = N_("a log-in page instead of an answer")
_XML = N_("XML instead of JSON")
_REDIRECTED = N_("redirected to another address of the same host")
_SENT_AWAY = N_("redirected to another host, which is never followed")
_PASSWORD_FIELD = re.compile(rb"<input\b[^>]{0,300}\btype\s{0,9}=\s{0,9}[\"']?password", re.IGNORECASE)
_SEARCHED_BYTES = 200_000
_LEAD = b"\xef\xbb\xbf \t\r\n"

ERRORS: Mapping[str, type[SourceUnavailable]] = {
    **dict.fromkeys((_LOG_IN, _XML, _REDIRECTED, _SENT_AWAY), SourceElsewhere),
    OVERSIZED: SourceOversized,
}
"""Reasons that say more than that the service is not well just now, and the error they make."""


class NoAnswerError(Exception):
    """What came is no answer of the API; the message says what it was and repeats nothing of it."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An opened envelope.

    Attributes:
        state: the numeric state; 200 for an answer, 4xx for a refusal.
        sentence: the service's own words about a refusal, empty for none; shown for failed sign-ins only.
        digest: keyed hash of the answer's bytes, where one was asked for.
        took_s: seconds from the request's own turn to the end of the answer, without any waiting for that turn.
        unchanged: the digest is the one that was known: the answer was not opened, `result` is None.
    """

    state: int
    sentence: str = field(default="", repr=False)
    result: Any = field(default=None, repr=False)
    size_bytes: int = 0
    digest: str = ""
    took_s: float = 0.0
    unchanged: bool = False


def open_envelope(answer: Answer, host: str) -> Reply:
    """Open an answer and judge it by its HTTP status and the envelope's own `state`.

    Args:
        answer: what came.
        host: who was asked, as `transport.host_of` writes it.

    Raises:
        NoAnswerError: it is neither an answer nor a refusal of the API.
    """
    if answer.status in _REDIRECTS:
        raise NoAnswerError(_REDIRECTED if _stays(answer.headers.get("location", ""), host) else _SENT_AWAY)
    reply = _opened(answer.body) if answer.status == OK else _failed(answer)
    if reply.state == OK or reply.state in _REFUSALS:
        return reply
    if reply.state == _FAILURE:
        raise NoAnswerError(N_("state 500: an unknown school sub-domain, or a failure of the service"))
    raise NoAnswerError(f"state={reply.state}")


def _stays(location: str, host: str) -> bool:
    """Tell whether a redirect leads to the same host; the target itself is never shown, it may repeat our query."""
    try:
        return urlsplit(urljoin(host, location)).hostname == urlsplit(host).hostname
    except ValueError:
        return False


def _failed(answer: Answer) -> Reply:
    """Take the HTTP status as the state; a page where a refusal should be may come from anything on the way."""
    if answer.body.lstrip(_LEAD)[:1] == b"<" and answer.status in _REFUSALS:
        raise NoAnswerError(_page(answer.body, N_("a refusal as an HTML page, perhaps of something on the way")))
    try:
        sentence = _opened(answer.body).sentence
    except NoAnswerError:
        sentence = ""
    return Reply(answer.status, sentence)


def _opened(body: bytes) -> Reply:
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise NoAnswerError(_nature(body)) from None
    response = document.get("response") if isinstance(document, dict) else None
    if not isinstance(response, dict):
        raise NoAnswerError(N_("an envelope without `response`"))
    state = integer(response.get("state"))
    if not isinstance(state, int):
        raise NoAnswerError(N_("a `state` that is no number"))
    return Reply(state, text(response.get("error")) or "", response.get("result"), len(body))


def _nature(body: bytes) -> str:
    start = body.lstrip(_LEAD)[:200].lower()
    if not start:
        return N_("an empty body")
    if start.startswith((b"<?xml", b"<response")):
        return _XML
    if not start.startswith(b"<"):
        return N_("JSON that does not parse")
    return _page(body, N_("an HTML page instead of an answer: maintenance, or the school's journal is closed"))


def _page(body: bytes, otherwise: str) -> str:
    """Say what a page is: one that asks for a password wants a sign-in, of all others nobody can tell for sure."""
    return _LOG_IN if _PASSWORD_FIELD.search(body[:_SEARCHED_BYTES]) else otherwise
