"""Cutting a request off that takes too long."""

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any
from weakref import WeakSet


class Cut:
    """Ends a thread's request by shutting down its connections: httpx bounds each read, never the sum of them."""

    def __init__(self) -> None:
        self._open: WeakSet[socket.socket] = WeakSet()
        self._lock = threading.Lock()
        self.done = False

    @contextmanager
    def after(self, seconds: float) -> Iterator[None]:
        """Cut if the block takes longer; once it has ended nothing is cut any more."""
        self.done = False
        timer = threading.Timer(seconds, self._now)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Learn of a connection, as httpx's `trace` extension tells of it."""
        if event.endswith((".connect_tcp.complete", ".start_tls.complete")):
            with self._lock:
                self._open.add(info["return_value"].get_extra_info("socket"))
            if self.done:
                self._now()

    def _now(self) -> None:
        with self._lock:
            self.done = True
            for line in self._open:
                with suppress(OSError):  # closed already
                    socket.socket.shutdown(line, socket.SHUT_RDWR)  # TLS would wait for its own farewell
