"""Signing in: one sign-in at a time for each account, as rarely as can be (fact sheet, section 1, “Signing in”).

A token outlives the process. On 403 a newer one is looked for first, of another thread or another process; only then
does the account sign in, once for a call. If the new token does not help, the account has no right, and for an hour
that method costs no further sign-in. A refused sign-in is not repeated with the same credentials, by no restart, before
a wait is over that grows each time; new credentials are new, and tried at once.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

import orjson

from ejsync.credentials import SecretRef, revealed
from ejsync.errors import EjsyncError, SourceAuthFailed, SourceForbidden
from ejsync.pipeline.ports import Surroundings
from ejsync.sources.eljur.client.envelope import OK, Reply
from ejsync.sources.eljur.client.keepsakes import Keepsakes
from ejsync.sources.eljur.client.tokens import Failure, Token, TokenKeeper, parse_end
from ejsync.sources.eljur.client.wire import Seen, Wire
from ejsync.sources.eljur.config import EljurAccount, EljurConfig
from ejsync.wording import N_, say, translated

_AUTH = "auth"
_RULES = "getrules"
_BAD_REQUEST = 400
_FORBIDDEN = 403
_BAD_CREDENTIALS = {_BAD_REQUEST, 401, _FORBIDDEN}
_LONGEST_SENTENCE = 200
_SECRETS = ("devkey", "auth_token", "login", "password")


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a call carries to be let in; `number` counts the sign-ins of this run, 0 for a token that was kept."""

    params: Mapping[str, str] = field(repr=False)
    token: Token | None = field(default=None, repr=False)
    number: int = 0


