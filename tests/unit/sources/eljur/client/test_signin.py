"""Signing in."""

import threading

import httpx
import pytest

from ejsync.errors import SourceAuthFailed, SourceForbidden, SourceUnavailable

TOKEN_ACCOUNT = {"name": "ready", "token": "env:TOKEN"}
EACH_CALL = {"name": "service", "login": "service-login", "password": "env:PASSWORD", "sign_in": "each_call"}


@pytest.fixture
def session(opened, eljur):
    """The session of the only account of a source."""

    def make(*accounts):
        return next(iter(opened(*accounts)._sessions.values()))

    return make


def test_one_sign_in_serves_every_call(session, eljur):
    """The token is asked for once and travels with every call, with key, school and format."""
    one = session()
    for _ in range(3):
        one.call("getrules", {})
    assert eljur.calls() == {"auth": 1, "getrules": 3}
    always = {"devkey": "d" * 32, "vendor": "school", "out_format": "json"}
    assert eljur.params("auth") == [{**always, "login": "bridge-login", "password": "hidden-password"}]
    assert eljur.params("getrules") == [{**always, "auth_token": "token-1"}] * 3


def test_threads_share_one_sign_in(session, eljur):
    """However many threads start at once, one signs in and the others wait for its token."""
    one = session()
    threads = [threading.Thread(target=one.call, args=("getrules", {})) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert eljur.calls() == {"auth": 1, "getrules": 6}


def test_an_expired_token_is_renewed_once(session, eljur):
    """403 elsewhere is answered by one new sign-in, and the call goes again with the new token."""
    one = session()
    eljur.queued["getmarks"] = [eljur.refused(403)]
    assert one.call("getmarks", {}).state == 200
    assert eljur.calls() == {"auth": 2, "getmarks": 2}
    assert [params["auth_token"] for params in eljur.params("getmarks")] == ["token-1", "token-2"]


def test_a_missing_right_is_said_and_not_tried_by_signing_in_again(session, eljur, clock, names):
    """403 with a fresh token means no right; for an hour the same method costs no further sign-in."""
    one = session()
    eljur.standing["getmarks"] = eljur.refused(403)
    for _ in range(3):
        with pytest.raises(SourceForbidden) as caught:
            one.call("getmarks", {})
    assert caught.value.facts() == {"host": names.host, "account": "bridge", "method": "getmarks"}
    assert eljur.calls() == {"auth": 2, "getmarks": 4}
    clock.sleep(3601)
    with pytest.raises(SourceForbidden):
        one.call("getmarks", {})
    assert eljur.calls()["auth"] == 3


@pytest.mark.parametrize(
    ("state", "error"), [(400, "Неправильный логин или пароль"), (403, "Доступ запрещён"), (401, "Нет")]
)
def test_refused_credentials_are_never_tried_again(session, eljur, names, state, error):
    """A refused sign-in tells the service's own sentence, and is remembered instead of repeated."""
    one = session()
    eljur.standing["auth"] = eljur.refused(state, error)
    for _ in range(3):
        with pytest.raises(SourceAuthFailed) as caught:
            one.call("getrules", {})
    assert caught.value.facts() == {"host": names.host, "account": "bridge", "reason": error}
    assert eljur.calls() == {"auth": 1}


def test_a_replaced_password_is_tried(session, eljur, monkeypatch):
    """New credentials are new: after the operator replaced the password no restart is needed."""
    one = session()
    eljur.queued["auth"] = [eljur.refused(400)]
    with pytest.raises(SourceAuthFailed):
        one.call("getrules", {})
    monkeypatch.setenv("PASSWORD", "another-password")
    assert one.call("getrules", {}).state == 200


def test_the_sentence_shown_repeats_no_secret(session, eljur):
    """A sentence of the service that repeats the password is not shown."""
    one = session()
    eljur.standing["auth"] = eljur.refused(400, "bridge-login / hidden-password не подходят")
    with pytest.raises(SourceAuthFailed) as caught:
        one.call("getrules", {})
    assert caught.value.reason == "refused with state 400"


@pytest.mark.parametrize("result", [[], {}, {"token": ""}, {"token": None}])
def test_a_sign_in_without_a_token_is_no_answer(session, eljur, result):
    """A good envelope without a token is a fault of the service, not of the account."""
    one = session()
    eljur.standing["auth"] = eljur.ok(result)
    with pytest.raises(SourceUnavailable) as caught:
        one.call("getrules", {})
    assert caught.value.reason == "no token in the answer"


def test_an_outage_during_sign_in_is_not_remembered(session, eljur):
    """A page instead of an answer says nothing about the credentials."""
    one = session()
    eljur.queued["auth"] = [httpx.Response(403, text="<html>")] * 3
    with pytest.raises(SourceUnavailable):
        one.call("getrules", {})
    assert one.call("getrules", {}).state == 200


def test_a_ready_made_token_is_used_as_it_is(session, eljur, names):
    """A ready-made token needs no sign-in; refused at `getrules`, it has run out."""
    one = session(TOKEN_ACCOUNT)
    one.call("getrules", {})
    assert eljur.params("getrules")[0]["auth_token"] == "ready-token"
    eljur.standing["getrules"] = eljur.refused(403, "Токен просрочен")
    for _ in range(2):
        with pytest.raises(SourceAuthFailed) as caught:
            one.call("getrules", {})
    assert caught.value.reason == "Токен просрочен"
    assert eljur.calls() == {"getrules": 2}


def test_a_replaced_token_is_tried_at_once(session, eljur, monkeypatch):
    """Where the token was replaced while a call was under way, the call goes again with the new one."""
    one = session(TOKEN_ACCOUNT)
    wire, ask = one._wire, one._wire.ask

    def ask_and_replace(method, params):
        reply = ask(method, params)
        monkeypatch.setenv("TOKEN", "newer-token")
        return reply

    monkeypatch.setattr(wire, "ask", ask_and_replace)
    eljur.queued["getmarks"] = [eljur.refused(403)]
    assert one.call("getmarks", {}).state == 200
    assert [params["auth_token"] for params in eljur.params("getmarks")] == ["ready-token", "newer-token"]


def test_login_and_password_may_travel_with_each_call(session, eljur):
    """An account may prove itself with every call instead of a token."""
    one = session(EACH_CALL)
    one.call("getrules", {})
    (params,) = eljur.params("getrules")
    assert (params["login"], params["password"], "auth_token" in params) == ("service-login", "hidden-password", False)
    assert "auth" not in eljur.calls()


def test_a_wrong_password_in_each_call_is_not_repeated(session, eljur):
    """400 says that login and password are wrong, whatever method carried them, and is remembered."""
    one = session(EACH_CALL)
    eljur.standing["getschedule"] = eljur.refused(400)
    for _ in range(2):
        with pytest.raises(SourceAuthFailed):
            one.call("getschedule", {})
    assert eljur.calls() == {"getschedule": 1}


def test_each_call_without_a_right_is_forbidden(session, eljur):
    """403 to an account that signs in with each call is a missing right."""
    one = session(EACH_CALL)
    eljur.standing["getmarks"] = eljur.refused(403)
    with pytest.raises(SourceForbidden):
        one.call("getmarks", {})
    assert eljur.calls() == {"getmarks": 1}


def test_a_missing_secret_names_its_place_only(session, eljur, monkeypatch):
    """A secret that cannot be read stops its account and names the file or variable."""
    one = session()
    monkeypatch.delenv("PASSWORD")
    with pytest.raises(SourceAuthFailed) as caught:
        one.call("getrules", {})
    assert caught.value.reason == "the secret env:PASSWORD is missing or empty"
    assert eljur.calls() == {}


def test_another_refusal_is_no_answer(session, eljur):
    """A method that the service does not know gives no usable answer, and no new sign-in."""
    one = session()
    eljur.standing["getmarks"] = eljur.refused(404)
    with pytest.raises(SourceUnavailable) as caught:
        one.call("getmarks", {})
    assert caught.value.reason == "refused with state 404"
    assert eljur.calls() == {"auth": 1, "getmarks": 1}


def test_tickets_cannot_be_printed(session, eljur):
    """What lets a call in never shows in a representation."""
    assert "token" not in repr(session()._ticket())
