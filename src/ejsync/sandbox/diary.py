"""The sandbox diary: a strict reference ED over the contract ed/v1, on its own SQLite file.

It shares nothing with the pipeline but the published contract, keeps an account of every effect, and can be told to
go wrong in every way a distant service does.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ejsync.sandbox.diary_auth import Credentials, TokenRequest, grant
from ejsync.sandbox.diary_body import media_type, take_body
from ejsync.sandbox.diary_clock import UtcClock
from ejsync.sandbox.diary_contracts import EdContract
from ejsync.sandbox.diary_control import PREFIX, ControlDoor, Traffic
from ejsync.sandbox.diary_exchange import Exchange, InProgress, Limits
from ejsync.sandbox.diary_faults import DiaryFaults
from ejsync.sandbox.diary_problems import ProblemError, problem_response
from ejsync.sandbox.diary_store import DiaryStore
from ejsync.sandbox.serving import serve

if TYPE_CHECKING:
    from pathlib import Path

Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]

_TOKEN_PATH = "/oauth/token"  # noqa: S105 - a path
_PLAIN_ERRORS = {404: "not_found", 405: "method_not_allowed"}


@dataclass(frozen=True, slots=True)
class Diary:
    """The parts of a running diary and the way a request takes through them."""

    exchange: Exchange
    credentials: Credentials
    traffic: Traffic

    def app(self) -> Starlette:
        """The ASGI application."""
        exchange = self.exchange
        control = ControlDoor(exchange.store, exchange.faults, exchange.limits, self.traffic)
        school = "/v1/schools/{school}"
        routes = [
            self._route("POST", f"{school}/batches", self._admitted(exchange.batches)),
            self._route("GET", f"{school}/digest", self._admitted(exchange.digest)),
            self._route("GET", f"{school}/records", self._admitted(exchange.records)),
            self._route("DELETE", f"{school}/pupils/{{pupil}}", self._admitted(exchange.erase)),
            self._route("POST", _TOKEN_PATH, self._token),
        ]
        return Starlette(
            routes=[*routes, *control.routes()], exception_handlers={HTTPException: _plain_error, Exception: _failure}
        )

    def announcement(self, base_url: str, *, database: str) -> dict[str, object]:
        """What the first line on stdout tells whoever started the diary."""
        return {
            "role": "diary",
            "base_url": base_url,
            "school": "*",
            "token": self.credentials.token,
            "token_url": base_url + _TOKEN_PATH,
            "client_id": self.credentials.client_id,
            "client_secret": self.credentials.client_secret,
            "control": base_url + PREFIX,
            "database": database,
        }

    def _route(self, verb: str, path: str, endpoint: Endpoint) -> Route:
        async def counted(request: Request) -> Response:
            self.traffic.requests[f"{verb} {path}"] += 1
            try:
                request.state.body = await take_body(request, max_bytes=self.exchange.limits.max_bytes)
                response = await endpoint(request)
            except ProblemError as problem:
                response = problem_response(problem)
            self.traffic.answers[str(response.status_code)] += 1
            return response

        return Route(path, counted, methods=[verb])

    def _admitted(self, endpoint: Endpoint) -> Endpoint:
        async def admitted(request: Request) -> Response:
            authorization = request.headers.get("authorization")
            self.credentials.check(authorization, now=self.exchange.clock.now())
            return await endpoint(request)

        return admitted

    async def _token(self, request: Request) -> Response:
        headers, body = request.headers, request.state.body
        asked = TokenRequest(media_type(headers), headers.get("authorization"), body.content)

        async def work() -> Response:
            lifetime_s = self.exchange.limits.token_seconds
            now = self.exchange.clock.now()
            return grant(asked, credentials=self.credentials, now=now, lifetime_s=lifetime_s)

        return await self.exchange.faults.around(request, work)


def build_diary(store: DiaryStore, *, seed: int = 0, clock: UtcClock | None = None) -> Diary:
    """Put a diary together over an open store.

    Args:
        store: Where it keeps what it is sent.
        seed: Decides the credentials.
        clock: Tells the time, by default the machine's.
    """
    exchange = Exchange(
        store=store,
        contract=EdContract.load(),
        faults=DiaryFaults(),
        limits=Limits(),
        in_progress=InProgress(),
        clock=clock or UtcClock(),
    )
    return Diary(exchange, Credentials.from_seed(seed), Traffic())


def run_diary(*, host: str, port: int, database: Path, seed: int = 0) -> None:
    """Serve a diary until SIGTERM or SIGINT; the first line on stdout announces it.

    Args:
        host: Address to bind.
        port: Port to bind, 0 for any free one.
        database: The diary's SQLite file, made if it does not exist; must not be shared between processes.
        seed: Decides the credentials, so that they are the same after a restart.

    Raises:
        OSError: The address cannot be bound.
    """
    store = DiaryStore(database)
    try:
        diary = build_diary(store, seed=seed)
        name = str(database)
        serve(diary.app(), host=host, port=port, announce=lambda url: diary.announcement(url, database=name))
    finally:
        store.close()


async def _failure(_request: Request, _error: Exception) -> Response:
    return problem_response(ProblemError("internal"))


async def _plain_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = _PLAIN_ERRORS.get(error.status_code, "internal")
    return problem_response(ProblemError(code, headers=error.headers))
