"""Bearer tokens and client credentials."""

import base64

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ejsync.sandbox.diary_auth import Credentials, TokenRequest, grant
from ejsync.sandbox.diary_problems import ProblemError

CREDENTIALS = Credentials.from_seed(7)
FORM = "application/x-www-form-urlencoded"
NOW = 1000.5


def _grant(body: str, *, authorization: str | None = None, media_type: str = FORM):
    asked = TokenRequest(media_type, authorization, body.encode())
    return grant(asked, credentials=CREDENTIALS, now=NOW, lifetime_s=60)


def _basic(client_id: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()


def test_credentials_follow_from_the_seed():
    """The same seed gives the same credentials, another one others."""
    assert Credentials.from_seed(7) == CREDENTIALS
    assert Credentials.from_seed(8).token != CREDENTIALS.token


def test_static_token_does_not_run_out():
    """The token that was handed out beforehand passes at any time, with the scheme in any case."""
    CREDENTIALS.check(f"bearer {CREDENTIALS.token}", now=1e12)


def test_issued_token_runs_out():
    """A token passes up to its last second and not from it on."""
    token = CREDENTIALS.issue(expires_at=1060)
    CREDENTIALS.check(f"Bearer {token}", now=1059.9)
    with pytest.raises(ProblemError, match="token_expired"):
        CREDENTIALS.check(f"Bearer {token}", now=1060)


@given(st.text(max_size=60))
def test_invented_token_never_passes(token):
    """Whatever is made up instead of a token is refused, and nothing worse happens."""
    with pytest.raises(ProblemError, match="token_"):
        CREDENTIALS.check(f"Bearer {token}", now=NOW)


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer  ", "Basic abc"])
def test_no_bearer_token_is_missing(header):
    """Without a bearer token the answer says that one is missing."""
    with pytest.raises(ProblemError, match="token_missing"):
        CREDENTIALS.check(header, now=NOW)


def test_life_cannot_be_stretched():
    """A token whose expiry was edited is not known."""
    _, _, seal = CREDENTIALS.issue(expires_at=1060).partition(".")
    with pytest.raises(ProblemError, match="token_invalid"):
        CREDENTIALS.check(f"Bearer 9999.{seal}", now=NOW)


@pytest.mark.parametrize("way", ["basic", "body"])
def test_credentials_buy_a_token(way):
    """By HTTP Basic or in the body, id and secret give a token of the stated life."""
    client = f"&client_id={CREDENTIALS.client_id}&client_secret={CREDENTIALS.client_secret}"
    basic = _basic(CREDENTIALS.client_id, CREDENTIALS.client_secret) if way == "basic" else None
    body = "grant_type=client_credentials" + ("" if basic else client)
    response = _grant(body, authorization=basic)
    document = orjson.loads(response.body)
    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-store"
    assert document["expires_in"] == 60
    CREDENTIALS.check(f"{document['token_type']} {document['access_token']}", now=NOW)


@pytest.mark.parametrize(
    "authorization", [None, _basic(CREDENTIALS.client_id, "wrong"), "Basic !", "Basic /w==", "Digest x"]
)
def test_wrong_client_is_refused(authorization):
    """A client that cannot name its secret gets invalid_client and a challenge."""
    response = _grant("grant_type=client_credentials", authorization=authorization)
    assert response.status_code == 401
    assert orjson.loads(response.body) == {"error": "invalid_client"}
    assert response.headers["www-authenticate"].startswith("Basic ")


@pytest.mark.parametrize(
    ("body", "media_type", "error"),
    [
        ("grant_type=password", FORM, "unsupported_grant_type"),
        ("grant_type=client_credentials&grant_type=client_credentials", FORM, "invalid_request"),
        ("", FORM, "invalid_request"),
        ("grant_type=client_credentials", "application/json", "invalid_request"),
    ],
)
def test_senseless_token_request(body, media_type, error):
    """A request that is no client-credentials form is a 400 with the error of RFC 6749."""
    basic = _basic(CREDENTIALS.client_id, CREDENTIALS.client_secret)
    response = _grant(body, authorization=basic, media_type=media_type)
    assert response.status_code == 400
    assert orjson.loads(response.body) == {"error": error}