class Session:
    """One account at one host; safe to share among threads."""

    def __init__(self, account: EljurAccount, config: EljurConfig, *, wire: Wire, around: Surroundings) -> None:
        self.keepsakes = Keepsakes(account.name, around.memory)
        self._account, self._config = account, config
        self._wire, self._clock, self._contracts, self._zone = wire, around.clock, around.contracts, around.zone
        self._kept = TokenKeeper(self.keepsakes)
        self._lock = threading.Lock()
        self._token: Token | None = None
        self._number = self._sign_ins = 0

    def call(self, method: str, params: Mapping[str, str], seen: Seen | None = None) -> Reply:
        """Call a method as this account; an answer seen before is not opened.

        Raises:
            SourceAuthFailed: the account may not sign in; with the same credentials it is not tried again for a while.
            SourceForbidden: it may not call this method, not even with a new token.
            SourceUnavailable: no usable answer came.
        """
        before = self._sign_ins
        ticket = self._ticket()
        reply = self._wire.ask(method, {**ticket.params, **params}, seen)
        while reply.state == _FORBIDDEN and (fresh := self._renewed(method, ticket, before)):
            ticket = fresh
            reply = self._wire.ask(method, {**ticket.params, **params}, seen)
        if reply.state == _FORBIDDEN and ticket.number > before:
            self._kept.keep_fruitless(method, self.proof(), self._clock.now())
        if reply.state != OK:
            raise self._refusal(method, reply, ticket)
        return reply

    def proof(self) -> bytes:
        """Return all that this account is known by at its host, secrets among them: never to be kept or shown.

        Raises:
            SourceAuthFailed: a secret is missing.
        """
        return self._proof_of(self._shown())

    @property
    def _signs_in(self) -> bool:
        return self._account.token is None and self._account.sign_in == "token"

    def _ticket(self) -> Ticket:
        if not self._signs_in:
            shown = self._shown()
            self._require_untried(self._proof_of(shown))
            return Ticket(shown)
        with self._lock:
            spent = self._token is None or self._token.is_spent(self._clock.now())
            if spent and not self._adopt_newer():
                self._sign_in()
            return self._current()

    def _renewed(self, method: str, ticket: Ticket, before: int) -> Ticket | None:
        """Return a ticket that may help where the last one did not; None if there is none.

        Args:
            before: how many sign-ins there had been when the call began: a token of a later one is as new as can be.
        """
        if not self._signs_in:
            # A ready-made token or a password may have been replaced in its file.
            fresh = self._ticket()
            return fresh if fresh.params != ticket.params else None
        with self._lock:
            if self._token is ticket.token:
                if ticket.number > before:
                    return None
                if not self._adopt_newer():
                    if self._kept.is_fruitless(method, self.proof(), self._clock.now()):
                        return None
                    self._sign_in()
            return self._current()

    def _current(self) -> Ticket:
        value = self._token.value if self._token else ""
        revealed.remember(f"token of {self._account.name} at {self._config.base_url}", value)
        return Ticket({**self._always(), "auth_token": value}, self._token, self._number)

    def _adopt_newer(self) -> bool:
        """Take over a newer token that was kept, by the run before or by another process beside us."""
        kept = self._kept.token(self.proof())
        if kept is None or kept.is_spent(self._clock.now()) or (self._token and kept.given_at <= self._token.given_at):
            return False
        self._token, self._number = kept, 0
        self._wire.cookies.fill(kept.cookies)
        return True

    def _sign_in(self) -> None:
        """Ask for a token; whoever calls holds the lock, so that others wait and share it."""
        shown = self._shown()
        proof = self._proof_of(shown)
        self._require_untried(proof)
        reply = self._wire.ask(_AUTH, shown)
        if reply.state in _BAD_CREDENTIALS:
            raise self._auth_failed(reply, shown)
        if reply.state != OK:
            raise self._wire.unavailable(_AUTH, f"state={reply.state}")
        if self._contracts.faults("eljur/v1/auth", reply.result):
            raise self._wire.unavailable(_AUTH, N_("no token in the answer"))
        ends_at, cookies = parse_end(reply.result.get("expires")), tuple(self._wire.cookies.written())
        self._token = Token(reply.result["token"], self._clock.now(), ends_at, cookies)
        self._sign_ins += 1
        self._number = self._sign_ins
        self._kept.keep_token(proof, self._token)

    def _always(self) -> dict[str, str]:
        devkey = self._reveal(self._config.devkey)
        return {"devkey": devkey, "vendor": self._config.vendor, "out_format": "json"}

    def _shown(self) -> dict[str, str]:
        """Return what proves who this account is, read anew: secrets may be replaced while we run."""
        if self._account.token is not None:
            return {**self._always(), "auth_token": self._reveal(self._account.token)}
        password = self._reveal(self._account.password) if self._account.password else ""
        return {**self._always(), "login": self._account.login or "", "password": password}

    def _proof_of(self, shown: Mapping[str, str]) -> bytes:
        return orjson.dumps({**shown, "base_url": self._config.base_url}, option=orjson.OPT_SORT_KEYS)

    def _reveal(self, secret: SecretRef) -> str:
        try:
            return secret.reveal()
        except LookupError:
            raise self._error(f"the secret {secret} is missing or empty") from None

    def _error(self, reason: str) -> SourceAuthFailed:
        return SourceAuthFailed(host=self._wire.host, account=self._account.name, reason=reason)

    def _refused(self, failure: Failure) -> SourceAuthFailed:
        again = failure.again_at.astimezone(self._zone)
        sentence = N_("{reason}; these credentials are tried again after {at}, new ones at once")
        return self._error(say(sentence, reason=translated(failure.reason), at=f"{again:%Y-%m-%d %H:%M}"))

    def _require_untried(self, proof: bytes) -> None:
        """Raise the remembered failure of these very credentials while its wait is not over."""
        failure = self._kept.failure(proof)
        if failure and self._clock.now() < failure.again_at:
            raise self._refused(failure)

    def _auth_failed(self, reply: Reply, shown: Mapping[str, str]) -> SourceAuthFailed:
        secrets = [shown[name] for name in _SECRETS if name in shown]
        reason = _harmless(reply.sentence, secrets) or f"state={reply.state}"
        self._token = None
        return self._refused(self._kept.refused(self._proof_of(shown), reason, self._clock.now()))

    def _refusal(self, method: str, reply: Reply, ticket: Ticket) -> EjsyncError:
        """Say what a refusal means: without a sign-in of its own, an account fails at its first call, `getrules`."""
        each_call = self._account.sign_in == "each_call" and reply.state == _BAD_REQUEST
        first_call = not self._signs_in and method == _RULES and reply.state in _BAD_CREDENTIALS
        if each_call or first_call:
            return self._auth_failed(reply, ticket.params)
        if reply.state == _FORBIDDEN:
            return SourceForbidden(host=self._wire.host, account=self._account.name, method=method)
        return self._wire.unavailable(method, f"state={reply.state}")


def _harmless(sentence: str, secrets: list[str]) -> str:
    """Return the service's sentence, shortened; nothing if it repeats a secret, an address or a part of a query."""
    repeats = any(part and part in sentence for part in (*secrets, "://", "="))
    return "" if repeats else sentence[:_LONGEST_SENTENCE]
