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
        *("marks", "homework", "finals"),
    }
    assert len(state["pupils"]) == 30


def test_requests_are_counted_and_zeroed(journal):
    """The counter counts calls of the dialect, not of the control door, and can be zeroed."""
    journal[1].calls.update(["getmarks", "getmarks", "auth"])
    counted = {"total": 3, "by_method": {"getmarks": 2, "auth": 1}}
    assert call(journal, "GET", "requests").json() == counted
    assert call(journal, "DELETE", "requests").json() == {"total": 0, "by_method": {}}


def test_faults_are_ordered_here(journal):
    """The fault book's endpoints hang on the same door."""
    assert call(journal, "POST", "faults", json={"kind": "outage"}).status_code == 200
    assert journal[1].faults.take("GET /api/auth").kind == "outage"


def test_the_table_names_every_operation():
    """No edit operation is missing from the table at the top of the module."""
    assert all(f"`{name}`" in journal_control.__doc__ for name in OPERATIONS)
