"""Speaks the reference contract of the diary service: one push is one request; retrying is the outbox's business."""

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar
from urllib.parse import quote

import orjson

from ejsync.credentials import revealed
from ejsync.domain.batches import ItemAnswer, Parcel
from ejsync.domain.comparing import Digest, HoldingPage
from ejsync.domain.records import Kind
from ejsync.domain.standing import Sendable
from ejsync.errors import (
    EjsyncError,
    SinkAuthFailed,
    SinkError,
    SinkRefusesCertificate,
    SinkRejected,
    SinkThrottled,
    SinkUnavailable,
    SinkUnclear,
    SinkUnread,
    SinkUntrusted,
)
from ejsync.errors.certificates import CLIENTS, SERVERS
from ejsync.pipeline.ports import Clock
from ejsync.sinks.ed.config import EdConfig
from ejsync.sinks.ed.mapping import CODE, answers, batch_body, compressed, digests, erased, holdings
from ejsync.transport import OVERSIZED, SILENT, TOO_LONG, Answer, Limits, Transport, host_of

Got = TypeVar("Got")

RENEW_BEFORE_S = 30.0
PAGE = 1000
CHECKPOINT = "ejsync-checkpoint"
_TOO_LARGE = 413
_REFUSED_WHOLE = {(400, "malformed"), (_TOO_LARGE, None), (422, None)}
"""Status and, where others send that status too, the code by which the diary itself refuses the items of a batch."""
_RECEIPTS = {200, 207}
"""Statuses that may carry a receipt; whether they do is for the body to show."""
_AWAY = {502, 503, 504}
_SERVER_ERROR = 500


