"""Signing in."""

import threading
from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest

from ejsync.errors import SourceAuthFailed, SourceForbidden, SourceUnavailable
from ejsync.sources.eljur.client.envelope import Reply
from ejsync.sources.eljur.client.signin import Session
from ejsync.sources.eljur.client.wire import Wire
from ejsync.transport import Limits
from tests.doubles.memory import LostMemory

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
    one.call("getrules", {})
    eljur.queued["getmarks"] = [eljur.refused(403)]
    assert one.call("getmarks", {}).state == 200
    assert eljur.calls() == {"auth": 2, "getrules": 1, "getmarks": 2}
    assert [params["auth_token"] for params in eljur.params("getmarks")] == ["token-1", "token-2"]


def test_a_missing_right_is_said_and_not_tried_by_signing_in_again(session, eljur, clock, names):
    """403 with a fresh token means no right; for an hour the same method costs no further sign-in."""
    one = session()
    one.call("getrules", {})
    eljur.standing["getmarks"] = eljur.refused(403)
    for _ in range(3):
        with pytest.raises(SourceForbidden) as caught:
            one.call("getmarks", {})
    assert caught.value.facts() == {"host": names.host, "account": "bridge", "method": "getmarks"}
    assert eljur.calls() == {"auth": 2, "getrules": 1, "getmarks": 4}
    clock.sleep(3601)
    with pytest.raises(SourceForbidden):
        one.call("getmarks", {})
    assert eljur.calls()["auth"] == 3


@pytest.mark.parametrize(
    ("state", "error"), [(400, "Неправильный логин или пароль"), (403, "Доступ запрещён"), (401, "Нет")]
)
def test_refused_credentials_are_not_tried_again(session, eljur, names, state, error):
    """A refused sign-in tells the service's own sentence and when it is tried next, and is not repeated before."""
    one = session()
    eljur.standing["auth"] = eljur.refused(state, error)
    for _ in range(3):
        with pytest.raises(SourceAuthFailed) as caught:
            one.call("getrules", {})
    reason = f"{error}; these credentials are tried again after 2026-11-16 09:15, new ones at once"
    assert caught.value.facts() == {"host": names.host, "account": "bridge", "reason": reason}
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
    assert caught.value.reason.startswith("state=400;")


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


def test_credentials_replaced_during_a_call_are_not_blamed_for_it(session, eljur, monkeypatch):
    """A password that was put in place while the old one was being refused is tried at once."""
    one = session(EACH_CALL)
    wire, ask = one._wire, one._wire.ask

    def ask_and_replace(*asked):
        reply = ask(*asked)
        monkeypatch.setenv("PASSWORD", "another-password")
        return reply

    monkeypatch.setattr(wire, "ask", ask_and_replace)
    eljur.queued["getrules"] = [eljur.refused(400)]
    with pytest.raises(SourceAuthFailed):
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
    assert caught.value.reason.startswith("Токен просрочен;")
    assert eljur.calls() == {"getrules": 2}


def test_a_replaced_token_is_tried_at_once(session, eljur, monkeypatch):
    """Where the token was replaced while a call was under way, the call goes again with the new one."""
    one = session(TOKEN_ACCOUNT)
    wire, ask = one._wire, one._wire.ask

    def ask_and_replace(*asked):
        reply = ask(*asked)
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
    assert caught.value.reason == "state=404"
    assert eljur.calls() == {"auth": 1, "getmarks": 1}


def test_tickets_cannot_be_printed(session, eljur):
    """What lets a call in never shows in a representation."""
    ticket = session()._ticket()
    assert "token-1" not in f"{ticket!r}{ticket.token!r}"


def refuse_sign_ins(session, *, times=1):
    """Start so many runs, each of which the service would refuse; return what the last one said."""
    for _ in range(times):
        with pytest.raises(SourceAuthFailed) as caught:
            session().call("getrules", {})
    return caught.value.reason


def test_a_token_serves_the_next_run(session, eljur):
    """After a restart the token that was kept is used, and nobody signs in."""
    session().call("getrules", {})
    session().call("getrules", {})
    assert eljur.calls() == {"auth": 1, "getrules": 2}
    assert {params["auth_token"] for params in eljur.params("getrules")} == {"token-1"}


def test_nothing_that_is_kept_shows_a_credential(session, eljur, memory):
    """Of login, password and devkey only a salted mark is kept, another one each time."""
    session().call("getrules", {})
    kept = b"".join(memory.held.values())
    assert not any(secret in kept for secret in (b"bridge-login", b"hidden-password", b"d" * 32))
    assert b"token-1" in kept


