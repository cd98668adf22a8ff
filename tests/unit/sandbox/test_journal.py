"""Truths about the simulated ElJur as a real process on a real socket."""

import json
import subprocess
import sys
from datetime import date

import httpx
import pytest

from ejsync.sandbox.journal import announcement, journal_app
from ejsync.sandbox.rollbook import invent_rollbook

PROGRAM = """
from datetime import date
from ejsync.sandbox.journal import run_journal
run_journal(host="127.0.0.1", port=0, pupils=30, seed=7, today=date(2026, 11, 23), density=0.5)
"""


@pytest.fixture(scope="module")
def announced():
    """The first line of a running journal."""
    with subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE) as process:
        yield json.loads(process.stdout.readline())
        process.terminate()
        assert process.wait(timeout=10) == 0


@pytest.fixture
def client(announced):
    """A client of the running journal that signs every call as the service account."""
    service = announced["accounts"][0]
    params = {"vendor": announced["vendor"], "devkey": announced["devkey"], "out_format": "json"}
    params |= {"login": service["login"], "password": service["password"]}
    with httpx.Client(base_url=announced["base_url"], params=params) as client:
        yield client


def order(announced, **fault):
    """Order a fault of the running journal."""
    httpx.post(f"{announced['control']}/faults", json=fault).raise_for_status()


def test_announcement_is_enough_to_sign_in_everywhere(announced, client):
    """Every announced account signs in with its password, and relates to what was announced."""
    for account in announced["accounts"]:
        credentials = {"login": account["login"], "password": account["password"]}
        assert client.get("/apiv3/auth", params=credentials).json()["response"]["result"]["token"]
        relations = client.get("/api/getrules", params=credentials).json()["response"]["result"]["relations"]
        assert len(relations["students"]) == account["pupils"]
        assert list(relations["groups"]) == account["classes"]


def test_announcement_has_the_agreed_fields():
    """The first line has the agreed fields, and the same school announces the same credentials."""
    lines = []
    for _ in range(2):
        _, dialect = journal_app(invent_rollbook(pupils=30, seed=7, today=date(2026, 11, 23)))
        lines.append(announcement(dialect, "http://127.0.0.1:1"))
    assert lines[0] == lines[1]
    assert {*("role", "base_url", "prefixes", "vendor", "devkey", "control", "accounts", "today")} <= set(lines[0])
    assert set(lines[0]["accounts"][0]) == {*("name", "login", "password", "token", "role", "classes", "pupils")}
    assert lines[0]["school_year"] == "2026/2027"


@pytest.mark.parametrize("kind", ["reset_before", "reset_after"])
def test_ordered_reset_is_a_real_one(announced, client, kind):
    """An ordered reset reaches the client as a connection reset, and the next call is answered."""
    order(announced, kind=kind, match="getrules")
    with pytest.raises(httpx.ReadError, match="reset"):
        client.get("/api/getrules")
    assert client.get("/api/getrules").status_code == 200


def test_answers_are_not_delayed_by_the_socket(announced, client):
    """Twenty small calls on one connection take well under Nagle's 40 ms each."""
    elapsed = [client.get("/api/getrules").elapsed.total_seconds() for _ in range(20)]
    assert sorted(elapsed)[len(elapsed) // 2] < 0.03


def test_control_counts_real_requests(announced, client):
    """The control door of the running process counts what was called."""
    before = httpx.get(f"{announced['control']}/requests").json()["by_method"].get("getperiods", 0)
    client.get("/api/getperiods")
    assert httpx.get(f"{announced['control']}/requests").json()["by_method"]["getperiods"] == before + 1
