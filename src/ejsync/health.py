"""The daemon's health endpoint: `/healthz` says the process lives, `/readyz` that it may work."""

import socket
import threading
from collections.abc import Callable
from contextlib import closing
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

Check = Callable[[], dict[str, bool]]


def health_app(alive: Check, ready: Check) -> Starlette:
    """Return the application; each check returns named conditions, and all of them must hold."""

    def route(check: Check) -> Callable[[Request], Any]:
        def answer(request: Request) -> JSONResponse:
            del request
            conditions = check()
            return JSONResponse(
                {"ok": all(conditions.values()), **conditions}, 200 if all(conditions.values()) else 503
            )

        return answer

    return Starlette(routes=[Route("/healthz", route(alive)), Route("/readyz", route(ready))])


class HealthServer:
    """Serves an application from a thread of its own until it is stopped."""

    def __init__(self, app: Starlette, host: str, port: int) -> None:
        self._socket = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
        self.port: int = self._socket.getsockname()[1]
        self._server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off"))
        self._thread = threading.Thread(target=self._serve, name="health", daemon=True)

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Stop answering; waits at most two seconds."""
        self._server.should_exit = True
        self._thread.join(timeout=2)

    def _serve(self) -> None:
        with closing(self._socket):
            self._server.run(sockets=[self._socket])
