"""The control door of the simulated ElJur: edits, raw state, counts of requests. Loopback only, JSON.

| verb and path                | body                         | answer                                               |
|------------------------------|------------------------------|------------------------------------------------------|
| `POST /_control/edit`        | one edit, or a list of edits | `{"done": [edit completed by the journal, …]}`       |
| `POST /_control/random`      | `{"n", "seed"}`              | `{"done": [edit, …]}` made in this order             |
| `GET /_control/state`        |                              | the journal as flat lists of raw facts               |
| `GET /_control/requests`     |                              | `{"total", "by_method": {"getmarks": 12, …}}`        |
| `DELETE /_control/requests`  |                              | the same, zeroed                                     |
| `…/_control/faults`          | see `faults`                 |                                                      |

| `op` of an edit                         | fields (`?` may be left out)                                           |
|-----------------------------------------|------------------------------------------------------------------------|
| `mark_added`                            | `pupil, subject or lesson_id, date, value, weight?, comment?`          |
| `mark_changed`                          | `pupil, subject or lesson_id, date, nm?, value?, weight?, comment?`    |
| `mark_removed`                          | `pupil, subject or lesson_id, date, nm?`; later marks of the cell move up |
| `homework_added`                        | `class, date, subject, text, grp?, pupil?, files?` (file names)        |
| `homework_changed`                      | `class, date, subject, index, text, grp?, pupil?`                      |
| `homework_removed`                      | `class, date, subject, index, grp?, pupil?`                            |
| `lesson_replaced`                       | `class, date, num, grp?, subject?, teacher_id?, room?`                 |
| `lesson_cancelled`                      | `class, date, num, grp?`; without `grp` every subgroup's               |
| `timetable_wiped`, `timetable_restored` | `class`                                                                |
| `pupil_left`                            | `pupil`                                                                |
| `pupil_joined`                          | `class, lastname?, firstname?, middlename?`; the answer has `pupil`    |
| `pupil_moved`                           | `pupil, class`; the answer has `from`                                  |
| `final_set`                             | `pupil, subject, period, value` (null takes it back)`, comment?`       |
| `random`                                | `n, seed`; as `POST /_control/random`                                  |

Dates are `YYYY-MM-DD`. An edit that finds nothing is answered 400 `{"error", "done"}`; those before it in the list
stay made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
from starlette.responses import Response
from starlette.routing import Route

from ejsync.sandbox.edits import Done, EditError, edit
from ejsync.sandbox.faults import fault_routes
from ejsync.sandbox.journal_state import journal_state
from ejsync.sandbox.mischief import random_edits
from ejsync.sandbox.serving import loopback_only

if TYPE_CHECKING:
    from starlette.requests import Request

    from ejsync.sandbox.dialect import Dialect
    from ejsync.sandbox.rollbook import Rollbook

_DEFAULT_EDITS = 10


def control_routes(dialect: Dialect) -> list[Route]:
    """The control endpoints of one simulated journal."""
    book = dialect.book

    async def post_edit(request: Request) -> Response:
        return _edited(book, await request.body())

    async def post_random(request: Request) -> Response:
        return _edited(book, await request.body(), op="random")

    async def state(_request: Request) -> Response:
        return _json(journal_state(book))

    async def requests(request: Request) -> Response:
        # Zeroed rather than restarted: a rehearsal counts the calls of one pass in a running journal.
        if request.method == "DELETE":
            dialect.calls.clear()
        return _json({"total": dialect.calls.total(), "by_method": dict(dialect.calls)})

    return [
        Route("/_control/edit", loopback_only(post_edit), methods=["POST"]),
        Route("/_control/random", loopback_only(post_random), methods=["POST"]),
        Route("/_control/state", loopback_only(state), methods=["GET"]),
        Route("/_control/requests", loopback_only(requests), methods=["GET", "DELETE"]),
        *fault_routes(dialect.faults),
    ]


def _edited(book: Rollbook, body: bytes, *, op: str | None = None) -> Response:
    done: list[Done] = []
    try:
        document = orjson.loads(body or b"{}")
        for one in document if isinstance(document, list) else [document]:
            done.extend(_made(book, {**one, "op": op} if op and isinstance(one, dict) else one))
    except ValueError as error:
        return _json({"error": str(error), "done": done}, status=400)
    return _json({"done": done})


def _made(book: Rollbook, document: object) -> list[Done]:
    if not isinstance(document, dict) or document.get("op") != "random":
        return [edit(book, document)]
    count, seed = document.get("n", _DEFAULT_EDITS), document.get("seed", 0)
    if not isinstance(count, int) or not isinstance(seed, int) or count < 0:
        raise EditError("n and seed are integers")
    return random_edits(book, count=count, seed=seed)


def _json(document: object, *, status: int = 200) -> Response:
    return Response(orjson.dumps(document), status, media_type="application/json")
