"""A host that serves many schools: only the cookie set at sign-in tells it whose token a call carries.

`auth` sets `school_domain`, and later calls must send it (fact sheet, section 1). Without it the host finds no token,
which looks to the caller like a wrong one.
"""

from __future__ import annotations

from http.cookies import SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import Headers, MutableHeaders

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "school_domain"

_CONTROL = "/_control/"
_SIGN_IN = "/auth"
_CREDENTIALS = frozenset({"auth_token", "login", "password"})
_SIGNED_IN = 200


class ManySchoolsHost:
    """ASGI middleware in front of one school's journal: `domain` is what its cookie holds."""

    def __init__(self, app: ASGIApp, domain: str) -> None:
        self._app = app
        self._domain = domain

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Set the cookie at sign-in; take the credentials from any other call that comes without it."""
        path = str(scope.get("path", "")).lower().rstrip("/")
        if scope["type"] != "http" or path.startswith(_CONTROL):
            await self._app(scope, receive, send)
        elif path.endswith(_SIGN_IN):
            await self._app(scope, receive, self._with_cookie(send))
        else:
            await self._app(scope if self._knows(scope) else _anonymous(scope), receive, send)

    def _knows(self, scope: Scope) -> bool:
        cookies = SimpleCookie(Headers(scope=scope).get("cookie", ""))
        return COOKIE in cookies and cookies[COOKIE].value == self._domain

    def _with_cookie(self, send: Send) -> Send:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == _SIGNED_IN:
                MutableHeaders(scope=message).append("set-cookie", f"{COOKIE}={self._domain}; Path=/")
            await send(message)

        return sending


def _anonymous(scope: Scope) -> Scope:
    # The journal itself then refuses and counts the call, as it does any call with a wrong token.
    pairs = parse_qsl(scope["query_string"].decode(), keep_blank_values=True)
    kept = [(name, value) for name, value in pairs if name not in _CREDENTIALS]
    return {**scope, "query_string": urlencode(kept).encode()}
