"""The wire to one school's host: paced, retried, and every failure turned into an error without URL or body."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from random import Random

from ejsync.errors import SourceError, SourceRefusesCertificate, SourceThrottled, SourceUnavailable, SourceUntrusted
from ejsync.errors.certificates import CLIENTS, SERVERS
from ejsync.pipeline.ports import Clock
from ejsync.sources.eljur.client.envelope import ERRORS, OK, TOO_MANY, NoAnswerError, Reply, open_envelope
from ejsync.sources.eljur.client.pacing import HELD, HeldError, Pace, pacer_of
from ejsync.sources.eljur.config import EljurConfig
from ejsync.transport import (
    OVERSIZED,
    SILENT,
    TOO_LONG,
    UNCONNECTED,
    UNREACHED,
    Answer,
    Limits,
    Transport,
    host_of,
    retry_reads,
)
from ejsync.transport.cookies import Cookies

_MS = 1000
_AWAY = frozenset({UNCONNECTED, UNREACHED, *SERVERS, *CLIENTS})
_SILENT = frozenset({SILENT, TOO_LONG})
_SILENCES = 2
_AWAY_FOR_S = 30.0
"""A host that could not even be reached is left alone so long: every read of a cycle would wait for it in vain."""
_OVERLOADED = 503


@dataclass(frozen=True, slots=True)
class Seen:
    """How an answer is known again: a keyed hash of its bytes, and the hash of the answer that was taken in before."""

    digest: Callable[[bytes], str]
    known: str = ""


class Wire:
    """Asks one host; knows neither accounts nor what the methods mean."""

    def __init__(self, config: EljurConfig, *, clock: Clock, rng: Random, limits: Limits) -> None:
        self.host = host_of(config.base_url)
        self._base_url = config.base_url
        self._clock, self._rng, self._limits = clock, rng, limits
        self._pacer = pacer_of(self.host, clock, config.request_pause_ms / _MS)
        self._slots = threading.BoundedSemaphore(config.parallel_reads)
        self._away, self._away_until, self._silences = "", clock.monotonic(), 0
        self._transport = Transport(self._nameless, clock=clock, limits=limits)

    def ask(self, method: str, params: Mapping[str, str], seen: Seen | None = None) -> Reply:
        """Call a method and open its envelope; a refusal (state 4xx) is returned, not raised.

        An answer that was seen before was good then and is not opened again.

        Raises:
            SourceUnavailable: no usable answer came, however often it was tried.
            SourceThrottled: the host asks to wait, perhaps for longer than one read may take; then nobody is asked.
        """
        if self._clock.monotonic() < self._away_until:
            raise self.unavailable(method, self._away)
        try:
            return retry_reads(
                lambda: self._ask_once(method, params, seen), limits=self._limits, clock=self._clock, rng=self._rng
            )
        except (SourceUnavailable, SourceUntrusted, SourceRefusesCertificate) as error:
            self._note_silence(error)
            raise

    def _note_silence(self, error: SourceUnavailable | SourceUntrusted | SourceRefusesCertificate) -> None:
        """Leave a host alone that cannot be reached or trusted, or let two reads in a row wait in vain."""
        self._silences += error.reason in _SILENT
        if error.reason in _AWAY or self._silences >= _SILENCES:
            self._away, self._away_until = error.reason, self._clock.monotonic() + _AWAY_FOR_S

    def unavailable(self, method: str, reason: str) -> SourceError:
        """Make the error of a call that gave nothing usable."""
        if reason in SERVERS:
            return SourceUntrusted(host=self.host, reason=reason)
        if reason in CLIENTS:
            return SourceRefusesCertificate(host=self.host, reason=reason)
        return ERRORS.get(reason, SourceUnavailable)(host=self.host, method=method, reason=reason)

    @property
    def cookies(self) -> Cookies:
        """The school's one cookie jar."""
        return self._transport.cookies

    def pace(self) -> Pace:
        """Return how far apart requests to the host start just now, and why."""
        return self._pacer.pace()

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def _nameless(self, reason: str) -> SourceError:
        """Make an error for the transport, which does not know what is asked."""
        return self.unavailable("", reason)

    def _ask_once(self, method: str, params: Mapping[str, str], seen: Seen | None) -> Reply:
        with self._slots:
            try:
                began = self._pacer.wait(self._limits.longest_wait_s)
            except HeldError as held:
                raise self._throttled(method, HELD, held.seconds) from None
            answer = self._sent(began, method, params)
        took_s, self._silences = self._clock.monotonic() - began, 0
        digest = seen.digest(answer.body) if seen and answer.status == OK else ""
        if seen and digest and digest == seen.known:
            self._pacer.answered(began, method, len(answer.body))
            return Reply(OK, size_bytes=len(answer.body), digest=digest, took_s=took_s, unchanged=True)
        return replace(self._opened(began, method, answer), digest=digest, took_s=took_s)

    def _sent(self, began: float, method: str, params: Mapping[str, str]) -> Answer:
        try:
            return self._transport.send("GET", f"{self._base_url}/{method}", params=params)
        except SourceUnavailable as error:
            if error.reason != OVERSIZED:  # who sends too much is well
                self._pacer.failed(began)
            raise self.unavailable(method, error.reason) from None

    def _opened(self, began: float, method: str, answer: Answer) -> Reply:
        """Open an answer, and tell the pacer how the host does."""
        asked_s = answer.retry_after_s(self._clock) if answer.status != OK else None
        if asked_s is not None or answer.status == TOO_MANY:
            raise self._overloaded(began, method, answer, asked_s)
        try:
            reply = open_envelope(answer, self.host)
        except NoAnswerError as error:
            if answer.status == _OVERLOADED:
                self._pacer.throttled(began, 0.0)
            else:
                self._pacer.failed(began)
            raise self.unavailable(method, str(error)) from None
        if reply.state == TOO_MANY:
            raise self._overloaded(began, method, answer, asked_s)
        self._pacer.answered(began, method, len(answer.body))
        return reply

    def _overloaded(self, began: float, method: str, answer: Answer, asked_s: float | None) -> SourceThrottled:
        self._pacer.throttled(began, asked_s or 0.0)
        return self._throttled(method, f"HTTP {answer.status}", asked_s)

    def _throttled(self, method: str, reason: str, asked_s: float | None) -> SourceThrottled:
        return SourceThrottled(host=self.host, method=method, reason=reason, retry_after_s=asked_s)
