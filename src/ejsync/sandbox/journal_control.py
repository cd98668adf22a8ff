"""The control door of the simulated ElJur: edits, raw state, counts of requests, quirks. Loopback only, JSON.

| verb and path                | body                         | answer                                               |
|------------------------------|------------------------------|------------------------------------------------------|
| `POST /_control/edit`        | one edit, or a list of edits | `{"done": [edit completed by the journal, …]}`       |
| `POST /_control/random`      | `{"n", "seed"}`              | `{"done": [edit, …]}` made in this order             |
| `GET /_control/state`        |                              | the journal as flat lists of raw facts               |
| `GET /_control/requests`     |                              | `{"total", "by_method": {"getmarks": 12, …},         |
|                              |                              | "by_account": {"service": {"getrules": 1, …}, …}}`   |
| `DELETE /_control/requests`  |                              | the same, zeroed                                     |
| `GET /_control/questions`    |                              | the last calls: `[{"method", "student"?, …}, …]`     |
| `GET /_control/rights`       |                              | `{"rights": {login: {"classes", "pupils"}}}`         |
| `POST /_control/rights`      | see `given_rights`           | the same, changed; one document, or a list of them   |
| `GET /_control/strain`       |                              | `{"ms_per_pupil", "most_pupils"}`, see `strain`      |
| `POST /_control/strain`      | one of them, or both         | the same, changed                                    |
| `GET /_control/quirks`       |                              | `{"on": [name, …], "known": [name, …]}`              |
| `POST /_control/quirks`      | `{"on": [name, …]}`          | the same, changed; `all` turns every one on          |
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
| `lesson_moved`                          | `class, date, num, to_date?, to_num?`; what stands there comes back    |
| `room_changed`                          | `class, date, num, room, grp?`                                         |
| `control_planned`, `control_called_off` | `class, date, num, grp?`; planning also `topic?`                       |
| `timetable_wiped`, `timetable_restored` | `class`                                                                |
| `pupil_left`                            | `pupil`                                                                |
| `pupil_joined`                          | `class, lastname?, firstname?, middlename?`; the answer has `pupil`    |
| `pupil_moved`                           | `pupil, class`; the answer has `from`                                  |
| `group_changed`                         | `pupil, grp?`; the answer has `grp` and `from`                         |
| `subject_renamed`                       | `class, subject, name`; the answer has `lesson_id`                     |
| `class_split`, `class_joined`           | `class, subject, since?`; splitting also `teacher_id?` of the second group |
| `year_rolled_over`                      | nothing; the answer has `today`, `school_year`, `classes`              |
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

from ejsync.sandbox.edit_places import Done, EditError
from ejsync.sandbox.edits import edit
from ejsync.sandbox.faults import fault_routes
from ejsync.sandbox.given_rights import change_rights, rights_shown
from ejsync.sandbox.journal_state import journal_state
from ejsync.sandbox.mischief import random_edits
from ejsync.sandbox.quirks import QUIRKS, UnknownQuirkError
from ejsync.sandbox.serving import Handler, loopback_only

if TYPE_CHECKING:
    from starlette.requests import Request

    from ejsync.sandbox.dialect import Dialect
    from ejsync.sandbox.quirks import Quirks
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

    return [
        Route("/_control/edit", loopback_only(post_edit), methods=["POST"]),
        Route("/_control/random", loopback_only(post_random), methods=["POST"]),
        Route("/_control/state", loopback_only(state), methods=["GET"]),
        *_manner_routes(dialect),
        *fault_routes(dialect.faults),
    ]


def _manner_routes(dialect: Dialect) -> list[Route]:
    """The endpoints about how the journal answers, and how often it had to."""
    sessions = dialect.sessions

    async def requests(request: Request) -> Response:
        # Zeroed rather than restarted: a rehearsal counts the calls of one pass in a running journal.
        if request.method == "DELETE":
            dialect.calls.clear()
            sessions.calls.clear()
        counts = {"total": dialect.calls.total(), "by_method": dict(dialect.calls)}
        return _json({**counts, "by_account": sessions.calls})

    async def questions(_request: Request) -> Response:
        return _json(list(dialect.questions))

    async def rights(request: Request) -> Response:
        for one in await _documents(request):
            change_rights(dialect.book, sessions.accounts, one)
        return _json({"rights": rights_shown(dialect.book, sessions.accounts)})

    async def strain(request: Request) -> Response:
        for one in await _documents(request):
            dialect.strain.change(one)
        return _json(dialect.strain)

    async def quirks(request: Request) -> Response:
        for one in await _documents(request):
            _switch(dialect.quirks, one)
        return _json({"on": dialect.quirks.names, "known": list(QUIRKS)})

    return [
        Route("/_control/quirks", loopback_only(_refusing(quirks)), methods=["GET", "POST"]),
        Route("/_control/requests", loopback_only(requests), methods=["GET", "DELETE"]),
        Route("/_control/questions", loopback_only(questions), methods=["GET"]),
        Route("/_control/rights", loopback_only(_refusing(rights)), methods=["GET", "POST"]),
        Route("/_control/strain", loopback_only(_refusing(strain)), methods=["GET", "POST"]),
    ]


def _switch(quirks: Quirks, document: object) -> None:
    names = document.get("on") if isinstance(document, dict) else None
    if not isinstance(names, list):
        raise UnknownQuirkError("on is a list of names")
    quirks.switch(map(str, names))


async def _documents(request: Request) -> list[object]:
    """The documents of a POST, one or a list of them; none of any other verb."""
    if request.method != "POST":
        return []
    document = orjson.loads(await request.body())
    return document if isinstance(document, list) else [document]


def _refusing(handler: Handler) -> Handler:
    async def refusing(request: Request) -> Response:
        try:
            return await handler(request)
        except ValueError as error:
            return _json({"error": str(error)}, status=400)

    return refusing


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
