"""The diary's control door, open to loopback only: order faults, set limits, look inside.

| verb and path              | body or answer                                                                        |
|----------------------------|---------------------------------------------------------------------------------------|
| `POST /_control/faults`    | an order or a list of them (see `diary_faults`) → `{"pending": [...]}`                |
| `GET /_control/faults`     | → `{"pending": [...], "struck": {kind: times}}`                                       |
| `DELETE /_control/faults`  | → `{"pending": []}`                                                                   |
| `POST /_control/limits`    | any of `max_items`, `max_bytes`, `token_seconds` → all of them; `{}` changes nothing  |
| `POST /_control/snapshot`  | copy everything held aside, receipts too → 204                                        |
| `POST /_control/restore`   | put that copy back, as from an old backup → 204, or 409 if nothing was copied aside   |
| `GET /_control/state`      | → records held, tombstones, effects, doubled, batches, replayed, version_regressions… |
| `GET /_control/requests`   | → `{"requests": {"POST /v1/…": times}, "answers": {"200": times}}`                    |
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ejsync.sandbox.diary_exchange import Limits
from ejsync.sandbox.serving import loopback_only

if TYPE_CHECKING:
    from starlette.requests import Request

    from ejsync.sandbox.diary_faults import DiaryFaults
    from ejsync.sandbox.diary_store import DiaryStore

PREFIX = "/_control"
_LIMITS = frozenset(item.name for item in fields(Limits))


@dataclass(frozen=True, slots=True)
class Traffic:
    """How often each endpoint was called and what it answered; paths stand as templates, without ids."""

    requests: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class ControlDoor:
    """The control endpoints over what the diary is made of."""

    store: DiaryStore
    faults: DiaryFaults
    limits: Limits
    traffic: Traffic

    def routes(self) -> list[Route]:
        """The routes, each guarded against callers from other machines."""
        doors = [
            ("POST", "/faults", self._order_faults),
            ("GET", "/faults", self._show_faults),
            ("DELETE", "/faults", self._clear_faults),
            ("POST", "/limits", self._set_limits),
            ("POST", "/snapshot", self._snapshot),
            ("POST", "/restore", self._restore),
            ("GET", "/state", self._state),
            ("GET", "/requests", self._requests),
        ]
        return [Route(PREFIX + path, loopback_only(door), methods=[verb]) for verb, path, door in doors]

    async def _order_faults(self, request: Request) -> Response:
        try:
            document = orjson.loads(await request.body())
            for order in document if isinstance(document, list) else [document]:
                self.faults.order(order)
        except ValueError as error:
            return JSONResponse({"error": str(error)}, 400)
        return JSONResponse({"pending": self.faults.pending()})

    async def _show_faults(self, _request: Request) -> Response:
        return JSONResponse({"pending": self.faults.pending(), "struck": self.faults.struck()})

    async def _clear_faults(self, _request: Request) -> Response:
        self.faults.clear()
        return JSONResponse({"pending": []})

    async def _set_limits(self, request: Request) -> Response:
        try:
            for name, value in _limits(orjson.loads(await request.body())).items():
                setattr(self.limits, name, value)
        except ValueError as error:
            return JSONResponse({"error": str(error)}, 400)
        return JSONResponse(asdict(self.limits))

    async def _snapshot(self, _request: Request) -> Response:
        await run_in_threadpool(self.store.snapshot)
        return Response(status_code=204)

    async def _restore(self, _request: Request) -> Response:
        try:
            await run_in_threadpool(self.store.restore)
        except FileNotFoundError:
            return JSONResponse({"error": "nothing was copied aside"}, 409)
        return Response(status_code=204)

    async def _state(self, _request: Request) -> Response:
        state = await run_in_threadpool(self.store.state)
        return Response(orjson.dumps(state), media_type="application/json")

    async def _requests(self, _request: Request) -> Response:
        return JSONResponse({"requests": self.traffic.requests, "answers": self.traffic.answers})


def _limits(document: Any) -> dict[str, int]:
    """The limits named in a request, after all of them have been found sensible."""
    if not isinstance(document, dict) or not document.keys() <= _LIMITS:
        raise ValueError(f"limits are {', '.join(sorted(_LIMITS))}")
    if not all(type(value) is int and value > 0 for value in document.values()):
        raise ValueError("a limit is a positive integer")
    return document
