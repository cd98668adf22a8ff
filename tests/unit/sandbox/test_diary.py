"""The diary as a whole: who gets in, how it is announced, and that a kill leaves no half batch."""

import json
import subprocess
import sys
from contextlib import contextmanager

import httpx
import pytest

from ejsync.sandbox import diary as diary_module
from ejsync.sandbox.diary import run_diary

SCHOOL = "/v1/schools/gymnasium-0"
ADDRESSES = [
    ("POST", f"{SCHOOL}/batches"),
    ("GET", f"{SCHOOL}/digest"),
    ("GET", f"{SCHOOL}/records"),
    ("DELETE", f"{SCHOOL}/pupils/1001"),
]
PROGRAM = """
import sys
from pathlib import Path
from ejsync.sandbox.diary import run_diary
run_diary(host="127.0.0.1", port=0, database=Path(sys.argv[1]))
"""


@contextmanager
def _running(database):
    """A diary in a process of its own, killed without warning at the end."""
    command = [sys.executable, "-c", PROGRAM, str(database)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            announced = json.loads(process.stdout.readline())
            with httpx.Client(trust_env=False) as client:
                yield announced, client
        finally:
            process.kill()


@pytest.mark.parametrize(("verb", "path"), ADDRESSES)
def test_nobody_gets_in_without_a_token(caller, verb, path):
    """Every address of the exchange asks for a token before anything else."""
    refused = caller.call(verb, path, headers={"Authorization": "Bearer guessed"})
    assert (refused.status_code, refused.json()["code"]) == (401, "token_invalid")


def test_fetched_token_opens_the_door(caller):
    """A token fetched for the client's credentials is as good as the static one."""
    credentials = caller.diary.credentials
    form = {
        "grant_type": "client_credentials",
        "client_id": credentials.client_id,
        "client_secret": credentials.client_secret,
    }
    token = caller.call("POST", "/oauth/token", data=form).json()["access_token"]
    answer = caller.call("GET", f"{SCHOOL}/digest", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200


def test_unknown_address_is_a_problem_too(caller):
    """Even what does not exist is answered in the contract's form."""
    assert caller.call("GET", "/nowhere").json()["code"] == "not_found"
    wrong = caller.call("PUT", f"{SCHOOL}/digest")
    assert (wrong.status_code, wrong.json()["code"]) == (405, "method_not_allowed")
    assert "GET" in wrong.headers["allow"]


def test_announcement_holds_all_a_client_needs(diary):
    """The first line names the base URL, the credentials and the control door."""
    announced = diary.announcement("http://127.0.0.1:1", database="d.db")
    assert announced == {
        "role": "diary",
        "base_url": "http://127.0.0.1:1",
        "school": "*",
        "token": diary.credentials.token,
        "token_url": "http://127.0.0.1:1/oauth/token",
        "client_id": diary.credentials.client_id,
        "client_secret": diary.credentials.client_secret,
        "control": "http://127.0.0.1:1/_control",
        "database": "d.db",
    }


def test_run_serves_and_closes_its_file(tmp_path, monkeypatch):
    """The diary is served with its announcement, and its file is closed when serving ends."""
    served = {}

    def serve(app, *, host, port, announce):
        served.update(host=host, port=port, announced=announce("http://127.0.0.1:9"))

    monkeypatch.setattr(diary_module, "serve", serve)
    run_diary(host="127.0.0.1", port=9, database=tmp_path / "diary.db", seed=3)
    assert (served["host"], served["port"]) == ("127.0.0.1", 9)
    assert served["announced"]["database"] == str(tmp_path / "diary.db")
    # SQLite removes its log when the last connection is closed.
    assert [path.name for path in tmp_path.iterdir()] == ["diary.db"]


@pytest.mark.slow
def test_killed_after_commit_the_receipt_is_there(tmp_path, caller, change):
    """Reset and killed with SIGKILL after the commit, the same batch gets its receipt and has no second effect."""
    sent = caller.batch(change("a"), change("b"))
    with _running(tmp_path / "real.db") as (announced, client):
        sent["headers"]["Authorization"] = f"Bearer {announced['token']}"
        client.post(announced["control"] + "/faults", json={"kind": "reset_after"})
        with pytest.raises(httpx.NetworkError):
            client.post(announced["base_url"] + f"{SCHOOL}/batches", **sent)
    with _running(tmp_path / "real.db") as (announced, client):
        again = client.post(announced["base_url"] + f"{SCHOOL}/batches", **sent)
        state = client.get(announced["control"] + "/state").json()
    assert again.headers["idempotency-replayed"] == "true"
    assert [result["status"] for result in again.json()["results"]] == ["applied", "applied"]
    assert (state["effects"], state["doubled"], state["replayed"], state["batches"]) == (2, 0, 1, 1)


@pytest.mark.slow
def test_killed_before_applying_nothing_is_there(tmp_path, caller, change):
    """Reset before applying and killed, nothing is held, and the repetition is the first effect."""
    sent = caller.batch(change("a"))
    with _running(tmp_path / "real.db") as (announced, client):
        sent["headers"]["Authorization"] = f"Bearer {announced['token']}"
        client.post(announced["control"] + "/faults", json={"kind": "reset_before"})
        with pytest.raises(httpx.NetworkError):
            client.post(announced["base_url"] + f"{SCHOOL}/batches", **sent)
    with _running(tmp_path / "real.db") as (announced, client):
        first = client.post(announced["base_url"] + f"{SCHOOL}/batches", **sent)
        state = client.get(announced["control"] + "/state").json()
    assert "idempotency-replayed" not in first.headers
    assert (state["effects"], state["batches"]) == (1, 1)


@pytest.mark.slow
def test_unanswered_client_may_hang_up(tmp_path, caller, change):
    """Without an answer the client runs out of time and nothing was applied."""
    sent = caller.batch(change("a"))
    with _running(tmp_path / "real.db") as (announced, client):
        sent["headers"]["Authorization"] = f"Bearer {announced['token']}"
        client.post(announced["control"] + "/faults", json={"kind": "no_answer"})
        with pytest.raises(httpx.ReadTimeout):
            client.post(announced["base_url"] + f"{SCHOOL}/batches", **sent, timeout=0.3)
        assert client.get(announced["control"] + "/state").json()["effects"] == 0
