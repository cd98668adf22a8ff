"""Truths about signing in to the simulated ElJur."""

from datetime import date, datetime

import pytest

from ejsync.sandbox.accounts import invent_accounts
from ejsync.sandbox.question import Refused
from ejsync.sandbox.rollbook import invent_rollbook
from ejsync.sandbox.sessions import BAD_DEVELOPER, VENDOR, Sessions


@pytest.fixture
def sessions():
    """The sign-in desk of a very small school."""
    book = invent_rollbook(pupils=3, seed=7, today=date(2026, 11, 23))
    return Sessions(book, accounts=invent_accounts(book))


def credentials(sessions):
    """Login and password of the service account."""
    account = sessions.accounts[0]
    return {"login": account.login, "password": account.password}


def test_token_stands_for_the_account(sessions):
    """A token from a sign-in opens the account, and an earlier one stays good."""
    tokens = [sessions.sign_in(credentials(sessions))["token"] for _ in range(2)]
    assert tokens[0] != tokens[1]
    for token in tokens:
        assert sessions.account_of({"auth_token": token}) is sessions.accounts[0]


def test_login_and_password_stand_for_the_account(sessions):
    """Login and password on a call do instead of a token."""
    assert sessions.account_of(credentials(sessions)) is sessions.accounts[0]


def test_ready_made_token_stands_for_the_account_until_tokens_expire(sessions):
    """A token from elsewhere opens its account without a sign-in, and expires with the others."""
    account = sessions.accounts[1]
    assert sessions.account_of({"auth_token": account.token}) is account
    sessions.forget_tokens()
    with pytest.raises(Refused) as refused:
        sessions.account_of({"auth_token": account.token})
    assert refused.value.state == 403


def test_calls_are_counted_by_account_and_method(sessions):
    """A sign-in counts as a call of its account, like any other."""
    sessions.sign_in(credentials(sessions))
    sessions.count(sessions.accounts[0], "getrules")
    assert sessions.calls == {"service": {"auth": 1, "getrules": 1}}


def test_expiry_is_spelled_without_a_zone_and_lies_ahead(sessions):
    """`expires` is `YYYY-MM-DD HH:MM:SS`, some three months after today."""
    expires = datetime.fromisoformat(sessions.sign_in(credentials(sessions))["expires"])
    assert expires.tzinfo is None
    assert expires.date() >= date(2027, 2, 20)


@pytest.mark.parametrize("wrong", [{"password": "no"}, {"login": "nobody"}])
def test_wrong_login_is_400_at_sign_in_and_403_elsewhere(sessions, wrong):
    """Credentials that do not fit are refused with 400 by `auth` and 403 by any other method."""
    with pytest.raises(Refused) as at_sign_in:
        sessions.sign_in(credentials(sessions) | wrong)
    with pytest.raises(Refused) as elsewhere:
        sessions.account_of(credentials(sessions) | wrong)
    assert (at_sign_in.value.state, elsewhere.value.state) == (400, 403)


def test_forgotten_tokens_open_nothing(sessions):
    """After tokens are forgotten a call with one is refused with 403."""
    token = sessions.sign_in(credentials(sessions))["token"]
    sessions.forget_tokens()
    with pytest.raises(Refused) as refused:
        sessions.account_of({"auth_token": token})
    assert refused.value.state == 403


def test_developer_keys(sessions):
    """An unknown key is refused with ElJur's sentence; a key without access only when it signs in."""
    sessions.check_developer(sessions.devkey, signing_in=True)
    with pytest.raises(Refused) as unknown:
        sessions.check_developer("0" * 32, signing_in=False)
    assert (unknown.value.state, unknown.value.sentence) == (400, BAD_DEVELOPER)
    with pytest.raises(Refused) as powerless:
        sessions.check_developer(sessions.devkey_without_access, signing_in=True)
    assert powerless.value.state == 403


def test_key_is_32_hex_characters_and_the_vendor_one_school(sessions):
    """The developer key looks like ElJur's, and only one sub-domain is known."""
    assert len(sessions.devkey) == 32
    assert int(sessions.devkey, 16)
    assert sessions.knows_vendor(VENDOR)
    assert not sessions.knows_vendor("")
