"""Faults to order: a book of what shall go wrong, in the order asked for, and its control endpoints.

| verb and path            | body                                                 | answer                      |
|--------------------------|------------------------------------------------------|-----------------------------|
| `POST /_control/faults`  | `{"kind", "times"?, "skip"?, "match"?, …}` or a list | 200 `{"pending": [...]}`    |
| `GET /_control/faults`   |                                                      | 200 `{"pending", "struck"}` |
| `DELETE /_control/faults`|                                                      | 200 `{"pending": []}`       |

`times` (default 1, -1 until cleared) counts the requests struck; `skip` (default 0) lets that many matching
requests pass first; `match` is a part of `"METHOD /path"` in any case. Every other field belongs to the kind
(`retry_after_s`, `status`, `delay_s`, `key`) and is kept for the server to read. A body that makes no sense
is answered 400 and orders nothing.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import orjson
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ejsync.sandbox.serving import loopback_only

if TYPE_CHECKING:
    from starlette.requests import Request

UNTIL_CLEARED = -1
_OWN_FIELDS = frozenset({"kind", "times", "skip", "match"})


class FaultOrderError(ValueError):
    """An order that the book cannot take: unknown kind or senseless count."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that shall go wrong, and the fields that say how."""

    kind: str
    match: str = ""
    fields: Mapping[str, object] = field(default_factory=dict)

    def number(self, name: str, default: float) -> float:
        """A kind-specific field as a number, or the default where it is absent or no number."""
        value = self.fields.get(name, default)
        return float(value) if isinstance(value, int | float) else default

    def text(self, name: str, default: str = "") -> str:
        """A kind-specific field as text, or the default where it is absent."""
        value = self.fields.get(name)
        return default if value is None else str(value)

    def matches(self, request_name: str) -> bool:
        """Whether a request of this name is meant."""
        return self.match.casefold() in request_name.casefold()


@dataclass(slots=True)
class _Order:
    """A fault with how often it shall still strike and how many requests it lets pass first."""

    fault: Fault
    times: int
    skip: int

    def shown(self) -> dict[str, object]:
        head = {"kind": self.fault.kind, "times": self.times, "skip": self.skip, "match": self.fault.match}
        return {**head, **self.fault.fields}


class FaultBook:
    """A thread-safe list of ordered faults; the earliest matching order strikes first."""

    def __init__(self, kinds: frozenset[str]) -> None:
        self._kinds = kinds
        self._orders: list[_Order] = []
        self._struck: Counter[str] = Counter()
        self._lock = threading.Lock()

    def order(self, *documents: object) -> None:
        """Take orders as the control endpoint receives them: all or none.

        Raises:
            FaultOrderError: The kind is unknown here, or a count makes no sense.
        """
        orders = [self._read(document) for document in documents]
        with self._lock:
            self._orders.extend(orders)

    def take(self, request_name: str) -> Fault | None:
        """The fault that strikes the request of this name, such as `"GET /api/getmarks"`, or none."""
        with self._lock:
            for order in self._orders:
                if not order.fault.matches(request_name):
                    continue
                if order.skip > 0:
                    order.skip -= 1
                    continue
                return self._strike(order)
        return None

    def clear(self) -> None:
        """Forget every order that is still pending."""
        with self._lock:
            self._orders.clear()

    def pending(self) -> list[dict[str, object]]:
        """The orders that have not been used up, earliest first."""
        with self._lock:
            return [order.shown() for order in self._orders]

    def struck(self) -> dict[str, int]:
        """How often each kind has struck since the server started."""
        with self._lock:
            return dict(self._struck)

    def _strike(self, order: _Order) -> Fault:
        self._struck[order.fault.kind] += 1
        if order.times != UNTIL_CLEARED:
            order.times -= 1
        if order.times == 0:
            self._orders.remove(order)
        return order.fault

    def _read(self, document: object) -> _Order:
        if not isinstance(document, Mapping):
            raise FaultOrderError("a fault is a JSON object")
        kind = document.get("kind")
        if kind not in self._kinds:
            raise FaultOrderError(f"unknown kind; known are {', '.join(sorted(self._kinds))}")
        times, skip = document.get("times", 1), document.get("skip", 0)
        if not isinstance(times, int) or times == 0 or times < UNTIL_CLEARED:
            raise FaultOrderError("times is a positive integer, or -1 for until cleared")
        if not isinstance(skip, int) or skip < 0:
            raise FaultOrderError("skip is a non-negative integer")
        fields = {name: value for name, value in document.items() if name not in _OWN_FIELDS}
        return _Order(Fault(str(kind), str(document.get("match") or ""), fields), times, skip)


def fault_routes(book: FaultBook, *, prefix: str = "/_control") -> list[Route]:
    """The control endpoints of a fault book, for loopback callers only."""

    async def post(request: Request) -> Response:
        try:
            body = orjson.loads(await request.body())
            book.order(*(body if isinstance(body, list) else [body]))
        except ValueError as error:
            return JSONResponse({"error": str(error)}, status_code=400)
        return JSONResponse({"pending": book.pending()})

    async def show(_request: Request) -> Response:
        return JSONResponse({"pending": book.pending(), "struck": book.struck()})

    async def clear(_request: Request) -> Response:
        book.clear()
        return JSONResponse({"pending": []})

    verbs = {"POST": post, "GET": show, "DELETE": clear}
    return [Route(f"{prefix}/faults", loopback_only(handler), methods=[verb]) for verb, handler in verbs.items()]
