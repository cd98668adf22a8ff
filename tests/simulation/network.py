"""The one wire of a world: routes by host, takes its time, and fails in every way a network or a service does."""

import gzip
from hashlib import sha256

import httpx
import orjson

from tests.simulation.diary import retry_after
from tests.simulation.journal import envelope

DEADLINE_S = 30.0
HTML = b"<!DOCTYPE html><html><body><h1>Technical works</h1></body></html>"
BEFORE = {
    "unreached": httpx.ConnectError,
    "unreached_slow": httpx.ConnectTimeout,
    "reset_before": httpx.WriteError,
    "silent": httpx.ReadTimeout,
}
"""Faults of a request that never arrives, by the error they make."""
AFTER = {"reset_after": httpx.ReadError, "lost_answer": httpx.RemoteProtocolError}
"""Faults of an answer that is lost after everything was done."""
BODIES = ("truncated", "slow_body", "cut_json", "html", "http_500", "http_207", "error_inside")
WAITS = ("429_seconds", "429_date", "503_seconds", "503_date")
SERVED = (*BEFORE, *AFTER, *BODIES, *WAITS, "twice")
OF_DIARY = ("half_applied",)


class Stream(httpx.SyncByteStream):
    """A body that takes its time or breaks off."""

    def __init__(self, time, parts, *, pause_s=0.0, error=None):
        self._time, self._parts, self._pause_s, self._error = time, parts, pause_s, error

    def __iter__(self):
        for part in self._parts:
            self._time.move(self._pause_s)
            yield part
        if self._error:
            raise self._error


class Network(httpx.BaseTransport):
    """Carries requests of one world.

    Attributes:
        armed: by host, faults that the next requests meet, one each.
        outage: by host, the fault that every request meets while it lasts.
    """

    def __init__(self, world):
        self._world, self._time = world, world.time
        self.armed = {"journal": [], "ed": []}
        self.outage = {"journal": "", "ed": ""}

    def handle_request(self, request):
        """Carry one request."""
        host = "journal" if request.url.host == "journal.sim" else "ed"
        world = self._world
        what = request.url.path.rpartition("/")[2]
        world.step(f"{host}.before")
        world.oracle.asks(host, self._time.passed)
        fault = self.outage[host] or (self.armed[host].pop(0) if self.armed[host] else "")
        if fault == "half_applied" and what != "batches":
            fault = "http_500"
        self._time.move(0.04 + world.chance.random() * 0.1)
        if fault:
            world.reach[f"fault {host} {fault}"] += 1
            world.faulted = True
        try:
            response = self._carried(host, what, request, fault)
        except httpx.HTTPError as error:
            world.note(f"{host} {what} {fault}: {type(error).__name__}")
            raise
        world.note(f"{host} {what} {fault or 'well'}: {response.status_code}")
        world.step(f"{host}.answered")
        return response

    def _carried(self, host, what, request, fault):
        """Let a request arrive, unless it cannot, and let its answer come back, unless it does not."""
        if fault in BEFORE:
            self._time.move(DEADLINE_S if fault in {"silent", "unreached_slow"} else 0.01)
            raise BEFORE[fault]("")
        if fault in WAITS:
            return self._wait(host, what, fault)
        if fault in {"html", "http_500", "error_inside"} and self._world.chance.random() < 0.5:
            return self._spoiled(fault, b"")
        if fault == "half_applied":
            self._half(request)
            return self._whole(500, b"{}")
        status, headers, body = self._served(host, what, request)
        if fault == "twice":
            status, headers, body = self._served(host, what, request)
        self._world.step(f"{host}.applied")
        if fault in AFTER:
            raise AFTER[fault]("")
        if fault in BODIES:
            return self._spoiled(fault, body)
        if what == "batches":
            self._world.oracle.answered(status, self._world.diary.poisoned)
        return self._whole(status, body, headers)

    def _served(self, host, what, request):
        if host == "ed":
            return self._world.diary.answer(request)
        self._world.during_read(what)
        status, body = self._world.journal.answer(what, dict(request.url.params))
        return status, {}, body

    def _wait(self, host, what, fault):
        status, form = fault.split("_")
        seconds = self._world.chance.choice((2, 7, 40, 300, 900))
        shown = self._world.time.shown()
        until = shown.timestamp() + seconds
        told = retry_after(seconds, shown.fromtimestamp(int(until), shown.tzinfo), as_date=form == "date")
        self._world.oracle.asked_to_wait(host, self._time.passed, seconds)
        return self._whole(int(status), b"{}", {"retry-after": told})

    def _spoiled(self, fault, body):
        """Return what comes in the place of a good answer."""
        if fault == "truncated":
            broken = httpx.RemoteProtocolError("peer closed connection")
            headers = {"content-length": str(len(body))}
            return httpx.Response(
                200, headers=headers, stream=Stream(self._time, [body[: len(body) // 2]], error=broken)
            )
        if fault == "slow_body":
            parts = [body[at : at + 1] for at in range(min(len(body), 3))] + [body[3:]]
            return httpx.Response(200, stream=Stream(self._time, parts, pause_s=DEADLINE_S / 2))
        if fault == "cut_json":
            return self._whole(200, body[: len(body) * 2 // 3])
        if fault == "error_inside":
            return self._whole(200, envelope(None, 500, "Internal error"))
        status = {"http_500": 500, "http_207": 207}.get(fault, 200)
        return self._whole(status, HTML if fault == "html" else b"{}" if fault == "http_500" else body)

    def _whole(self, status, body, headers=None):
        return httpx.Response(status, headers=headers, stream=Stream(self._time, [body]))

    def _half(self, request):
        """Let the diary take in the first half of a batch and stumble before it keeps a receipt."""
        document = orjson.loads(gzip.decompress(request.content))
        self._world.oracle.batch(
            request.headers["idempotency-key"],
            document["items"],
            sha256(request.content).hexdigest(),
            self._time.passed,
        )
        self._world.diary.half(document["items"])
