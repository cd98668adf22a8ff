"""The HTTP client factory: deadlines, caps, redirects, retries, and no URL in any error."""

import gzip
import inspect
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from ejsync.errors import SourceUnavailable
from ejsync.transport import Answer, Limits, Transport, host_of, parse_retry_after, reason_of

SECRET = "https://school.example/apiv3/auth?devkey=abc123"
FOREIGN = sorted(
    (item for item in vars(httpx).values() if inspect.isclass(item) and issubclass(item, Exception)),
    key=lambda kind: kind.__name__,
)


class FakeClock:
    """A clock that moves only when it is told to, or by `step` at each look."""

    def __init__(self, step=0.0):
        self.time, self.step, self.slept = 0.0, step, []

    def now(self):
        """Return a fixed instant."""
        return datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

    def monotonic(self):
        """Return the time and move on."""
        self.time += self.step
        return self.time

    def sleep(self, seconds):
        """Note a wait."""
        self.slept.append(seconds)


def unavailable(reason):
    """Make our error of a reason."""
    return SourceUnavailable(host="https://school.example", method="auth", reason=reason)


def make(error):
    """Build any of httpx's exceptions with an address in its text."""
    if issubclass(error, httpx.HTTPStatusError):
        request = httpx.Request("GET", SECRET)
        return error(SECRET, request=request, response=httpx.Response(500, request=request))
    if issubclass(error, httpx.StreamError) and error is not httpx.StreamError:
        return error()
    return error(SECRET)


@contextmanager
def serving(answer, protocol="HTTP/1.0"):
    """Run a loopback server whose GET is `answer(handler)`; yield its address and the paths it was asked for."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = protocol

        def do_GET(self):
            asked.append(self.path)
            answer(self)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def reply(status, body=b"", **headers):
    """Make an answer of fixed parts."""

    def _answer(handler):
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return _answer


@contextmanager
def transport(*, clock=None, **limits):
    """Open a transport and close it."""
    way = Transport(unavailable, clock=clock or FakeClock(), limits=Limits(**limits))
    try:
        yield way
    finally:
        way.close()


@dataclass
class Failing:
    """A client whose every request fails."""

    error: Exception

    def stream(self, *_, **__):
        """Fail."""
        raise self.error

    def close(self):
        """Nothing to close."""


def test_there_are_foreign_exceptions_to_walk():
    """The walk below sees the whole tree of httpx, not an empty list."""
    assert {httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, httpx.CookieConflict} <= set(FOREIGN)


@pytest.mark.parametrize("kind", FOREIGN, ids=lambda kind: kind.__name__)
def test_every_exception_of_httpx_becomes_ours_without_a_url(monkeypatch, kind):
    """No foreign exception leaves the transport, and none of its text comes along."""
    with transport() as way:
        monkeypatch.setattr(way, "_client", lambda: Failing(make(kind)))
        with pytest.raises(SourceUnavailable) as caught:
            way.send("GET", SECRET)
    assert caught.value.__suppress_context__
    assert not any(part in str(caught.value) for part in ("devkey", "abc123", "auth?"))


@pytest.mark.parametrize("kind", FOREIGN, ids=lambda kind: kind.__name__)
def test_a_reason_is_words_or_a_class_name(kind):
    """A reason never quotes the exception's own text."""
    assert SECRET not in reason_of(make(kind))
    assert "://" not in reason_of(make(kind))


def test_an_answer_is_read_whole():
    """Status, lower-case headers and body come back as one value."""
    with serving(reply(418, b"tea", X_Pot="1")) as (address, asked), transport() as way:
        answer = way.send("GET", f"{address}/brew", params={"q": "1"})
    assert (answer.status, answer.headers["x-pot"], answer.body) == (418, "1", b"tea")
    assert asked == ["/brew?q=1"]


def test_a_redirect_is_an_answer_not_an_instruction():
    """A redirect is handed back; its target is never asked."""
    with serving(reply(302, Location="/elsewhere")) as (address, asked), transport() as way:
        assert way.send("GET", f"{address}/here").status == 302
    assert asked == ["/here"]


def test_the_deadline_counts_the_whole_answer():
    """A server that drips bytes, each in time, is left once the total is over."""
    gone = threading.Event()

    def _drip(handler):
        handler.send_response(200)
        handler.end_headers()
        try:
            while not gone.is_set():
                handler.wfile.write(b"x")
                handler.wfile.flush()
        except OSError:
            handler.close_connection = True

    with serving(_drip) as (address, _), transport(clock=FakeClock(step=1.0), total_s=3.5) as way:
        with pytest.raises(SourceUnavailable) as caught:
            way.send("GET", address)
        gone.set()
    assert caught.value.reason == "total deadline exceeded"


def _drip_headers(handler):
    """Send one byte of a header every few milliseconds, until the other side is gone."""
    handler.close_connection = True
    try:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        for _ in range(500):
            handler.wfile.write(b"x")
            time.sleep(0.01)
    except OSError:
        pass


