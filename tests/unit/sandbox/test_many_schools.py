"""Truths about a host that serves many schools."""

import asyncio
from datetime import date

import httpx
import pytest

from ejsync.sandbox.journal import journal_app
from ejsync.sandbox.many_schools import COOKIE
from ejsync.sandbox.rollbook import invent_rollbook


@pytest.fixture
def host():
    """A host of many schools, and the dialect of the one that is played."""
    return journal_app(invent_rollbook(pupils=3, seed=7, today=date(2026, 11, 23)), many_schools=True)


def states(host, *calls, keep=True):
    """The HTTP states of some calls of the service account, with or without a jar for cookies."""
    app, dialect = host
    service = dialect.sessions.accounts[0]
    head = {"vendor": dialect.sessions.vendor, "devkey": dialect.sessions.devkey, "out_format": "json"}
    signed = {"auth": {"login": service.login, "password": service.password}}

    async def all_of_them():
        found = []
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sandbox") as client:
            for method in calls:
                params = {**head, **signed.get(method, {"auth_token": service.token})}
                found.append((await client.get(f"/apiv3/{method}", params=params)).status_code)
                if not keep:
                    client.cookies.clear()
        return found

    return asyncio.run(all_of_them())


def test_a_jar_that_keeps_the_cookie_reads_on(host):
    """The cookie set at sign-in opens later calls."""
    assert states(host, "auth", "getrules", "getrules") == [200, 200, 200]


def test_without_the_cookie_a_good_token_is_refused_and_counted(host):
    """A call without the cookie is refused the way a wrong token is, before a sign-in and after."""
    assert states(host, "getrules") == [403]
    assert states(host, "auth", "getrules", keep=False) == [200, 403]
    assert host[1].calls == {"getrules": 2, "auth": 1}


def test_a_failed_sign_in_sets_no_cookie(host):
    """Only a sign-in that succeeds tells the host which school it is."""
    host[1].sessions._by_login.clear()
    assert states(host, "auth", "getrules") == [400, 403]


def test_another_schools_cookie_is_none(host):
    """The cookie must name this school."""
    app, dialect = host
    service = dialect.sessions.accounts[0]
    params = {"vendor": dialect.sessions.vendor, "devkey": dialect.sessions.devkey, "auth_token": service.token}

    async def call(domain):
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sandbox") as client:
            headers = {"cookie": f"{COOKIE}={domain}"}
            return (await client.get("/api/getrules/", params=params, headers=headers)).status_code

    assert asyncio.run(call("elsewhere")) == 403
    assert asyncio.run(call(dialect.sessions.vendor)) == 200


def test_the_control_door_needs_no_cookie(host):
    """Who orders faults and reads the state is no client of the host."""

    async def call():
        async with httpx.AsyncClient(transport=httpx.ASGITransport(host[0]), base_url="http://sandbox") as client:
            return (await client.get("/_control/requests")).status_code

    assert asyncio.run(call()) == 200
