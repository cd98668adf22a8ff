"""Sandbox servers as processes: they come up, are spoken to, and are gone afterwards, whatever happened."""

import os
import signal
import subprocess
import sys

import httpx
import pytest

from ejsync.sandbox.processes import _WATCH, NotStartedError, Server, _running, diary_process, journal_process

ANNOUNCE = 'import time; print(\'{"base_url": "http://127.0.0.1:9", "token": "t"}\', flush=True); time.sleep(60)'


def gone(pid):
    """Whether no process has this id."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_doors_take_and_give_documents():
    """Orders travel as JSON, answers come back as documents, and a refusal is an error."""
    seen = []

    def answer(request):
        seen.append((request.method, request.url.path, request.content))
        return httpx.Response(200 if request.url.path != "/broken" else 500, json={"total": 3})

    with httpx.Client(base_url="http://journal", transport=httpx.MockTransport(answer)) as client:
        server = Server({}, client, 1)
        assert server.state() == {"total": 3}
        server.order(kind="outage", times=-1)
        server.clear_faults()
        with pytest.raises(httpx.HTTPStatusError):
            server.get("/broken")
    assert seen[1] == ("POST", "/_control/faults", b'{"kind":"outage","times":-1}')
    assert seen[2][:2] == ("DELETE", "/_control/faults")


@pytest.mark.slow
def test_a_server_that_does_not_start_says_why(tmp_path):
    """Where no first line comes the error carries what the process complained about."""
    with pytest.raises(NotStartedError, match="no port"), _running("raise SystemExit('no port')", [], tmp_path / "err"):
        pass


@pytest.mark.slow
def test_the_process_is_gone_after_an_error(tmp_path):
    """An error in the block, or Ctrl-C, leaves no process behind."""
    seen = []

    def interrupted():
        with _running(ANNOUNCE, [], tmp_path / "err") as server:
            seen.append((server.pid, gone(server.pid)))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    ((pid, gone_too_early),) = seen
    assert not gone_too_early
    assert gone(pid)


@pytest.mark.slow
def test_a_server_outlives_nobody():
    """When whoever started a server is gone without a word, the server ends by itself."""
    command = [sys.executable, "-c", _WATCH + "import time; time.sleep(60)"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        process.stdin.close()
        assert process.wait(30) == -signal.SIGTERM


@pytest.mark.slow
def test_both_servers_come_up_and_go(tmp_path):
    """A journal and a diary announce themselves, answer, and are gone after the block."""
    with (
        journal_process(pupils=3, seed=1, today="2026-11-20", folder=tmp_path) as journal,
        diary_process(seed=1, folder=tmp_path) as diary,
    ):
        assert len(journal.state()["pupils"]) == 3
        assert diary.state()["records"] == []
        assert diary.get("/v1/schools/demo/digest")["school"] == "demo"
    assert gone(journal.pid)
    assert gone(diary.pid)
