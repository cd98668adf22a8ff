"""Who may talk to the diary: a static bearer token, or tokens of limited life for client credentials.

A token states when it runs out and carries a MAC of that, so it stays good over a restart and nothing is stored.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote_plus

from starlette.responses import JSONResponse, Response

from ejsync.sandbox.diary_problems import ProblemError

if TYPE_CHECKING:
    from collections.abc import Mapping

_GRANT = "client_credentials"
_INSTANT = re.compile("[0-9]{1,15}")
_NO_STORE = {"Cache-Control": "no-store"}


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a client needs to be let in; made from a seed, so that a rehearsal can be repeated."""

    token: str
    client_id: str
    client_secret: str
    signing_key: bytes

    @classmethod
    def from_seed(cls, seed: int) -> Credentials:
        """The credentials that belong to a seed."""
        return cls(
            token=f"static-{_derived(seed, 'token')}",
            client_id=f"client-{_derived(seed, 'client')[:8]}",
            client_secret=f"secret-{_derived(seed, 'secret')}",
            signing_key=_derived(seed, "signing").encode(),
        )

    def issue(self, *, expires_at: int) -> str:
        """A bearer token good until an instant in whole seconds since the epoch."""
        return f"{expires_at}.{self._seal(expires_at)}"

    def check(self, authorization: str | None, *, now: float) -> None:
        """Let a request with this Authorization header pass.

        Raises:
            ProblemError: There is no bearer token, or it is unknown or has run out.
        """
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise ProblemError("token_missing")
        if hmac.compare_digest(token.strip().encode(), self.token.encode()):
            return
        expires_at, _, seal = token.strip().partition(".")
        if not _INSTANT.fullmatch(expires_at) or not self._sealed(int(expires_at), seal):
            raise ProblemError("token_invalid")
        if int(expires_at) <= now:
            raise ProblemError("token_expired")

    def knows(self, client: tuple[str, str]) -> bool:
        """Whether this pair of id and secret is the client's."""
        given = "\0".join(client).encode()
        return hmac.compare_digest(given, f"{self.client_id}\0{self.client_secret}".encode())

    def _seal(self, expires_at: int) -> str:
        return hmac.new(self.signing_key, str(expires_at).encode(), "sha256").hexdigest()[:40]

    def _sealed(self, expires_at: int, seal: str) -> bool:
        return hmac.compare_digest(seal.encode(), self._seal(expires_at).encode())


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """A request to the token endpoint, as far as it matters; the media type without parameters."""

    media_type: str
    authorization: str | None
    body: bytes


def grant(request: TokenRequest, *, credentials: Credentials, now: float, lifetime_s: int) -> Response:
    """Answer a token request by RFC 6749, section 4.4; the client may use HTTP Basic or the body."""
    form = _form(request)
    if "grant_type" not in form:
        return _refusal("invalid_request", status=400)
    if not credentials.knows(_client(request.authorization, form=form)):
        return _refusal("invalid_client", status=401)
    if form["grant_type"] != _GRANT:
        return _refusal("unsupported_grant_type", status=400)
    token = credentials.issue(expires_at=int(now) + lifetime_s)
    document = {"access_token": token, "token_type": "Bearer", "expires_in": lifetime_s, "scope": None}
    return JSONResponse(document, headers=_NO_STORE)


def _form(request: TokenRequest) -> Mapping[str, str]:
    """The form's fields; none at all if it is no form or names one twice, which RFC 6749 forbids."""
    if request.media_type != "application/x-www-form-urlencoded":
        return {}
    try:
        fields = parse_qs(request.body.decode(), keep_blank_values=True, strict_parsing=True)
    except ValueError:
        return {}
    if any(len(values) > 1 for values in fields.values()):
        return {}
    return {name: values[0] for name, values in fields.items()}


def _client(authorization: str | None, *, form: Mapping[str, str]) -> tuple[str, str]:
    scheme, _, encoded = (authorization or "").partition(" ")
    if scheme.lower() != "basic":
        return form.get("client_id", ""), form.get("client_secret", "")
    try:
        client_id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    # RFC 6749, section 2.3.1: both are form-encoded before they are joined.
    return unquote_plus(client_id), unquote_plus(secret)


def _refusal(error: str, *, status: int) -> Response:
    challenge = {"WWW-Authenticate": 'Basic realm="diary"'} if status == HTTPStatus.UNAUTHORIZED else {}
    return JSONResponse({"error": error}, status, {**_NO_STORE, **challenge})


def _derived(seed: int, purpose: str) -> str:
    return hashlib.blake2b(f"{purpose}:{seed}".encode(), digest_size=16, person=b"ejsync-diary").hexdigest()