@pytest.mark.parametrize(
    ("change", "more"),
    [
        ({"PASSWORD": "another"}, {}),
        ({"DEVKEY": "e" * 32}, {}),
        ({}, {"vendor": "other"}),
        ({}, {"base_url": "https://school.invalid/apiv3/"}),
        ({}, {"base_url": "https://school.invalid/apiv3/x"}),
    ],
)
def test_a_token_is_bound_to_what_it_was_given_for(opened, eljur, monkeypatch, change, more):
    """With another password, devkey, school or address the account signs in anew; a slash more is no other address."""
    run(opened())
    eljur.standing["x/auth"] = eljur.ok({"token": "elsewhere"})
    source = opened(**more)
    for name, value in change.items():
        monkeypatch.setenv(name, value)
    run(source)
    same = more.get("base_url", "").endswith("/")
    assert sum(count for method, count in eljur.calls().items() if method.endswith("auth")) == (1 if same else 2)


def run(source):
    """Call once as the only account of a source."""
    next(iter(source._sessions.values())).call("getrules", {})


def test_a_token_that_ends_within_a_day_is_not_used(session, eljur, clock):
    """One day before its end, Moscow time, a token is renewed: by a run that goes on and by one that begins."""
    one = session()
    one.call("getrules", {})
    clock.elapsed_s = (datetime(2027, 2, 15, 6, 59, 59, tzinfo=UTC) - clock.now()).total_seconds()
    one.call("getrules", {})
    session().call("getrules", {})
    assert eljur.calls()["auth"] == 1
    clock.elapsed_s += 2
    eljur.standing["auth"] = eljur.ok({"token": "later", "expires": "2027-05-16 10:00:00"})
    session().call("getrules", {})
    one.call("getrules", {})
    assert eljur.calls()["auth"] == 2
    assert [params["auth_token"] for params in eljur.params("getrules")][-2:] == ["later", "later"]


def test_another_process_s_newer_token_saves_a_sign_in(session, eljur, clock):
    """On 403 the token that the process beside us got meanwhile is tried before signing in again."""
    daemon, doctor = session(), session()
    daemon.call("getrules", {})
    clock.elapsed_s += 60
    eljur.queued["getrules"] = [eljur.refused(403)]
    doctor.call("getrules", {})
    assert eljur.calls()["auth"] == 2
    clock.elapsed_s += 60
    eljur.queued["getmarks"] = [eljur.refused(403)]
    assert daemon.call("getmarks", {}).state == 200
    assert eljur.calls()["auth"] == 2
    assert [params["auth_token"] for params in eljur.params("getmarks")] == ["token-1", "token-2"]


def test_another_process_s_token_that_does_not_help_is_followed_by_one_sign_in(session, eljur, clock):
    """If the newer token is refused too it may have ended as well: one sign-in decides, and no more."""
    daemon, doctor = session(), session()
    daemon.call("getrules", {})
    clock.elapsed_s += 60
    eljur.queued["getrules"] = [eljur.refused(403)]
    doctor.call("getrules", {})
    clock.elapsed_s += 60
    eljur.standing["getmarks"] = eljur.refused(403)
    with pytest.raises(SourceForbidden):
        daemon.call("getmarks", {})
    used = [params["auth_token"] for params in eljur.params("getmarks")]
    assert used == ["token-1", "token-2", "token-3"]


def test_a_missing_right_is_remembered_over_restarts(session, eljur, clock):
    """A service that restarts in a loop does not sign in each time for a method that it has no right to."""
    session().call("getrules", {})
    eljur.standing["getmarks"] = eljur.refused(403)
    for _ in range(5):
        clock.elapsed_s += 300
        with pytest.raises(SourceForbidden):
            session().call("getmarks", {})
    assert eljur.calls() == {"auth": 2, "getrules": 1, "getmarks": 6}
    clock.elapsed_s += 3600
    with pytest.raises(SourceForbidden):
        session().call("getmarks", {})
    assert eljur.calls()["auth"] == 3


