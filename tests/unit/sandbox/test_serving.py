"""Truths about how the sandbox servers run: the first line, the reset, the end, the guard."""

import asyncio
import json
import signal
import subprocess
import sys
from contextlib import contextmanager

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse

from ejsync.sandbox.serving import abort, loopback_only

PROGRAM = """
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from ejsync.sandbox.serving import abort, loopback_only, serve

async def fine(request):
    return PlainTextResponse("fine")

async def cut(request):
    return abort(request)

routes = [Route("/fine", fine), Route("/cut", cut), Route("/control", loopback_only(fine))]
serve(Starlette(routes=routes), host="127.0.0.1", port=0, announce=lambda url: {"base_url": url, "secret": "s"})
"""


@contextmanager
def running(program=PROGRAM):
    """A real process and its first line."""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as process:
        try:
            yield process, json.loads(process.stdout.readline())
        finally:
            process.terminate()


def a_request(host):
    """A request from a peer, with no connection behind it."""
    return Request({"type": "http", "method": "GET", "path": "/", "headers": [], "client": (host, 1)})


def test_first_line_says_where_it_listens():
    """The first line on stdout is JSON, and by then the address in it answers."""
    with running() as (_, announced):
        assert announced["secret"] == "s"
        assert httpx.get(announced["base_url"] + "/fine").text == "fine"


def test_abort_is_a_reset_and_the_server_lives_on():
    """An aborted request ends in a connection reset, and the next request on the client is answered."""
    with running() as (_, announced), httpx.Client(base_url=announced["base_url"]) as client:
        with pytest.raises(httpx.ReadError, match="reset"):
            client.get("/cut")
        assert client.get("/fine").text == "fine"


def test_control_is_open_from_loopback():
    """A caller on this machine passes the guard."""
    with running() as (_, announced):
        assert httpx.get(announced["base_url"] + "/control").status_code == 200


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_ends_with_zero_and_nothing_more_on_stdout(number):
    """A signal to stop ends the process with code 0, even while a client keeps its connection open."""
    with running() as (process, announced), httpx.Client(base_url=announced["base_url"]) as client:
        client.get("/fine")
        process.send_signal(number)
        assert process.wait(timeout=10) == 0
        assert process.stdout.read() == b""


def test_abort_without_a_connection_raises():
    """Where no real connection is behind a request, abort says so instead of answering."""
    with pytest.raises(ConnectionResetError):
        abort(a_request("testclient"))


@pytest.mark.parametrize(("host", "status"), [("127.0.0.1", 200), ("::1", 200), ("192.0.2.7", 403), ("", 403)])
def test_guard_lets_only_loopback_pass(host, status):
    """Only a loopback peer reaches a guarded handler; an unknown peer is not one."""

    async def handler(_request):
        return PlainTextResponse("in")

    assert asyncio.run(loopback_only(handler)(a_request(host))).status_code == status
