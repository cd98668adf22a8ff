"""What can be ordered to go wrong with the diary, and how it then goes wrong.

| kind           | fields                        | what happens                                                        |
|----------------|-------------------------------|---------------------------------------------------------------------|
| outage         | `retry_after_s`/`retry_after` | 503 with Retry-After                                                |
| throttle       | `retry_after_s`/`retry_after` | 429 with Retry-After                                                |
| error500       |                               | 500                                                                 |
| expired_token  |                               | 401 `token_expired`, whatever the token                             |
| foreign_school |                               | 403                                                                 |
| reset_before   |                               | the connection is reset, nothing is applied                         |
| reset_after    |                               | applied and committed, then the connection is reset                 |
| no_answer      |                               | nothing is applied, nothing answered, until the client hangs up     |
| slow           | `delay_s`                     | treated, but only after that time                                   |
| poison         | `key` and/or `record_kind`    | such items are rejected with code `poison`, until cleared           |
| refuse_whole   | `key` and/or `record_kind`    | a batch holding such an item is refused as a whole, until cleared   |

An order without `match` strikes the resets on batches only, everything else on any request under /v1/.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn, TypeAlias

from starlette.responses import Response

from ejsync.sandbox.diary_problems import ProblemError
from ejsync.sandbox.faults import UNTIL_CLEARED, Fault, FaultBook, FaultOrderError
from ejsync.sandbox.serving import abort

if TYPE_CHECKING:
    from starlette.requests import Request

    from ejsync.sandbox.diary_items import Item

Work: TypeAlias = Callable[[], Awaitable[Response]]

_PROBLEM_OF = {
    "outage": "unavailable",
    "throttle": "throttled",
    "error500": "internal",
    "expired_token": "token_expired",
    "foreign_school": "foreign_school",
}
_WITH_RETRY_AFTER = frozenset({"outage", "throttle"})
_RESETS = frozenset({"reset_before", "reset_after"})
REQUEST_KINDS = frozenset({*_PROBLEM_OF, *_RESETS, "no_answer", "slow"})
ITEM_KINDS = frozenset({"poison", "refuse_whole"})


@dataclass(frozen=True, slots=True)
class Marked:
    """The items an order is about: those with one of these keys, and those of one of these kinds."""

    orders: Sequence[tuple[str | None, str | None]] = ()

    def has(self, item: Item) -> bool:
        """Whether the item is meant."""
        return any(key in (None, item.key) and kind in (None, item.kind) for key, kind in self.orders)


class DiaryFaults:
    """Two books: faults that strike a request and are used up, and marks on items that stay until cleared."""

    def __init__(self) -> None:
        self._requests = FaultBook(REQUEST_KINDS)
        self._items = FaultBook(ITEM_KINDS)

    def order(self, document: object) -> None:
        """Take one order.

        Raises:
            FaultOrderError: It makes no sense.
        """
        if isinstance(document, Mapping) and document.get("kind") in ITEM_KINDS:
            self._items.order(_item_order(document))
        elif isinstance(document, Mapping):
            default = "/batches" if document.get("kind") in _RESETS else "/v1/"
            self._requests.order({**document, "match": document.get("match") or default})
        else:
            raise FaultOrderError("a fault is a JSON object")

    def clear(self) -> None:
        """Forget every order."""
        self._requests.clear()
        self._items.clear()

    def pending(self) -> list[dict[str, object]]:
        """The orders in force."""
        return self._requests.pending() + self._items.pending()

    def struck(self) -> dict[str, int]:
        """How often each kind has struck a request."""
        return self._requests.struck()

    def marked(self, kind: str) -> Marked:
        """The items that are poisoned, or whose batch is refused, at this moment."""
        orders = [order for order in self._items.pending() if order["kind"] == kind]
        return Marked([(_text(order.get("key")), _text(order.get("record_kind"))) for order in orders])

    async def around(self, request: Request, work: Work) -> Response:
        """Do the work of a request, or what was ordered to happen instead, before or after.

        Raises:
            ProblemError: A refusal was ordered.
        """
        fault = self._requests.take(f"{request.method} {request.url.path}")
        if fault is None:
            return await work()
        if fault.kind in _PROBLEM_OF:
            _refuse(fault)
        if fault.kind == "slow":
            await asyncio.sleep(fault.number("delay_s", 1.0))
        elif fault.kind != "reset_after":
            return await _vanish(fault, request)
        response = await work()
        return abort(request) if fault.kind == "reset_after" else response


def _item_order(document: Mapping[str, object]) -> dict[str, object]:
    if not (_text(document.get("key")) or _text(document.get("record_kind"))):
        raise FaultOrderError("name the items by key or record_kind")
    return {**document, "times": UNTIL_CLEARED, "skip": 0}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _refuse(fault: Fault) -> NoReturn:
    headers = {}
    if fault.kind in _WITH_RETRY_AFTER:
        headers["Retry-After"] = fault.text("retry_after") or str(int(fault.number("retry_after_s", 1)))
    raise ProblemError(_PROBLEM_OF[fault.kind], headers=headers)


async def _vanish(fault: Fault, request: Request) -> Response:
    if fault.kind == "no_answer":
        while (await request.receive())["type"] != "http.disconnect":
            pass
        return Response()
    return abort(request)
