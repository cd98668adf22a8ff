"""The log: only known fields, no personal data, no URL query."""

import io
import json
import logging

import pytest
import structlog

from ejsync import logs
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
