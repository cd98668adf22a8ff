"""The log: only known fields, no personal data, no URL query."""

import base64
import io
import json
import logging
import sys
import threading
import timeit
import warnings
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote, quote_plus

import httpx
import pytest
import sqlalchemy
import structlog
import uvicorn
from apscheduler.schedulers.background import BackgroundScheduler

from ejsync import logs
from ejsync.credentials import revealed
from ejsync.domain.batches import Status
from ejsync.errors import SourceUnavailable

ADDRESS = "https://school.example/apiv3/getmarks?devkey=abc&auth_token=def"


@pytest.fixture(autouse=True)
def _logging_restored():
    """Give the process its logging back after each test."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.getLogger("ejsync").setLevel(logging.NOTSET)
    structlog.contextvars.clear_contextvars()
    structlog.reset_defaults()


@pytest.fixture
def stream():
    """Configure JSON lines into memory."""
    stream = io.StringIO()
    logs.configure("info", "json", stream)
    return stream


def lines(stream):
    """Return what was written so far."""
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_one_json_object_with_its_known_fields(stream):
    """Event, level, logger, UTC time and every allowed field stand in one object."""
    structlog.get_logger("ejsync.x").info("batch.settled", school="lyceum", items=3, seconds=0.5, state="delivered")
    (line,) = lines(stream)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "batch.settled",
        "level": "info",
        "logger": "ejsync.x",
        "school": "lyceum",
        "items": 3,
        "seconds": 0.5,
        "state": "delivered",
    }


def test_unknown_fields_are_dropped_and_counted(stream):
    """A field nobody allowed does not pass, whatever it holds."""
    structlog.get_logger("ejsync.x").info("record.read", name="Иванов", payload={"mark": 5}, records=1)
    (line,) = lines(stream)
    assert (line["records"], line["dropped_fields"]) == (1, 2)
    assert "Иванов" not in stream.getvalue()


@pytest.mark.parametrize(
    ("field", "value"), [("pupil", "1042"), ("pupil", "Иванов"), ("items", "Иванов"), ("items", True), ("state", ["x"])]
)
def test_a_known_field_passes_only_in_its_own_form(stream, field, value):
    """A pupil is a pseudonym, a count is a number, a word is text."""
    structlog.get_logger("ejsync.x").info("record.read", **{field: value})
    (line,) = lines(stream)
    assert field not in line
    assert line["dropped_fields"] == 1


def test_a_pseudonym_passes(stream):
    """Sixteen hexadecimal digits are what a pupil may be called."""
    structlog.get_logger("ejsync.x").info("record.read", pupil="0123456789abcdef", reason=None)
    assert lines(stream)[0]["pupil"] == "0123456789abcdef"


def test_no_query_of_a_url_passes(stream):
    """Neither a field of ours nor a library's sentence keeps what stands behind the question mark."""
    structlog.get_logger("ejsync.x").info("read.failed", host=ADDRESS)
    logging.getLogger("httpx").warning('HTTP Request: GET "%s"', ADDRESS)
    assert [line["event"] for line in lines(stream)] == [
        "read.failed",
        'HTTP Request: GET "https://school.example/apiv3/getmarks"',
    ]
    assert "devkey" not in stream.getvalue()


def test_an_exception_is_named_with_its_place_but_without_its_message(stream):
    """A foreign message may quote data: class and place are enough."""
    for log in (structlog.get_logger("ejsync.x"), logging.getLogger("somebody")):
        try:
            {}["Иванов"]
        except KeyError:
            log.exception("cycle.failed")
    for line in lines(stream):
        assert line["error"] == "KeyError"
        assert "test_logs.py" in line["where"]
    assert "Иванов" not in stream.getvalue()


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (SourceUnavailable(host="https://h", method="getmarks", reason=f"at {ADDRESS}"), "EJ-201 SourceUnavailable"),
        (OSError(28, "No space left on device"), "OSError: No space left on device"),
        (ValueError("Иванов"), "ValueError"),
    ],
)
def test_what_a_log_may_say_of_an_error(stream, error, text):
    """Ours speak in full, the system gives its reason, of all others only the class is shown."""
    structlog.get_logger("ejsync.x").error("cycle.failed", exc_info=error)
    shown = lines(stream)[0]["error"]
    assert shown.startswith(text)
    assert not any(word in shown for word in ("devkey", "Иванов"))


