"""Signing in: one sign-in at a time for each account, as rarely as can be (fact sheet, section 1, “Signing in”)."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

from ejsync.credentials import SecretRef
from ejsync.errors import EjsyncError, SourceAuthFailed, SourceForbidden
from ejsync.pipeline.ports import Checker, Clock
from ejsync.sources.eljur.client.envelope import OK, Reply
from ejsync.sources.eljur.client.wire import Wire
from ejsync.sources.eljur.config import EljurAccount, EljurConfig

_AUTH = "auth"
_RULES = "getrules"
_BAD_REQUEST = 400
_FORBIDDEN = 403
_BAD_CREDENTIALS = {_BAD_REQUEST, 401, _FORBIDDEN}
_LONGEST_SENTENCE = 200
# Once a new token did not help, the account has no right; only after this long is it worth another sign-in.
_FRUITLESS_FOR_S = 3600.0


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a call carries to be let in; `generation` tells a renewed token from the one before."""

    params: Mapping[str, str] = field(repr=False)
    generation: int


class Session:
    """One account at one host; safe to share among threads."""

    def __init__(
        self, account: EljurAccount, config: EljurConfig, *, wire: Wire, clock: Clock, contracts: Checker
    ) -> None:
        self._account, self._config = account, config
        self._wire, self._clock, self._contracts = wire, clock, contracts
        self._lock = threading.Lock()
        self._token = ""
        self._generation = 0
        self._fruitless_until: dict[str, float] = {}
        self._failed: tuple[int, str] | None = None

    def call(self, method: str, params: Mapping[str, str]) -> Reply:
        """Call a method as this account.

        Raises:
            SourceAuthFailed: the account may not sign in; with the same credentials it is not tried again.
            SourceForbidden: it may not call this method, not even with a new token.
            SourceUnavailable: no usable answer came.
        """
        ticket = self._ticket()
        reply = self._wire.ask(method, {**ticket.params, **params})
        if reply.state == _FORBIDDEN and (fresh := self._renewed(method, ticket)):
            reply = self._wire.ask(method, {**fresh.params, **params})
            if reply.state == _FORBIDDEN:
                self._fruitless_until[method] = self._clock.monotonic() + _FRUITLESS_FOR_S
        if reply.state != OK:
            raise self._refusal(method, reply)
        return reply

    @property
    def _signs_in(self) -> bool:
        return self._account.token is None and self._account.sign_in == "token"

    def _ticket(self) -> Ticket:
        if not self._signs_in:
            proof = self._proof()
            self._recall_failure(proof)
            return Ticket({**self._always(), **proof}, hash(tuple(proof.items())))
        with self._lock:
            if not self._token:
                self._sign_in()
            return self._current()

    def _renewed(self, method: str, ticket: Ticket) -> Ticket | None:
        """Return a ticket that may help where the last one did not; None if there is none."""
        if not self._signs_in:
            # A ready-made token or a password may have been replaced in its file.
            fresh = self._ticket()
            return fresh if fresh.generation != ticket.generation else None
        with self._lock:
            if self._generation == ticket.generation:
                if self._fruitless_until.get(method, 0.0) > self._clock.monotonic():
                    return None
                self._sign_in()
            return self._current()

    def _current(self) -> Ticket:
        return Ticket({**self._always(), "auth_token": self._token}, self._generation)

    def _sign_in(self) -> None:
        """Ask for a token; whoever calls holds the lock, so that others wait and share it."""
        proof = self._proof()
        self._recall_failure(proof)
        reply = self._wire.ask(_AUTH, {**self._always(), **proof})
        if reply.state in _BAD_CREDENTIALS:
            raise self._auth_failed(reply, proof)
        if reply.state != OK:
            raise self._wire.unavailable(_AUTH, f"refused with state {reply.state}")
        if self._contracts.faults("eljur/v1/auth", reply.result):
            raise self._wire.unavailable(_AUTH, "no token in the answer")
        self._token = str(reply.result["token"])
        self._generation += 1

    def _always(self) -> dict[str, str]:
        devkey = self._reveal(self._config.devkey)
        return {"devkey": devkey, "vendor": self._config.vendor, "out_format": "json"}

    def _proof(self) -> dict[str, str]:
        """Return what proves who this account is, read anew: secrets may be replaced while we run."""
        if self._account.token is not None:
            return {"auth_token": self._reveal(self._account.token)}
        password = self._reveal(self._account.password) if self._account.password else ""
        return {"login": self._account.login or "", "password": password}

    def _reveal(self, secret: SecretRef) -> str:
        try:
            return secret.reveal()
        except LookupError:
            raise self._failure(f"the secret {secret} is missing or empty") from None

    def _failure(self, reason: str) -> SourceAuthFailed:
        return SourceAuthFailed(host=self._wire.host, account=self._account.name, reason=reason)

    def _recall_failure(self, proof: Mapping[str, str]) -> None:
        """Raise the remembered failure of these very credentials: a wrong password is never tried twice."""
        if self._failed and self._failed[0] == self._mark_of(proof):
            raise self._failure(self._failed[1])

    def _mark_of(self, proof: Mapping[str, str]) -> int:
        return hash((*self._always().values(), *proof.values()))

    def _auth_failed(self, reply: Reply, proof: Mapping[str, str]) -> SourceAuthFailed:
        secrets = [*proof.values(), self._always()["devkey"]]
        reason = _harmless(reply.sentence, secrets) or f"refused with state {reply.state}"
        self._token, self._failed = "", (self._mark_of(proof), reason)
        return self._failure(reason)

    def _refusal(self, method: str, reply: Reply) -> EjsyncError:
        """Say what a refusal means: without a sign-in of its own, an account fails at its first call, `getrules`."""
        each_call = self._account.sign_in == "each_call" and reply.state == _BAD_REQUEST
        first_call = not self._signs_in and method == _RULES and reply.state in _BAD_CREDENTIALS
        if each_call or first_call:
            return self._auth_failed(reply, self._proof())
        if reply.state == _FORBIDDEN:
            return SourceForbidden(host=self._wire.host, account=self._account.name, method=method)
        return self._wire.unavailable(method, f"refused with state {reply.state}")


def _harmless(sentence: str, secrets: list[str]) -> str:
    """Return the service's sentence, shortened; nothing if it repeats a secret."""
    repeats = any(secret and secret in sentence for secret in secrets)
    return "" if repeats else sentence[:_LONGEST_SENTENCE]
