"""The simulated ElJur as a program: an invented school, its accounts, the dialect and the control door on one port."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, TypedDict, Unpack

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware

from ejsync.sandbox.accounts import FULL, Account, invent_accounts
from ejsync.sandbox.dialect import JOURNAL_FAULTS, PREFIXES, Dialect
from ejsync.sandbox.faults import FaultBook
from ejsync.sandbox.journal_control import control_routes
from ejsync.sandbox.many_schools import ManySchoolsHost
from ejsync.sandbox.quirks import Quirks
from ejsync.sandbox.rollbook import Rollbook, invent_rollbook
from ejsync.sandbox.serving import serve
from ejsync.sandbox.sessions import Sessions

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

_GZIP_FROM_BYTES = 1024
# The quickest level: answers are large and go over loopback.
_GZIP_LEVEL = 1


class Manner(TypedDict, total=False):
    """How the school is played; what is left out is played the plain way."""

    density: float
    rights: str
    many_schools: bool
    quirks: Iterable[str]


def journal_app(
    book: Rollbook, *, rights: str = FULL, many_schools: bool = False, quirks: Iterable[str] = ()
) -> tuple[Starlette, Dialect]:
    """The ASGI application over a journal, and the dialect behind it.

    Args:
        book: The journal.
        rights: `full` or `partial`, see `accounts`.
        many_schools: Whether the host serves many schools and wants its cookie back.
        quirks: Switches of `quirks.QUIRKS`, or `all`.

    Raises:
        UnknownQuirkError: There is no such quirk.
    """
    sessions = Sessions(book, accounts=invent_accounts(book, rights=rights))
    shown = Quirks(seed=book.seed, names=quirks)
    dialect = Dialect(book, sessions=sessions, faults=FaultBook(JOURNAL_FAULTS), quirks=shown)
    layers = [Middleware(GZipMiddleware, minimum_size=_GZIP_FROM_BYTES, compresslevel=_GZIP_LEVEL)]
    if many_schools:
        layers.append(Middleware(ManySchoolsHost, domain=sessions.vendor))
    # Control goes first: the dialect would take `/_control/state` for a prefix and a method.
    app = Starlette(routes=[*control_routes(dialect), *dialect.routes()], middleware=layers)
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


def run_journal(*, host: str, port: int, pupils: int, seed: int, today: date, **manner: Unpack[Manner]) -> None:
    """Invent the school and serve it until SIGTERM or SIGINT.

    Raises:
        OSError: The address cannot be bound.
        ValueError: Fewer than one pupil, or an unknown quirk.
    """
    book = invent_rollbook(pupils=pupils, seed=seed, today=today, density=manner.get("density", 1.0))
    rights, many_schools = manner.get("rights", FULL), manner.get("many_schools", False)
    quirks = manner.get("quirks", ())
    app, dialect = journal_app(book, rights=rights, many_schools=many_schools, quirks=quirks)
    # The school is large and stays: without this every answer's garbage collection walks through all of it.
    gc.freeze()
    serve(app, host=host, port=port, announce=lambda base_url: announcement(dialect, base_url))


def _announced(book: Rollbook, account: Account) -> dict[str, object]:
    credentials = {"name": account.login, "login": account.login, "password": account.password, "token": account.token}
    return {
        **credentials,
        "role": account.role,
        "classes": account.classes(book),
        "pupils": len(account.pupils(book)),
    }
