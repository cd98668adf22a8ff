"""The dialect the simulated ElJur speaks over HTTP: envelope, sign-in, rights, and the faults it was ordered to show.

`/api/<method>` and `/apiv3/<method>` answer alike, in any case, with or without a trailing slash. Without
`out_format=json` the answer is XML, as ElJur's once was.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

import orjson
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from ejsync.sandbox import class_answers, pupil_answers
from ejsync.sandbox.question import Refused, understand
from ejsync.sandbox.serving import abort
from ejsync.sandbox.strain import Strain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.requests import Request

    from ejsync.sandbox.faults import Fault, FaultBook
    from ejsync.sandbox.question import Question
    from ejsync.sandbox.quirks import Quirks
    from ejsync.sandbox.rollbook import Rollbook
    from ejsync.sandbox.sessions import Sessions

    Read = Callable[[Rollbook, Question], dict[str, Any]]

JOURNAL_FAULTS = frozenset(
    {
        "outage",
        "throttle",
        "reset_before",
        "reset_after",
        "html",
        "truncated",
        "no_response",
        "empty",
        "error500",
        "expired_token",
        "slow",
    }
)
PREFIXES = ("/api", "/apiv3")

_RETRY_AFTER_S = 5
_QUESTIONS_KEPT = 20_000
_WHO_AND_WHEN = ("student", "class", "days")
_DELAY_S = 1.0
_UNKNOWN_VENDOR = "<html><head><title>500</title></head><body>Internal Server Error</body></html>"
_MAINTENANCE = (
    "<!DOCTYPE html><html><head><title>Технические работы</title></head><body>Мы скоро вернёмся</body></html>"
)
# With a `status` of 200 the failure shows in the envelope alone, as it does at times in ElJur.
_BROKEN = {"response": {"state": 500, "error": "Внутренняя ошибка сервера", "result": []}}
_BY_PUPIL: dict[str, Read] = {
    "getdiary": pupil_answers.diary,
    "getfinalassessments": pupil_answers.finals,
    "gethomework": pupil_answers.homework,
    "getmarks": pupil_answers.marks,
    "getperiods": pupil_answers.periods,
    "getschedule": pupil_answers.schedule,
    "getrules": class_answers.rules,
    "getupdates": pupil_answers.updates,
    "getmessagereceivers": class_answers.receivers,
    "getreplaces": class_answers.replaces,
}
_BY_CLASS: dict[str, Read] = {
    **_BY_PUPIL,
    "gethomework": class_answers.homework,
    "getschedule": class_answers.schedule,
}


class Dialect:
    """The server side of the dialect over one journal."""

    def __init__(self, book: Rollbook, *, sessions: Sessions, faults: FaultBook, quirks: Quirks) -> None:
        self.book = book
        self.sessions = sessions
        self.faults = faults
        self.quirks = quirks
        self.calls: Counter[str] = Counter()
        self.questions: deque[dict[str, str]] = deque(maxlen=_QUESTIONS_KEPT)
        self.strain = Strain()

    def routes(self) -> list[Route]:
        """The routes of both prefixes; the case of prefix and method does not matter."""
        paths = ("/{prefix}/{method}", "/{prefix}/{method}/")
        return [Route(path, self.respond, methods=["GET", "POST"]) for path in paths]

    async def respond(self, request: Request) -> Response:
        """Answer one call, or go wrong the way the fault book says."""
        method = request.path_params["method"].lower()
        if f"/{request.path_params['prefix']}".lower() not in PREFIXES:
            return HTMLResponse("Not Found", status_code=404)
        # Counted before anything can go wrong: a call that was cut off is a call.
        self.calls[method] += 1
        params = await _params(request)
        self.questions.append({"method": method} | {name: params[name] for name in _WHO_AND_WHEN if name in params})
        await asyncio.sleep(self.strain.delay_s(params))
        fault = self.faults.take(f"{request.method} {request.url.path}")
        if fault is None:
            return self.answer(request.method, method, params)
        # Forgetting comes before the answer, so that this very call is the first to be refused.
        if fault.kind == "expired_token":
            self.sessions.forget_tokens()
        if fault.kind == "slow":
            await asyncio.sleep(fault.number("delay_s", _DELAY_S))
        if (instead := _instead(fault, request)) is not None:
            return instead
        answer = self.answer(request.method, method, params)
        if fault.kind == "reset_after":
            return abort(request)
        if fault.kind == "truncated":
            # Cut before compression, so that what arrives is sound gzip of broken JSON.
            half = bytes(answer.body)[: len(answer.body) // 2]
            return Response(half, answer.status_code, media_type="application/json")
        return answer

    def answer(self, verb: str, method: str, params: Mapping[str, str]) -> Response:
        """The answer to a call, no faults considered."""
        # The vendor is a host name in ElJur: a wrong one never reaches the API that would write an envelope.
        if not self.sessions.knows_vendor(params.get("vendor", "")):
            return HTMLResponse(_UNKNOWN_VENDOR, status_code=500)
        as_json = params.get("out_format") == "json"
        try:
            result = self._result(verb, method, params)
        except Refused as refusal:
            return _enveloped(refusal.state, refusal.sentence, [], as_json=as_json)
        state, told = self.quirks.told(method, params, result)
        return _enveloped(state, None, told, as_json=as_json)

    def _result(self, verb: str, method: str, params: Mapping[str, str]) -> dict[str, Any]:
        self.sessions.check_developer(params.get("devkey", ""), signing_in=method == "auth")
        if method == "auth":
            return self.sessions.sign_in(params)
        read = (_BY_CLASS if "class" in params else _BY_PUPIL).get(method)
        if read is None or verb != "GET":
            raise Refused(404, "Метод не найден")
        account = self.sessions.account_of(params)
        self.sessions.count(account, method)
        self.strain.check(params)
        return read(self.book, understand(self.book, account=account, method=method, params=params))


def _instead(fault: Fault, request: Request) -> Response | None:
    """The answer that stands in for the real one where the fault strikes before anything is done."""
    if fault.kind == "reset_before":
        return abort(request)
    if fault.kind == "throttle":
        seconds = str(int(fault.number("retry_after_s", _RETRY_AFTER_S)))
        return Response("", int(fault.number("status", 429)), headers={"Retry-After": seconds})
    if fault.kind == "outage":
        return HTMLResponse(_MAINTENANCE, int(fault.number("status", 503)))
    whole: dict[str, Callable[[], Response]] = {
        "error500": lambda: _json(_BROKEN, int(fault.number("status", 500))),
        "html": lambda: HTMLResponse(_MAINTENANCE),
        "no_response": lambda: _json({"state": 200, "error": None, "result": {}}, 200),
        "empty": lambda: _enveloped(200, None, [], as_json=True),
    }
    return whole[fault.kind]() if fault.kind in whole else None


async def _params(request: Request) -> dict[str, str]:
    """Parameters from the query and, for a POST, from a form or a JSON body."""
    params = dict(request.query_params)
    body = await request.body()
    if request.headers.get("content-type", "").startswith("application/json"):
        try:
            document = orjson.loads(body)
        except ValueError:
            document = None
        pairs = document if isinstance(document, dict) else {}
        return params | {str(name): str(value) for name, value in pairs.items()}
    return params | dict(parse_qsl(body.decode(errors="replace")))


def _enveloped(state: int | str, error: str | None, result: object, *, as_json: bool) -> Response:
    envelope = {"response": {"state": state, "error": error, "result": result}}
    if as_json:
        return _json(envelope, int(state))
    # Through JSON first, so that dates are already text.
    body = '<?xml version="1.0" encoding="UTF-8"?>' + _xml(orjson.loads(orjson.dumps(envelope)))
    return Response(body, int(state), media_type="application/xml")


def _json(document: object, status: int) -> Response:
    return Response(orjson.dumps(document), status, media_type="application/json")


def _xml(node: object) -> str:
    if isinstance(node, dict):
        # A name that is a number is no XML name, so such keys become an attribute.
        return "".join(
            f"<{name}>{_xml(child)}</{name}>"
            if name.isidentifier()
            else f'<item key="{escape(name)}">{_xml(child)}</item>'
            for name, child in node.items()
        )
    if isinstance(node, list):
        return "".join(f"<item>{_xml(child)}</item>" for child in node)
    return "" if node is None else escape(str(node))