def test_the_deadline_counts_the_headers_too():
    """A server that drips its headers, each byte in time, is left once the total is over, on a kept connection too."""
    answers = iter((reply(200), _drip_headers, _drip_headers, reply(200)))

    def _answer(handler):
        next(answers)(handler)

    with serving(_answer, protocol="HTTP/1.1") as (address, asked), transport(total_s=0.2) as way:
        way.send("GET", address)
        for _ in range(2):
            began = time.monotonic()
            with pytest.raises(SourceUnavailable) as caught:
                way.send("GET", address)
            assert 0.2 <= time.monotonic() - began < 1.0
            assert caught.value.reason == "total deadline exceeded"
        assert way.send("GET", address).status == 200
    assert len(asked) == 4


def test_a_body_without_a_length_is_not_cut_short_unseen():
    """Where the end of the connection ends the body, our own cut is never taken for that end."""
    gone = threading.Event()

    def _stall(handler):
        handler.send_response(200)
        handler.end_headers()
        gone.wait(0.1)
        handler.wfile.write(b"the beginning")
        gone.wait(5)

    with serving(_stall) as (address, _), transport(total_s=0.2) as way:
        with pytest.raises(SourceUnavailable) as caught:
            way.send("GET", address)
        gone.set()
    assert caught.value.reason == "total deadline exceeded"


def test_a_request_in_time_leaves_nothing_behind():
    """Once a request has ended no thread waits for its deadline."""
    with serving(reply(200)) as (address, _), transport() as way:
        way.send("GET", address)
        assert not [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)]


def test_the_cap_counts_decompressed_bytes():
    """A small answer that unpacks into a large one is refused."""
    packed = gzip.compress(b"0" * 100_000)
    with serving(reply(200, packed, Content_Encoding="gzip")) as (address, _):
        with transport(body_bytes=99_999) as way, pytest.raises(SourceUnavailable) as caught:
            way.send("GET", address)
        with transport(body_bytes=100_000) as way:
            assert len(way.send("GET", address).body) == 100_000
    assert caught.value.reason == "body over the size cap"


def test_only_what_can_be_unpacked_in_bounded_memory_is_asked_for():
    """Whatever the HTTP library could unpack besides, a server is told of gzip alone."""
    told = []

    def _answer(handler):
        told.append(handler.headers["Accept-Encoding"])
        reply(200)(handler)

    with serving(_answer) as (address, _), transport() as way:
        way.send("GET", address)
    assert told == ["gzip"]


def test_a_refused_connection_is_named_in_words():
    """Nobody listening is `no connection`."""
    with serving(reply(200)) as (address, _):
        pass
    with transport() as way, pytest.raises(SourceUnavailable) as caught:
        way.send("GET", address)
    assert caught.value.reason == "no connection"


def test_a_broken_answer_is_named_in_words():
    """A connection cut before the body is complete, or a body that is no gzip, is no answer."""

    def _cut(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", "10")
        handler.end_headers()
        handler.wfile.write(b"x")

    for answer, reason in (
        (_cut, "the connection broke off"),
        (reply(200, b"plain", Content_Encoding="gzip"), "the answer cannot be decompressed"),
    ):
        with serving(answer) as (address, _), transport() as way, pytest.raises(SourceUnavailable) as caught:
            way.send("GET", address)
        assert caught.value.reason == reason


def test_each_thread_has_its_own_client_and_all_share_the_cookies():
    """Clients are made once a thread; a session begun in one thread holds in the others."""
    clients, cookies = set(), []

    def _answer(handler):
        cookies.append(handler.headers.get("Cookie"))
        reply(200, Set_Cookie="session=1")(handler)

    with serving(_answer) as (address, _), transport() as way:

        def _ask():
            way.send("GET", address)
            clients.add(id(way._client()))

        _ask()
        _ask()
        thread = threading.Thread(target=_ask)
        thread.start()
        thread.join()
    assert len(clients) == 2
    assert cookies == [None, "session=1", "session=1"]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (None, None),
        ("120", 120.0),
        (" 7 ", 7.0),
        ("Mon, 23 Nov 2026 12:01:30 GMT", 90.0),
        ("Mon, 23 Nov 2026 12:01:30 -0000", 90.0),
        ("Mon, 23 Nov 2026 11:00:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        ("Mon, 01 Jan 99999999999 00:00:00 GMT", None),
        ("9" * 20, None),
        ("9" * 5000, None),
        ("²", None),
        ("", None),
    ],
)
def test_retry_after_is_read_in_both_forms(text, seconds):
    """Seconds and HTTP dates are understood; anything else counts as absent."""
    assert parse_retry_after(text, FakeClock()) == seconds
    headers = {} if text is None else {"retry-after": text}
    assert Answer(429, headers, b"").retry_after_s(FakeClock()) == seconds


@pytest.mark.parametrize(
    ("url", "host"),
    [
        (SECRET, "https://school.example"),
        ("http://user:pass@h:8080/p?q#f", "http://h:8080"),
        ("http://127.0.0.1", "http://127.0.0.1"),
    ],
)
def test_only_scheme_host_and_port_are_shown_of_a_url(url, host):
    """Path, query, user and password of an address are never shown."""
    assert host_of(url) == host