class EdSink:
    """ports.Sink over HTTP."""

    def __init__(self, config: EdConfig, *, clock: Clock, limits: Limits) -> None:
        self._config = config
        self._clock = clock
        self._transport = Transport(self._unavailable, clock=clock, limits=limits)
        self._lock = threading.Lock()
        self._token = ""
        self._token_until = float("-inf")

    @property
    def host(self) -> str:
        """Return scheme, host and port of the service."""
        return host_of(self._config.base_url)

    def pack(self, school: str, batch: str, sendables: Sequence[Sendable]) -> tuple[bytes, str]:
        """Return the compressed body of a batch and its content encoding."""
        return compressed(batch_body(school, batch, sendables), self._config.compression)

    def push(self, school: str, parcel: Parcel) -> list[ItemAnswer]:
        """Send a batch once under its idempotency key and read the receipt.

        Raises:
            SinkUnavailable: not taken, or the answer was lost: the same bytes may go again under the same key.
            SinkThrottled: the service asks to wait.
            SinkUnclear: its answer is neither a receipt of this batch nor a refusal.
            SinkAuthFailed: it refuses our credentials.
            SinkRejected: it refuses the batch as a whole.
        """
        headers = {
            "content-type": "application/json",
            "content-encoding": parcel.encoding,
            "idempotency-key": parcel.idempotency_key,
            **({CHECKPOINT: parcel.checkpoint} if parcel.checkpoint else {}),
        }
        answer = self._send("POST", f"{self._school(school)}/batches", headers=headers, content=parcel.body)
        if answer.status not in _RECEIPTS:
            raise self._refusal(answer)
        try:
            return answers(orjson.loads(answer.body), parcel)
        except ValueError as error:
            raise self._unclear(f"unreadable receipt: {error}") from None

    def ping(self, school: str) -> None:
        """Ask for the digest: proves address, credentials and the right to this school.

        Raises:
            SinkError: what a push would meet.
        """
        answer = self._send("GET", f"{self._school(school)}/digest", headers={})
        if answer.status != 200:  # noqa: PLR2004 - anything else is a refusal
            raise self._refusal(answer)

    def digest(self, school: str, kinds: Collection[Kind]) -> Mapping[Kind, Digest]:
        """Ask for the digests of all kinds in one request.

        Raises:
            SinkError: it does not say what it holds, or not of all these kinds.
        """
        return self._told(f"{self._school(school)}/digest", {}, lambda document: digests(document, kinds))

    def records(self, school: str, kind: Kind, after: str) -> HoldingPage:
        """Ask for a page of what it holds of a kind; the data that come with it are let go of at once.

        Raises:
            SinkError: it does not say, or not in the order of keys.
        """
        params = {"kind": kind.value, "limit": str(PAGE), **({"after": after} if after else {})}
        return self._told(f"{self._school(school)}/records", params, lambda document: holdings(document, kind, after))

    def newest_checkpoint(self, school: str) -> str:
        """Ask for the newest checkpoint it keeps: a header beside a digest, absent where it keeps none.

        Raises:
            SinkError: what a push would meet.
        """
        answer = self._send("GET", f"{self._school(school)}/digest", headers={}, params={"kind": Kind.PUPIL.value})
        if answer.status != 200:  # noqa: PLR2004 - anything else is a refusal
            raise self._refusal(answer)
        return answer.headers.get(CHECKPOINT, "")

    def erase(self, school: str, pupil: str) -> int:
        """Have all destroyed that it holds of a pupil, and return how many live records that were.

        Raises:
            SinkError: it does not confirm that.
        """
        url = f"{self._school(school)}/pupils/{quote(pupil, safe='')}"
        answer = self._send("DELETE", url, headers={})
        if answer.status != 200:  # noqa: PLR2004 - anything else is a refusal
            raise self._refusal(answer)
        try:
            return erased(orjson.loads(answer.body), pupil)
        except ValueError as error:
            raise self._unclear(f"unreadable erasure: {error}") from None

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def _told(self, url: str, params: Mapping[str, str], read: Callable[[Any], Got]) -> Got:
        try:
            answer = self._send("GET", url, headers={}, params=params)
            if answer.status != 200:  # noqa: PLR2004 - anything else is a refusal
                raise self._refusal(answer)
            return read(orjson.loads(answer.body))
        except ValueError as error:
            raise SinkUnread(sink=self._config.name, reason=str(error)) from None
        except (SinkAuthFailed, SinkThrottled):
            raise
        except (SinkUnavailable, SinkRejected) as error:  # their words are about a batch
            raise SinkUnread(sink=self._config.name, reason=error.reason) from None

    def _school(self, school: str) -> str:
        return f"{self._config.base_url.rstrip('/')}/v1/schools/{quote(school, safe='')}"

    def _send(self, method: str, url: str, *, headers: dict[str, str], **told: Any) -> Answer:
        """Send once; if the token is refused, once more with a new one."""
        for renew in (False, True):
            bearer = {"authorization": f"Bearer {self._bearer(renew=renew)}"}
            answer = self._transport.send(method, url, headers={**headers, **bearer}, **told)
            if answer.status != 401 or self._config.token is not None:  # noqa: PLR2004 - unauthorized
                break
        return answer

    def _bearer(self, *, renew: bool) -> str:
        if self._config.token is not None:
            return self._reveal("token")
        with self._lock:
            if renew or self._clock.monotonic() > self._token_until:
                self._sign_in()
            return self._token

    def _sign_in(self) -> None:
        form = {
            "grant_type": "client_credentials",
            "client_id": self._config.client_id or "",
            "client_secret": self._reveal("client_secret"),
        }
        token_url = self._config.token_url or ""
        try:
            answer = self._transport.send("POST", token_url, data=form)
        except (SinkUntrusted, SinkRefusesCertificate) as error:
            raise replace(error, host=host_of(token_url)) from None
        if answer.status != 200:  # noqa: PLR2004 - the one status that carries a token
            raise self._refusal(answer, signing_in=True)
        try:
            document = orjson.loads(answer.body)
            token = document["access_token"]
            lifetime_s = float(document.get("expires_in", 300))
        except (ValueError, TypeError, KeyError):
            raise self._no_token() from None
        if not isinstance(token, str) or not _fits_a_header(token):
            raise self._no_token()
        revealed.remember(f"token of {self._config.name} at {self._config.base_url}", token)
        self._token = token
        self._token_until = self._clock.monotonic() + max(0.0, lifetime_s - RENEW_BEFORE_S)

    def _reveal(self, name: str) -> str:
        reference = self._config.token if name == "token" else self._config.client_secret
        try:
            secret = reference.reveal() if reference else ""
        except LookupError as error:
            raise SinkAuthFailed(sink=self._config.name, reason=f"secret is missing: {error.args[0]}") from None
        if name == "token" and not _fits_a_header(secret):
            raise SinkAuthFailed(sink=self._config.name, reason=f"no token stands in {reference}")
        return secret

    def _refusal(self, answer: Answer, *, signing_in: bool = False) -> SinkError:
        """Say what a status means (contracts/ed/v1/openapi.json, and RFC 9110 for the rest)."""
        name, code = self._config.name, _code(answer)
        reason = f"HTTP {answer.status} {code}" if code else f"HTTP {answer.status}"
        retry_after_s = answer.retry_after_s(self._clock)
        if answer.status in {401, 403} or (signing_in and answer.status == 400):  # noqa: PLR2004 - RFC 6749, 5.2
            return SinkAuthFailed(sink=name, reason=reason)
        if not signing_in and {(answer.status, None), (answer.status, code)} & _REFUSED_WHOLE:
            return SinkRejected(sink=name, reason=reason, too_large=answer.status == _TOO_LARGE)
        if answer.status == 429 or retry_after_s is not None:  # noqa: PLR2004 - too many requests
            return SinkThrottled(sink=name, reason=reason, retry_after_s=retry_after_s)
        of_host = answer.status >= _SERVER_ERROR
        if signing_in or answer.status in _AWAY:
            return SinkUnavailable(sink=name, reason=reason, of_host=of_host)
        return SinkUnclear(sink=name, reason=reason, of_host=of_host)

    def _no_token(self) -> SinkError:
        """Say that the answer to a sign-in holds no token; it is never held against a batch."""
        return SinkUnavailable(sink=self._config.name, reason="unreadable token answer", of_host=False)

    def _unavailable(self, reason: str) -> EjsyncError:
        """Say that no answer came; one that came and was too large to read is unclear."""
        if reason == OVERSIZED:
            return self._unclear(reason)
        if reason in SERVERS:
            return SinkUntrusted(sink=self._config.name, host=self.host, reason=reason)
        if reason in CLIENTS:
            return SinkRefusesCertificate(sink=self._config.name, host=self.host, reason=reason)
        return SinkUnavailable(sink=self._config.name, reason=reason, timed_out=reason in {TOO_LONG, SILENT})

    def _unclear(self, reason: str) -> EjsyncError:
        return SinkUnclear(sink=self._config.name, reason=reason)


def _code(answer: Answer) -> str | None:
    """Return the problem's code; the body's free text is not trusted with personal data."""
    try:
        code = orjson.loads(answer.body).get("code")
    except (ValueError, AttributeError):
        return None
    return code if isinstance(code, str) and CODE.fullmatch(code) else None


def _fits_a_header(token: str) -> bool:
    return token.isascii() and token.isprintable() and " " not in token