def test_threads_renew_a_token_once(session, eljur):
    """Eight threads that find their token expired at once make one sign-in, and every call is answered."""
    one = session()
    one.call("getrules", {})
    barrier, plain, states = threading.Barrier(8), one._wire.ask, []

    def _ask(method, params, seen=None):
        if params.get("auth_token") == "token-1":
            barrier.wait(timeout=10)  # nobody renews before all have used the old token
            return Reply(403)
        return plain(method, params, seen)

    one._wire.ask = _ask
    threads = [threading.Thread(target=lambda: states.append(one.call("getmarks", {}).state)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert states == [200] * 8
    assert eljur.calls() == {"auth": 2, "getrules": 1, "getmarks": 8}


def test_a_wrong_password_is_tried_after_growing_waits_only(session, settings, around, eljur, clock):
    """However often it restarts, a run with a refused password asks after 15, 30, 60, 120 and then 240 minutes."""
    eljur.standing["auth"] = eljur.refused(400, "Неправильный логин или пароль")
    wire, config, asked_after_min = session()._wire, settings(), []
    for minute in range(0, 1000, 5):
        clock.elapsed_s = minute * 60.0
        with pytest.raises(SourceAuthFailed):
            Session(config.accounts[0], config, wire=wire, around=around).call("getrules", {})
        if eljur.calls()["auth"] > len(asked_after_min):
            asked_after_min.append(minute)
    assert asked_after_min == [0, 15, 45, 105, 225, 465, 705, 945]


def test_a_refused_password_names_the_next_try_in_the_school_s_time(session, eljur):
    """The operator learns when it is tried next, and that new credentials are tried at once."""
    eljur.standing["auth"] = eljur.refused(400, "Неправильный логин или пароль")
    wanted = "Неправильный логин или пароль; these credentials are tried again after 2026-11-16 09:15, new ones at once"
    assert refuse_sign_ins(session, times=3) == wanted
    assert eljur.calls() == {"auth": 1}


def test_a_new_password_after_a_restart_is_tried_at_once(session, eljur, monkeypatch):
    """New credentials do not wait for the old ones, and what works forgets what failed."""
    eljur.queued["auth"] = [eljur.refused(400)]
    refuse_sign_ins(session, times=2)
    monkeypatch.setenv("PASSWORD", "another-password")
    assert session().call("getrules", {}).state == 200
    assert eljur.calls() == {"auth": 2, "getrules": 1}


def test_a_sign_in_that_works_ends_the_waits(session, eljur, clock, memory):
    """After the same credentials were taken, the next refusal waits 15 minutes again."""
    eljur.queued["auth"] = [eljur.refused(400), eljur.refused(400)]
    for minute in (0, 15, 45):
        clock.elapsed_s = minute * 60.0
        if minute < 45:
            refuse_sign_ins(session)
    session().call("getrules", {})
    assert [name for name in memory.held if name.startswith("failure")] == []


def test_a_refused_renewal_forgets_the_token(session, eljur, clock):
    """If the password was changed in the journal, neither this run nor the next goes on with the old token."""
    one = session()
    one.call("getrules", {})
    eljur.standing["auth"] = eljur.standing["getmarks"] = eljur.refused(403)
    for run in (one, one, session()):
        with pytest.raises(SourceAuthFailed):
            run.call("getmarks", {})
    assert eljur.calls() == {"auth": 2, "getrules": 1, "getmarks": 1}


@pytest.mark.parametrize("account", [TOKEN_ACCOUNT, EACH_CALL])
def test_accounts_that_never_sign_in_are_not_repeated_over_restarts(session, eljur, account):
    """A ready-made token or a password of each call that was refused is not tried by the next run either."""
    eljur.standing["getrules"] = eljur.refused(400)
    for _ in range(3):
        with pytest.raises(SourceAuthFailed):
            session(account).call("getrules", {})
    assert eljur.calls() == {"getrules": 1}


def test_a_memory_that_keeps_nothing_costs_sign_ins_only(around, settings, eljur):
    """On a full disk a run still remembers for itself: its token, and a password that was refused."""
    lost = replace(around, memory=LostMemory())
    wire = Wire(settings(), clock=lost.clock, rng=lost.rng, limits=Limits())
    one = Session(settings().accounts[0], settings(), wire=wire, around=lost)
    eljur.queued["auth"] = [eljur.refused(400)]
    for _ in range(3):
        with pytest.raises(SourceAuthFailed):
            one.call("getrules", {})
    assert eljur.calls() == {"auth": 1}
    lost.clock.elapsed_s += 901
    assert [one.call("getrules", {}).state for _ in range(3)] == [200] * 3
    assert eljur.calls() == {"auth": 2, "getrules": 3}
    wire.close()
