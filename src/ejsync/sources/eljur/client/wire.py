"""The wire to one school's host: paced, retried, and every failure turned into an error without URL or body."""

import threading
from collections.abc import Mapping
from random import Random

from ejsync.errors import SourceThrottled, SourceUnavailable
from ejsync.pipeline.ports import Clock
from ejsync.sources.eljur.client.envelope import OK, TOO_MANY, NoAnswerError, Reply, open_envelope
from ejsync.sources.eljur.client.pacing import pacer_of
from ejsync.sources.eljur.config import EljurConfig
from ejsync.transport import Answer, Limits, Transport, host_of, retry_reads

_MS = 1000


class Wire:
    """Asks one host; knows neither accounts nor what the methods mean."""

    def __init__(self, config: EljurConfig, *, clock: Clock, rng: Random, limits: Limits) -> None:
        self.host = host_of(config.base_url)
        self._base_url = config.base_url
        self._pause_s = config.request_pause_ms / _MS
        self._clock, self._rng, self._limits = clock, rng, limits
        self._pacer = pacer_of(self.host, clock)
        self._slots = threading.BoundedSemaphore(config.parallel_reads)
        self._transport = Transport(self._nameless, clock=clock, limits=limits)

    def ask(self, method: str, params: Mapping[str, str]) -> Reply:
        """Call a method and open its envelope; a refusal (state 4xx) is returned, not raised.

        Raises:
            SourceUnavailable: no usable answer came, however often it was tried.
            SourceThrottled: the host asks to wait.
        """
        return retry_reads(
            lambda: self._ask_once(method, params), limits=self._limits, clock=self._clock, rng=self._rng
        )

    def unavailable(self, method: str, reason: str) -> SourceUnavailable:
        """Make the error of a call that gave nothing usable."""
        return SourceUnavailable(host=self.host, method=method, reason=reason)

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def _nameless(self, reason: str) -> SourceUnavailable:
        """Make an error for the transport, which does not know what is asked."""
        return self.unavailable("", reason)

    def _ask_once(self, method: str, params: Mapping[str, str]) -> Reply:
        try:
            with self._slots:
                self._pacer.wait(self._pause_s)
                answer = self._transport.send("GET", f"{self._base_url}/{method}", params=params)
        except SourceUnavailable as error:
            raise self.unavailable(method, error.reason) from None
        asked_s = answer.retry_after_s(self._clock) if answer.status != OK else None
        if asked_s is not None or answer.status == TOO_MANY:
            raise self._throttled(method, answer, asked_s)
        try:
            reply = open_envelope(answer)
        except NoAnswerError as error:
            raise self.unavailable(method, str(error)) from None
        if reply.state == TOO_MANY:
            raise self._throttled(method, answer, asked_s)
        return reply

    def _throttled(self, method: str, answer: Answer, asked_s: float | None) -> SourceThrottled:
        self._pacer.postpone(min(asked_s or 0.0, self._limits.longest_wait_s))
        return SourceThrottled(host=self.host, method=method, reason=f"HTTP {answer.status}", retry_after_s=asked_s)
