"""The simulated ElJur as a program: an invented school, its accounts, the dialect and the control door on one port."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware

from ejsync.sandbox.accounts import Account, invent_accounts
from ejsync.sandbox.dialect import JOURNAL_FAULTS, PREFIXES, Dialect
from ejsync.sandbox.faults import FaultBook
from ejsync.sandbox.journal_control import control_routes
from ejsync.sandbox.rollbook import Rollbook, invent_rollbook
from ejsync.sandbox.serving import serve
from ejsync.sandbox.sessions import Sessions

if TYPE_CHECKING:
    from datetime import date

_GZIP_FROM_BYTES = 1024
# The quickest level: answers are large and go over loopback.
_GZIP_LEVEL = 1


def journal_app(book: Rollbook) -> tuple[Starlette, Dialect]:
    """The ASGI application over a journal, and the dialect behind it."""
    sessions = Sessions(book, accounts=invent_accounts(book))
    dialect = Dialect(book, sessions=sessions, faults=FaultBook(JOURNAL_FAULTS))
    gzip = Middleware(GZipMiddleware, minimum_size=_GZIP_FROM_BYTES, compresslevel=_GZIP_LEVEL)
    # Control goes first: the dialect would take `/_control/state` for a prefix and a method.
    app = Starlette(routes=[*control_routes(dialect), *dialect.routes()], middleware=[gzip])
    return app, dialect


def announcement(dialect: Dialect, base_url: str) -> dict[str, object]:
    """What the process prints first: where it listens and every credential of the invented school."""
    book, sessions = dialect.book, dialect.sessions
    return {
        "role": "journal",
        "base_url": base_url,
        "prefixes": list(PREFIXES),
        "vendor": sessions.vendor,
        "devkey": sessions.devkey,
        "devkey_without_access": sessions.devkey_without_access,
        "control": f"{base_url}/_control",
        "accounts": [_announced(book, account) for account in sessions.accounts],
        "today": book.term.today,
        "school_year": book.term.label,
    }


def run_journal(*, host: str, port: int, pupils: int, seed: int, today: date, density: float = 1.0) -> None:
    """Invent the school and serve it until SIGTERM or SIGINT.

    Raises:
        OSError: The address cannot be bound.
        ValueError: Fewer than one pupil.
    """
    app, dialect = journal_app(invent_rollbook(pupils=pupils, seed=seed, today=today, density=density))
    # The school is large and stays: without this every answer's garbage collection walks through all of it.
    gc.freeze()
    serve(app, host=host, port=port, announce=lambda base_url: announcement(dialect, base_url))


def _announced(book: Rollbook, account: Account) -> dict[str, object]:
    credentials = {"name": account.login, "login": account.login, "password": account.password}
    return {
        **credentials,
        "role": account.role,
        "classes": account.classes(book),
        "pupils": len(account.pupils(book)),
    }
