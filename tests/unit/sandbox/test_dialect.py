"""Truths about the dialect over HTTP: envelope, sign-in, refusals and ordered faults."""

import asyncio
from datetime import date
from xml.etree import ElementTree as ET

import httpx
import pytest

from ejsync.sandbox.dialect import JOURNAL_FAULTS
from ejsync.sandbox.journal import journal_app
from ejsync.sandbox.rollbook import invent_rollbook


class Desk:
    """A client of a journal without a network, and the journal's own parts."""

    def __init__(self):
        book = invent_rollbook(pupils=30, seed=7, today=date(2026, 11, 23))
        self.app, self.dialect = journal_app(book)
        self.sessions, self.faults = self.dialect.sessions, self.dialect.faults
        self.base = {"vendor": self.sessions.vendor, "devkey": self.sessions.devkey, "out_format": "json"}
        bridge = next(account for account in self.sessions.accounts if account.whole_class)
        self.login = {"login": bridge.login, "password": bridge.password}

    def send(self, verb, path, **options):
        """Send one request as if from this machine."""

        async def one():
            transport = httpx.ASGITransport(self.app, client=("127.0.0.1", 1))
            async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as client:
                return await client.request(verb, path, **options)

        return asyncio.run(one())

    def get(self, method="getrules", path="/api/", **params):
        """Call a method as the bridge account, by login and password."""
        return self.send("GET", path + method, params={**self.base, **self.login, **params})


@pytest.fixture
def desk():
    """A client and a fresh journal."""
    return Desk()


def envelope(answer):
    """The envelope of an answer, checked for its three keys and its state."""
    document = answer.json()["response"]
    assert set(document) == {"state", "error", "result"}
    assert document["state"] == answer.status_code
    return document


@pytest.mark.parametrize("path", ["/api/getrules", "/apiv3/getrules", "/API/GetRules", "/apiv3/getrules/"])
def test_both_prefixes_any_case_and_a_trailing_slash(desk, path):
    """Every spelling of a method's path answers alike."""
    answer = envelope(desk.get("", path))
    assert (answer["state"], answer["error"]) == (200, None)
    assert answer["result"]["roles"] == ["helper"]


@pytest.mark.parametrize("way", ["query", "form", "json"])
def test_sign_in_by_query_form_and_json(desk, way):
    """`auth` takes credentials from the query, a form or a JSON body, and the token opens the reads."""
    ways = {
        "query": lambda: desk.get("auth"),
        "form": lambda: desk.send("POST", "/api/auth", data={**desk.base, **desk.login}),
        "json": lambda: desk.send("POST", "/api/auth", params=desk.base, json=desk.login),
    }
    token = envelope(ways[way]())["result"]["token"]
    answer = desk.send("GET", "/api/getrules", params={**desk.base, "auth_token": token})
    assert envelope(answer)["state"] == 200


@pytest.mark.parametrize(
    ("method", "params", "state"),
    [
        ("auth", {"password": "wrong"}, 400),
        ("auth", {"devkey": "0" * 32}, 400),
        ("getrules", {"devkey": ""}, 400),
        ("getrules", {"login": "nobody"}, 403),
        ("getmessagereceivers", {}, 403),
        ("getschedule", {"class": "99Я"}, 403),
        ("getmarks", {"days": "x"}, 400),
        ("getpeople", {}, 404),
    ],
)
def test_refusals(desk, method, params, state):
    """A refusal carries its state in the status and the envelope, a Russian sentence, and an empty result."""
    answer = envelope(desk.get(method, **params))
    assert (answer["state"], answer["result"]) == (state, [])
    assert answer["error"]


def test_developer_sentence(desk):
    """A wrong developer key is told in ElJur's words."""
    assert envelope(desk.get("auth", devkey="x"))["error"] == "не удалось авторизовать разработчика"


def test_key_without_access_is_403_at_sign_in(desk):
    """A developer key without access is refused with 403 by `auth`."""
    assert envelope(desk.get("auth", devkey=desk.sessions.devkey_without_access))["state"] == 403


@pytest.mark.parametrize("vendor", ["", "elsewhere"])
def test_unknown_vendor_is_a_plain_500(desk, vendor):
    """An unknown school is answered 500 without an envelope."""
    answer = desk.get(vendor=vendor)
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (500, "text/html")


def test_other_paths_are_not_the_dialect(desk):
    """A path outside both prefixes is not found."""
    assert desk.get("getrules", "/elsewhere/").status_code == 404


@pytest.mark.parametrize("method", ["getrules", "getperiods", "getmarks"])
def test_without_out_format_the_answer_is_xml(desk, method):
    """An answer is XML unless JSON is asked for."""
    answer = desk.get(method, out_format="")
    assert answer.headers["content-type"].startswith("application/xml")
    assert ET.fromstring(answer.text).findtext("state") == "200"


