"""The one HTTP client factory: total deadline, body cap, no redirects, read retries, foreign errors translated once."""

import ssl
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, TypeAlias, TypeVar
from urllib.parse import urlsplit

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt

from ejsync.errors import Disposition, EjsyncError
from ejsync.errors.certificates import UNUSABLE
from ejsync.pipeline.ports import Clock
from ejsync.transport.body import ENCODING, Body
from ejsync.transport.cookies import Cookies
from ejsync.transport.cutting import Cut
from ejsync.transport.handshakes import flaw_of, refusal_in
from ejsync.transport.trust import Identity, Trust, UnusableError
from ejsync.wording import N_

Got = TypeVar("Got")
Wire: TypeAlias = httpx.BaseTransport
"""What carries requests: by default sockets."""

OVERSIZED = N_("body over the size cap")
"""The reason of a body that is over the cap as sent or as unpacked; asking the same again would bring it again."""
TOO_LONG = N_("total deadline exceeded")
SILENT = N_("the answer took too long")
UNREACHED = N_("connecting took too long")
UNCONNECTED = N_("no connection")


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how much one request may take.

    Attributes:
        connect_s: seconds to connect.
        total_s: seconds for the whole request, from connecting to the last byte of the answer.
        body_bytes: largest answer, after decompression.
        attempts: how often a read is tried in all.
        longest_wait_s: upper bound of one wait between tries.
        ca_bundle: PEM file with further trusted authorities.
        identity: the client certificate that is shown to the host.
        wire: what carries requests in the place of sockets, and sees to the deadline itself (simulations).
    """

    connect_s: float = 10.0
    total_s: float = 60.0
    body_bytes: int = 50_000_000
    attempts: int = 4
    longest_wait_s: float = 20.0
    ca_bundle: Path | None = None
    identity: Identity | None = None
    wire: Wire | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer, read to its end; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def retry_after_s(self, clock: Clock) -> float | None:
        """Read `Retry-After` in both its forms, seconds or a date; None when absent or unreadable."""
        return parse_retry_after(self.headers.get("retry-after"), clock)


def parse_retry_after(text: str | None, clock: Clock) -> float | None:
    """Turn a `Retry-After` value (RFC 9110, section 10.2.3) into seconds from now, never negative."""
    if text is None:
        return None
    now = clock.now()
    try:
        in_seconds = text.isascii() and text.strip().isdigit()
        moment = now + timedelta(seconds=float(text)) if in_seconds else _http_date(text)
    except (TypeError, ValueError, OverflowError):  # no number, no date, or a moment after the year 9999
        return None
    return max(0.0, (moment - now).total_seconds())


def _http_date(text: str) -> datetime:
    from email.utils import parsedate_to_datetime  # noqa: PLC0415 - rarely needed, and email is slow to load

    moment = parsedate_to_datetime(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)  # the zone “-0000” is UTC that stays silent about it


class _Local(threading.local):
    """What each thread has for itself."""

    def __init__(self) -> None:
        self.client: httpx.Client | None = None
        self.trusted: ssl.SSLContext | None = None
        self.cut = Cut()


class Transport:
    """One school's way out to one host: a client for each thread, one cookie jar for all of them.

    Args:
        fail: makes the caller's own error out of a reason without any URL query.

    Attributes:
        cookies: the jar; a cookie goes back to the host that set it and to no other.
    """

    def __init__(
        self,
        fail: Callable[[str], EjsyncError],
        *,
        clock: Clock,
        limits: Limits,
    ) -> None:
        self._fail = fail
        self._clock = clock
        self._limits = limits
        self._trust = Trust(limits.ca_bundle, limits.identity)
        self.cookies = Cookies()
        self._local = _Local()
        self._clients: list[httpx.Client] = []
        self._lock = threading.Lock()

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        **body: Any,
    ) -> Answer:
        """Send one request once and read the whole answer.

        Args:
            method: the HTTP method.
            url: the address without its query.
            headers: headers beside httpx's own.
            params: the query.
            **body: `content=bytes`, `data=` a form, or `json=` a document, as httpx has them.

        Raises:
            EjsyncError: what `fail` makes of a network failure, a broken deadline or a body over the cap.
        """
        deadline, cut = self._clock.monotonic() + self._limits.total_s, self._local.cut
        told: dict[str, Any] = {"headers": headers, "params": params, "extensions": {"trace": cut.trace}, **body}
        try:
            with self._cut_off(cut), self._client().stream(method, url, **told) as response:
                content = self._read(response, deadline)
                if cut.done:  # without a length our own cut looks like the end of the body
                    raise self._fail(TOO_LONG)
                if refused := refusal_in(response.status_code, content):
                    raise self._fail(refused)
                return Answer(response.status_code, {k.lower(): v for k, v in response.headers.items()}, content)
        except UnusableError:
            raise self._fail(UNUSABLE) from None
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, httpx.CookieConflict) as error:
            raise self._fail(TOO_LONG if cut.done else self._reason(error)) from None

    def _reason(self, error: Exception) -> str:
        """Name a foreign error; after one of certificates their files are looked at anew."""
        flaw = flaw_of(error, presenting=self._trust.presents)
        if flaw:
            self._trust.doubt()
        return flaw or reason_of(error)

    def _cut_off(self, cut: Cut) -> AbstractContextManager[None]:
        """Bound a request in real time; on a wire of its own time is not ours to keep."""
        return nullcontext() if self._limits.wire else cut.after(self._limits.total_s)

    def _read(self, response: httpx.Response, deadline: float) -> bytes:
        body = Body(response.headers.get("content-encoding", ""), self._limits.body_bytes)
        for chunk in response.iter_raw():
            if not body.take(chunk):
                raise self._fail(OVERSIZED)
            if self._clock.monotonic() > deadline:
                raise self._fail(TOO_LONG)
        return body.whole()

    def _client(self) -> httpx.Client:
        """Return this thread's client; renewed certificates take a new one, with connections of its own."""
        local, trusted = self._local, None if self._limits.wire else self._trust.context()
        if local.client is None or local.trusted is not trusted:
            self._let_go(local.client)
            local.client, local.trusted = self._opened(trusted), trusted
        return local.client

    def _let_go(self, client: httpx.Client | None) -> None:
        if client is not None:
            client.close()
            with self._lock:
                self._clients = [one for one in self._clients if one is not client]

    def _opened(self, trusted: ssl.SSLContext | None) -> httpx.Client:
        limits = self._limits
        client = httpx.Client(
            verify=trusted or True,
            timeout=httpx.Timeout(limits.total_s, connect=limits.connect_s),
            cookies=self.cookies,
            headers={"Accept-Encoding": ENCODING},
            follow_redirects=False,
            transport=limits.wire,
        )
        with self._lock:
            self._clients.append(client)
        return client

    def close(self) -> None:
        """Close every thread's client; a read under way ends in an error."""
        with self._lock:
            for client in self._clients:
                client.close()
            self._clients.clear()