@pytest.mark.parametrize("name", ["httpx", "httpcore.http11", "uvicorn.access", "apscheduler.scheduler", "anybody"])
def test_libraries_speak_from_warning_on(stream, name):
    """A library's INFO lines, which hold URLs, are not written."""
    logging.getLogger(name).info("GET %s", ADDRESS)
    logging.getLogger(name).warning("careful")
    assert [(line["event"], line["logger"]) for line in lines(stream)] == [("careful", name)]


def test_whatever_a_sink_answers_can_be_counted():
    """The daemon logs how many items were answered how; none of these counts is dropped."""
    assert {status.value for status in Status} <= logs.COUNTS


def test_the_level_is_obeyed(stream):
    """Our own lines below the level are not written."""
    structlog.get_logger("ejsync.x").debug("page.read")
    assert stream.getvalue() == ""


def test_bound_context_appears_in_each_line(stream):
    """A school bound once stands in every line of that context."""
    structlog.contextvars.bind_contextvars(school="lyceum")
    structlog.get_logger("ejsync.x").info("feed.read")
    assert lines(stream)[0]["school"] == "lyceum"


def test_text_for_people_obeys_the_same_list():
    """The console form shows the same fields and drops the same."""
    stream = io.StringIO()
    logs.configure("info", "text", stream)
    structlog.get_logger("ejsync.x").info("batch.settled", items=3, name="Иванов")
    assert "batch.settled" in stream.getvalue()
    assert "items=3" in stream.getvalue()
    assert "Иванов" not in stream.getvalue()


def test_configuring_twice_writes_once(stream):
    """A second set-up replaces the first."""
    logs.configure("info", "json", stream)
    structlog.get_logger("ejsync.x").info("feed.read")
    assert len(lines(stream)) == 1


# What stands in no line, however it comes there.

DEVKEY = 'ключ "школы" +/=&?'
SPELT = [
    DEVKEY,
    quote(DEVKEY, safe=""),
    quote_plus(DEVKEY),
    json.dumps(DEVKEY)[1:-1],
    json.dumps(DEVKEY, ensure_ascii=False)[1:-1],
    base64.b64encode(DEVKEY.encode()).decode(),
    base64.urlsafe_b64encode(DEVKEY.encode()).decode(),
    base64.b64encode(f"a:{DEVKEY}".encode()).decode(),
    base64.b64encode(f"ab:{DEVKEY}!".encode()).decode(),
    repr(DEVKEY),
    repr(DEVKEY.encode()),
]


@pytest.fixture
def secret():
    """A secret that the process has used."""
    revealed.remember("file:devkey", DEVKEY)
    yield DEVKEY
    revealed.forget_all()


@pytest.fixture
def hooks():
    """Give the process its hooks back, and libraries their silence."""
    before = sys.excepthook, threading.excepthook, sys.unraisablehook
    yield
    sys.excepthook, threading.excepthook, sys.unraisablehook = before
    logging.captureWarnings(capture=False)
    for name in logging.root.manager.loggerDict:
        if name.partition(".")[0] in TALK:
            logging.getLogger(name).setLevel(logging.NOTSET)


@pytest.mark.parametrize("spelling", SPELT)
@pytest.mark.parametrize("format", ["json", "text"])
def test_a_secret_is_masked_however_it_is_spelt(secret, hooks, spelling, format):  # noqa: A002 - the setting's name
    """As it is, as URLs, JSON, Python and base64 have it: no line of anybody shows it, in no form of the log."""
    stream = io.StringIO()
    logs.configure("debug", format, stream)
    structlog.get_logger("ejsync.x").info(f"a {spelling} b", reason=spelling)
    logging.getLogger("somebody").warning("sent %s to %s", spelling, {"key": spelling})
    shown = stream.getvalue()
    assert shown.count(revealed.MASK) >= 3
    assert not any(form in shown for form in SPELT)


def test_a_long_text_is_not_cut_within_a_secret(secret, hooks, stream):
    """The end of what a line may hold leaves no half of a secret behind."""
    for length in range(285, 300):
        structlog.get_logger("ejsync.x").info("x" * length + secret)
    assert secret[:5] not in stream.getvalue()


@pytest.mark.parametrize("library", ["httpx", "httpcore", "uvicorn", "apscheduler", "sqlalchemy"])
def test_a_library_at_debug_shows_no_secret_and_no_query(secret, hooks, library):
    """Even a library that somebody made talkative is masked: real requests, jobs, statements."""
    stream = io.StringIO()
    logs.configure("debug", "json", stream)
    _talkative(library)
    TALK[library](secret)
    shown = stream.getvalue()
    assert library in {line["logger"].partition(".")[0] for line in lines(stream)}
    assert not any(form in shown for form in (*SPELT, "devkey=", "другой=")), shown


