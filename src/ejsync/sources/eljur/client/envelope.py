"""Opening ElJur's envelope: an answer, a refusal, or no answer at all (fact sheet, section 1)."""

from dataclasses import dataclass, field
from typing import Any

import orjson

from ejsync.sources.eljur.mapping.tidy import integer, text
from ejsync.transport import Answer
from ejsync.wording import N_

OK = 200
TOO_MANY = 429
_REDIRECTS = range(300, 400)
_REFUSALS = range(400, 500)
_FAILURE = 500


class NoAnswerError(Exception):
    """What came is no answer of the API; the message says what it was and repeats nothing of it."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An opened envelope.

    Attributes:
        state: the numeric state; 200 for an answer, 4xx for a refusal.
        sentence: the service's own words about a refusal, empty for none; shown for failed sign-ins only.
    """

    state: int
    sentence: str = field(default="", repr=False)
    result: Any = field(default=None, repr=False)
    size_bytes: int = 0


def open_envelope(answer: Answer) -> Reply:
    """Open an answer and judge it by its HTTP status and the envelope's own `state`.

    Raises:
        NoAnswerError: it is neither an answer nor a refusal of the API.
    """
    if answer.status in _REDIRECTS:
        raise NoAnswerError(N_("redirected"))
    reply = _opened(answer.body) if answer.status == OK else _failed(answer)
    if reply.state == OK or reply.state in _REFUSALS:
        return reply
    if reply.state == _FAILURE:
        raise NoAnswerError(N_("state 500: an unknown school sub-domain, or a failure of the service"))
    raise NoAnswerError(f"state {reply.state}")


def _failed(answer: Answer) -> Reply:
    """Take the HTTP status as the state; a page where a refusal should be may come from anything on the way."""
    if answer.body.lstrip()[:1] == b"<" and answer.status in _REFUSALS:
        raise NoAnswerError(f"HTTP {answer.status} with an HTML page")
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
    start = body.lstrip()[:200].lower()
    if not start:
        return N_("an empty body")
    if start.startswith((b"<?xml", b"<response")):
        return N_("XML instead of JSON")
    return N_("an HTML page instead of an answer") if start.startswith(b"<") else N_("JSON that does not parse")