def reason_of(error: Exception) -> str:
    """Name a foreign error in words that carry no URL, no header and no body."""
    names = {
        httpx.ConnectTimeout: UNREACHED,
        httpx.ReadTimeout: SILENT,
        httpx.WriteTimeout: N_("sending took too long"),
        httpx.PoolTimeout: N_("no free connection"),
        httpx.ConnectError: UNCONNECTED,
        httpx.RemoteProtocolError: N_("the connection broke off"),
        httpx.ReadError: N_("the connection broke off"),
        httpx.WriteError: N_("the connection broke off"),
        httpx.DecodingError: N_("the answer cannot be decompressed"),
        httpx.TooManyRedirects: N_("redirected"),
    }
    return next((words for kind, words in names.items() if isinstance(error, kind)), type(error).__name__)


def host_of(url: str) -> str:
    """Return scheme, host and port of a URL: all that an error or a log may show of it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}" + (f":{parts.port}" if parts.port else "")


def retry_reads(read: Callable[[], Got], *, limits: Limits, clock: Clock, rng: Random) -> Got:
    """Try a read again while its error says so: full jitter, bounded attempts, `Retry-After` obeyed.

    Raises:
        EjsyncError: the last error, once the attempts are used up, the error says not to retry, or the source asks to
            wait for longer than one read may.
    """

    def wait(state: RetryCallState) -> float:
        asked = getattr(state.outcome.exception(), "retry_after_s", None) if state.outcome else None
        return asked if asked is not None else min(limits.longest_wait_s, rng.uniform(0, 2.0**state.attempt_number / 2))

    retrying = Retrying(
        stop=stop_after_attempt(limits.attempts),
        wait=wait,
        retry=retry_if_exception(lambda error: _worth_retrying(error, limits)),
        sleep=clock.sleep,
        reraise=True,
    )
    return retrying(read)


def _worth_retrying(error: BaseException, limits: Limits) -> bool:
    asked_s = getattr(error, "retry_after_s", None) or 0.0
    transient = isinstance(error, EjsyncError) and error.disposition is Disposition.RETRY
    return transient and asked_s <= limits.longest_wait_s