def test_reads_are_gets_only(desk):
    """A read by POST is no method of the dialect."""
    answer = desk.send("POST", "/api/getrules", data={**desk.base, **desk.login})
    assert envelope(answer)["state"] == 404


def test_large_answers_are_compressed(desk):
    """A large answer comes gzipped to a client that takes it."""
    assert desk.get("getmarks", days="20260901-20270531").headers["content-encoding"] == "gzip"


@pytest.mark.parametrize(
    "method", ["getschedule", "getdiary", "getmarks", "getfinalassessments", "gethomework", "getperiods"]
)
def test_every_pupil_method_answers_for_the_own_pupils(desk, method):
    """Each read by pupil answers for every pupil of the account."""
    students = envelope(desk.get(method, days="20261116-20261122"))["result"]["students"]
    assert len(students) == 30


@pytest.mark.parametrize("method", ["getschedule", "gethomework", "getreplaces", "getmessagereceivers"])
def test_every_class_method_answers_the_service_account(desk, method):
    """Each read by class answers the service account."""
    service = desk.sessions.accounts[0]
    params = {"login": service.login, "password": service.password, "days": "20261116", "class": "10А"}
    assert envelope(desk.get(method, **params))["result"]


def test_requests_are_counted_by_method(desk):
    """Calls are counted under the method's lower-case name, also those that went wrong."""
    desk.get("GetMarks")
    desk.get("getmarks", devkey="x")
    assert desk.dialect.calls == {"getmarks": 2}


@pytest.mark.parametrize(
    ("fault", "status", "content_type"),
    [
        ({"kind": "outage"}, 503, "text/html"),
        ({"kind": "outage", "status": 502}, 502, "text/html"),
        ({"kind": "html"}, 200, "text/html"),
        ({"kind": "error500"}, 500, "application/json"),
        ({"kind": "no_response"}, 200, "application/json"),
        ({"kind": "slow", "delay_s": 0}, 200, "application/json"),
    ],
)
def test_faults_that_answer(desk, fault, status, content_type):
    """A fault strikes the next request and only that one."""
    desk.faults.order(fault)
    answer = desk.get()
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (status, content_type)
    assert envelope(desk.get())["state"] == 200


def test_failure_may_show_in_the_envelope_alone(desk):
    """A failure ordered with HTTP status 200 still has state 500."""
    desk.faults.order({"kind": "error500", "status": 200})
    answer = desk.get()
    assert (answer.status_code, answer.json()["response"]["state"]) == (200, 500)


def test_throttle_says_when_to_come_back(desk):
    """A throttled request is answered 429 with `Retry-After`."""
    desk.faults.order({"kind": "throttle", "retry_after_s": 7})
    answer = desk.get()
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")


def test_empty_is_a_good_envelope_with_nothing_in_it(desk):
    """An empty answer looks well and holds PHP's `[]`."""
    desk.faults.order({"kind": "empty"})
    assert envelope(desk.get("getmarks")) == {"state": 200, "error": None, "result": []}


def test_no_response_lacks_the_envelope(desk):
    """The fault leaves out the envelope's only key."""
    desk.faults.order({"kind": "no_response"})
    assert "response" not in desk.get().json()


def test_truncated_is_half_a_body(desk):
    """A truncated answer is the first half of the real one."""
    whole = desk.get().content
    desk.faults.order({"kind": "truncated"})
    assert desk.get().content == whole[: len(whole) // 2]


def test_expired_token_needs_a_new_sign_in(desk):
    """After the fault the token is refused until the client signs in again."""
    token = desk.get("auth").json()["response"]["result"]["token"]
    desk.login = {"auth_token": token}
    desk.faults.order({"kind": "expired_token"})
    assert [desk.get().status_code for _ in range(2)] == [403, 403]


@pytest.mark.parametrize(("kind", "signed_in"), [("reset_before", 0), ("reset_after", 1)])
def test_resets_come_before_or_after_the_work(desk, kind, signed_in):
    """A reset before leaves nothing done; a reset after loses only the answer."""
    desk.faults.order({"kind": kind})
    with pytest.raises(ConnectionResetError):
        desk.get("auth")
    assert len(desk.sessions.calls) == signed_in


def test_every_kind_is_tested_here_or_in_the_real_process():
    """The kinds of faults are the eleven of the control table."""
    assert len(JOURNAL_FAULTS) == 11


def test_quirks_touch_good_answers_only(desk):
    """With every quirk on a read is still answered 200, whatever its envelope says of it; a refusal stays plain."""
    desk.dialect.quirks.switch(["all"])
    answer = desk.get("getmarks", days="20261116-20261120")
    assert (answer.status_code, str(answer.json()["response"]["state"])) == (200, "200")
    assert envelope(desk.get("getpeople"))["state"] == 404