def _talkative(library):
    for name in (library, *(one for one in logging.root.manager.loggerDict if one.startswith(f"{library}."))):
        logging.getLogger(name).setLevel(logging.DEBUG)


def _ask(secret):
    """Ask a server on loopback with the secret in query, header and cookie."""
    with served(Echo) as url, httpx.Client(trust_env=False) as client:
        client.get(url, params={"devkey": secret, "другой": "1"}, headers={"x-key": quote(secret)})


def _serve(secret):
    """Let uvicorn answer such a request; it writes each path down."""

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, lifespan="off"))
    _talkative("uvicorn")
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        thread.join(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    with httpx.Client(trust_env=False) as client:
        client.get(f"http://127.0.0.1:{port}/x", params={"devkey": secret}, headers={"connection": "close"})
    server.should_exit = True
    thread.join()


def _schedule(secret):
    """Run a job that is named after the secret and fails with it."""
    done = threading.Event()

    def job():
        done.set()
        raise ValueError(secret)

    scheduler = BackgroundScheduler(timezone="UTC")
    scheduler.add_job(job, name=f"job {secret}")
    scheduler.start()
    assert done.wait(30)
    scheduler.shutdown(wait=True)


def _query(secret):
    """Let SQLAlchemy write a statement and its parameters down."""
    engine = sqlalchemy.create_engine("sqlite://")
    logging.getLogger("sqlalchemy.engine.Engine").setLevel(logging.DEBUG)
    engine.echo = None
    with engine.connect() as connection:
        connection.execute(sqlalchemy.text("SELECT :value"), {"value": secret}).all()
    engine.dispose()


TALK = {"httpx": _ask, "httpcore": _ask, "uvicorn": _serve, "apscheduler": _schedule, "sqlalchemy": _query}


class Echo(BaseHTTPRequestHandler):
    """Answers with an address in a header."""

    def do_GET(self):
        """Answer."""
        self.send_response(204)
        self.send_header("x-echo", self.path)
        self.send_header("connection", "close")
        self.end_headers()

    def log_message(self, *_):
        """Say nothing."""


@contextmanager
def served(handler):
    """Serve on loopback."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


class Finalised:
    """Fails when it is let go of, quoting a secret."""

    def __del__(self):
        raise ValueError(DEVKEY)


def _uncaught():
    try:
        int(DEVKEY)
    except ValueError:
        sys.excepthook(*sys.exc_info())


def _in_a_thread():
    def fail():
        quoted = DEVKEY
        raise ValueError(quoted)

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()


def _warned():
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=False)
        logging.captureWarnings(capture=True)  # pytest shows warnings in its own way
        warnings.warn(f"{DEVKEY} {ADDRESS}", stacklevel=1)
        logging.captureWarnings(capture=False)


@pytest.mark.parametrize(
    ("happen", "event", "error"),
    [
        (_uncaught, "process.failed", "ValueError"),
        (_in_a_thread, "thread.failed", "ValueError"),
        (lambda: Finalised() and None, "finaliser.failed", "ValueError"),
        (_warned, revealed.MASK, None),
    ],
)
def test_what_nobody_caught_is_one_masked_line(secret, hooks, happen, event, error):
    """Errors of the process, of threads and of finalisers, and warnings, leave class and place and nothing quoted."""
    stream = io.StringIO()
    logs.configure("info", "json", stream)
    happen()
    (line,) = lines(stream)
    assert event in line["event"]
    assert line.get("error") == error
    assert not any(form in stream.getvalue() for form in (*SPELT, "devkey="))


def test_what_masking_costs(stream, hooks, tally):
    """Twenty secrets mean a few hundred searches of a line at most; what a line takes with them is told."""
    took = {}
    for count in (0, 20):
        revealed.forget_all()
        for number in range(count):
            revealed.remember(f"file:{number}", f"secret-number-{number}-" + "x" * 20)
        took[count] = min(timeit.repeat(_write, number=200, repeat=5)) / 200
    assert len(set(revealed.spellings("secret-number-1-" + "x" * 20))) <= 15
    assert len(lines(stream)) == 2 * 5 * 200
    revealed.forget_all()
    tally.append(f"log: {took[0] * 1e6:.0f} µs a line, {took[20] * 1e6:.0f} µs with 20 secrets masked")


def _write():
    structlog.get_logger("ejsync.x").info("batch.settled", school="lyceum", items=3, seconds=0.5, state="delivered")
