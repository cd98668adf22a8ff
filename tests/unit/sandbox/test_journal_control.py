"""Truths about the control door of the simulated ElJur."""

import asyncio
from datetime import date

import httpx
import pytest

from ejsync.sandbox import journal_control
from ejsync.sandbox.edits import OPERATIONS
from ejsync.sandbox.journal import journal_app
from ejsync.sandbox.rollbook import invent_rollbook

ENDPOINTS = [
    ("POST", "edit"),
    ("POST", "random"),
    ("GET", "state"),
    ("GET", "requests"),
    ("GET", "quirks"),
    ("GET", "rights"),
    ("POST", "rights"),
    ("POST", "strain"),
    ("POST", "quirks"),
    ("POST", "faults"),
    ("DELETE", "faults"),
]


@pytest.fixture
def journal():
    """An application over a fresh journal, and its dialect."""
    return journal_app(invent_rollbook(pupils=30, seed=7, today=date(2026, 11, 23)))


def call(journal, verb, path, *, peer="127.0.0.1", **options):
    """Call a control endpoint without a network."""

    async def one():
        transport = httpx.ASGITransport(journal[0], client=(peer, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as client:
            return await client.request(verb, f"/_control/{path}", **options)

    return asyncio.run(one())


@pytest.mark.parametrize(("verb", "path"), ENDPOINTS)
def test_the_door_is_closed_to_others(journal, verb, path):
    """A caller from another machine is refused at every control endpoint."""
    assert call(journal, verb, path, peer="192.0.2.7").status_code == 403


def test_edits_are_answered_with_what_was_done(journal):
    """A list of edits is made in order, and each comes back completed."""
    pupil = next(iter(journal[1].book.pupils))
    edits = [{"op": "pupil_left", "pupil": pupil}, {"op": "pupil_joined", "class": "10А"}]
    done = call(journal, "POST", "edit", json=edits).json()["done"]
    assert [one["op"] for one in done] == ["pupil_left", "pupil_joined"]
    assert done[1]["pupil"] in journal[1].book.pupils


def test_failed_edit_is_400_and_those_before_it_stay(journal):
    """An edit that finds nothing is answered 400 with what had been done."""
    pupil = next(iter(journal[1].book.pupils))
    answer = call(journal, "POST", "edit", json=[{"op": "pupil_left", "pupil": pupil}, {"op": "no"}])
    assert (answer.status_code, len(answer.json()["done"])) == (400, 1)
    assert "error" in answer.json()


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("edit", {"op": "random", "n": 5, "seed": 3}),
        ("random", {"n": 5, "seed": 3}),
    ],
)
def test_random_edits_by_either_way(journal, path, body):
    """Random edits are made through `edit` and through `random`, as many as asked."""
    assert len(call(journal, "POST", path, json=body).json()["done"]) == 5


@pytest.mark.parametrize("body", [b"{", b'{"n": "five"}', b"7"])
def test_senseless_random_is_400(journal, body):
    """A body that makes no sense is refused."""
    assert call(journal, "POST", "random", content=body).status_code == 400


def test_state_lists_the_facts(journal):
    """The state is one document of flat lists."""
    state = call(journal, "GET", "state").json()
    assert {name for name, rows in state.items() if isinstance(rows, list)} == {
        *("classes", "teachers", "pupils", "left", "periods", "days", "lessons", "extday"),
        *("control_works", "marks", "homework", "finals"),
    }
    assert len(state["pupils"]) == 30


def test_requests_are_counted_and_zeroed(journal):
    """The counter counts calls of the dialect, by method and by account, and can be zeroed."""
    journal[1].calls.update(["getmarks", "getmarks", "auth"])
    journal[1].sessions.count(journal[1].sessions.accounts[0], "auth")
    by_account = {"service": {"auth": 1}}
    counted = {"total": 3, "by_method": {"getmarks": 2, "auth": 1}, "by_account": by_account}
    assert call(journal, "GET", "requests").json() == counted
    assert call(journal, "DELETE", "requests").json() == {"total": 0, "by_method": {}, "by_account": {}}


def test_calls_are_counted_by_the_account_that_made_them(journal):
    """An account is known by its login or by its token; a caller without either is counted in the total only."""
    sessions = journal[1].sessions
    service, bridge = sessions.accounts[:2]
    head = {"vendor": sessions.vendor, "devkey": sessions.devkey, "out_format": "json"}
    for signed in ({"login": service.login, "password": service.password}, {"auth_token": bridge.token}, {}):
        journal[1].calls["getrules"] += 1
        journal[1].answer("GET", "getrules", {**head, **signed})
    counted = call(journal, "GET", "requests").json()
    assert counted["by_account"] == {service.login: {"getrules": 1}, bridge.login: {"getrules": 1}}
    assert counted["total"] == 3


def test_rights_are_shown_and_changed(journal):
    """A right taken at the door is gone from what is shown, and one that makes no sense is refused."""
    form = journal[1].book.forms[0]
    taken = {"op": "revoke", "account": "service", "method": "gethomework", "class": form}
    assert "gethomework" in call(journal, "GET", "rights").json()["rights"]["service"]["classes"][form]
    shown = call(journal, "POST", "rights", json=[taken]).json()["rights"]["service"]["classes"][form]
    assert "gethomework" not in shown
    assert "getschedule" in shown
    assert call(journal, "POST", "rights", json={**taken, "op": "steal"}).status_code == 400


def test_strain_is_shown_and_changed(journal):
    """What many pupils in a request cost is set here, and what makes no sense is refused."""
    assert call(journal, "GET", "strain").json() == {"ms_per_pupil": 0.0, "most_pupils": 0}
    assert call(journal, "POST", "strain", json={"most_pupils": 5}).json() == {"ms_per_pupil": 0.0, "most_pupils": 5}
    assert call(journal, "POST", "strain", json={"patience": 5}).status_code == 400


def test_quirks_are_shown_and_switched(journal):
    """Quirks are turned on and off while the journal runs, and an unknown one changes nothing."""
    shown = call(journal, "GET", "quirks").json()
    assert shown["on"] == []
    assert "php_empty" in shown["known"]
    assert call(journal, "POST", "quirks", json={"on": ["php_empty"]}).json()["on"] == ["php_empty"]
    for senseless in ({"on": ["no_such"]}, {"on": "php_empty"}, []):
        call(journal, "POST", "quirks", json=senseless)
    assert call(journal, "GET", "quirks").json()["on"] == ["php_empty"]


def test_faults_are_ordered_here(journal):
    """The fault book's endpoints hang on the same door."""
    assert call(journal, "POST", "faults", json={"kind": "outage"}).status_code == 200
    assert journal[1].faults.take("GET /api/auth").kind == "outage"


def test_the_table_names_every_operation():
    """No edit operation is missing from the table at the top of the module."""
    assert all(f"`{name}`" in journal_control.__doc__ for name in OPERATIONS)
