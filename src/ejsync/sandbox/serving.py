"""How both sandbox servers run: one JSON line once listening, real resets, control for loopback only.

The first line on stdout is the whole contract with whoever started the process: it appears once connections
are accepted and holds the base URL and the credentials. After it nothing else is printed.
"""

from __future__ import annotations

import functools
import ipaddress
import signal
import socket
import struct
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeAlias

import orjson
import uvicorn
from starlette.responses import JSONResponse, Response
from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    import asyncio

    from starlette.requests import Request
    from starlette.types import ASGIApp

Announce: TypeAlias = Callable[[str], dict[str, object]]
Handler: TypeAlias = "Callable[[Request], Awaitable[Response]]"

_BACKLOG = 512
_GRACE_S = 1
_SHUTDOWN_SIGNALS = (signal.SIGTERM, signal.SIGINT)
# Linger switched on with zero seconds: closing then sends RST instead of FIN.
_LINGER_NONE = struct.pack("ii", 1, 0)
_EVERY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared with, not bound to

_live: dict[object, asyncio.Transport] = {}


class ResettableProtocol(H11Protocol):
    """uvicorn's h11 protocol that remembers its transport by peer, so that a handler can cut the line."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Note the transport under its peer's address."""
        super().connection_made(transport)
        _live[self.client] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the transport."""
        _live.pop(self.client, None)
        super().connection_lost(exc)


class _AnnouncingServer(uvicorn.Server):
    """A uvicorn server that prints one line when, and only when, it accepts connections."""

    def __init__(self, config: uvicorn.Config, line: bytes) -> None:
        super().__init__(config)
        self._line = line

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        sys.stdout.write(self._line.decode() + "\n")
        sys.stdout.flush()


def abort(request: Request) -> Response:
    """Reset the request's TCP connection without an answer; return what the handler should return.

    Raises:
        ConnectionResetError: There is no connection to cut, as under the test client.
    """
    client = request.scope.get("client")
    transport = _live.get(tuple(client) if client else None)
    if transport is None:
        raise ConnectionResetError("cut by order")
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NONE)
    transport.abort()
    return Response(status_code=503)


def loopback_only(handler: Handler) -> Handler:
    """Wrap a control handler so that anyone who is not on this machine gets 403."""

    @functools.wraps(handler)
    async def guarded(request: Request) -> Response:
        if not _is_loopback(request.client.host if request.client else ""):
            return JSONResponse({"error": "control is open to loopback only"}, status_code=403)
        return await handler(request)

    return guarded


def serve(app: ASGIApp, *, host: str, port: int, announce: Announce) -> None:
    """Serve the app until SIGTERM or SIGINT, then return; port 0 picks a free one.

    Args:
        app: The ASGI application.
        host: Address to bind.
        port: Port to bind, 0 for any free one.
        announce: Given the base URL, the document to print once listening.

    Raises:
        OSError: The address cannot be bound.
    """
    listener = _bind(host, port)
    document = announce(_base_url(host, listener.getsockname()[1]))
    config = uvicorn.Config(
        app,
        http=ResettableProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="error",
        access_log=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=_GRACE_S,
    )
    # uvicorn raises the caught signal once more after its shutdown; with our own handler that is no death.
    before = {number: signal.signal(number, _ignore) for number in _SHUTDOWN_SIGNALS}
    try:
        _AnnouncingServer(config, orjson.dumps(document)).run(sockets=[listener])
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _ignore(_number: int, _frame: object) -> None:
    """Take a signal that has already been obeyed."""


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio turns Nagle's delay off only where the protocol is named; with it every answer takes 40 ms more.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def _base_url(host: str, port: int) -> str:
    reachable = _EVERY_ADDRESS.get(host, host)
    return f"http://[{reachable}]:{port}" if ":" in reachable else f"http://{reachable}:{port}"
