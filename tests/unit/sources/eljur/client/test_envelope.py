"""ElJur's envelope."""

import json
import time

import pytest

from ejsync.errors import SourceElsewhere, SourceOversized
from ejsync.sources.eljur.client.envelope import ERRORS, NoAnswerError, open_envelope
from ejsync.transport import Answer

HOST = "http://school.invalid"
PAGE = "an HTML page instead of an answer: maintenance, or the school's journal is closed"


def answer(document, status=200):
    """An HTTP answer with a JSON document or raw bytes."""
    return Answer(status, {}, document if isinstance(document, bytes) else json.dumps(document).encode())


@pytest.mark.parametrize("state", [200, "200", 200.0])
def test_state_is_compared_as_a_number(state):
    """An answer is good by its numeric state, whatever type it came as."""
    reply = open_envelope(answer({"response": {"state": state, "error": None, "result": {"a": 1}}}), HOST)
    assert (reply.state, reply.result) == (200, {"a": 1})


def test_state_counts_where_http_says_well():
    """HTTP 200 with another state is that state's refusal."""
    assert open_envelope(answer({"response": {"state": "403", "error": "Нет прав", "result": []}}), HOST).state == 403


@pytest.mark.parametrize("body", [b"", b"{}", json.dumps({"response": {"state": 400, "error": "Нет"}}).encode()])
def test_http_refusal_needs_no_envelope(body):
    """A 4xx of HTTP is a refusal even where its body says nothing."""
    assert open_envelope(answer(body, 400), HOST).state == 400


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        (b"<!DOCTYPE html><html></html>", 200, PAGE),
        (b"\xef\xbb\xbf <html>", 200, PAGE),
        (b"<html><input type=text name=password>", 200, PAGE),
        (b"<html><input name='p'\n TYPE = 'Password'>", 200, "a log-in page instead of an answer"),
        (b'<html><input type="password">', 401, "a log-in page instead of an answer"),
        (b"<html>", 403, "a refusal as an HTML page, perhaps of something on the way"),
        (b'<?xml version="1.0"?><response/>', 200, "XML instead of JSON"),
        (b" \n", 200, "an empty body"),
        (b'{"response": {"state": 200, "resu', 200, "JSON that does not parse"),
        (b'{"state": 200, "result": {}}', 200, "an envelope without `response`"),
        (b"[]", 200, "an envelope without `response`"),
        (b'{"response": []}', 200, "an envelope without `response`"),
        (b'{"response": {"result": {}}}', 200, "a `state` that is no number"),
        (b'{"response": {"state": "ok"}}', 200, "a `state` that is no number"),
        (b"<html>", 500, "state 500: an unknown school sub-domain, or a failure of the service"),
        (b'{"response": {"state": 500}}', 200, "state 500: an unknown school sub-domain, or a failure of the service"),
        (b"", 503, "state=503"),
    ],
)
def test_what_is_no_answer(body, status, reason):
    """Whatever is neither an answer nor a refusal says what it was, and nothing of what it held."""
    with pytest.raises(NoAnswerError) as caught:
        open_envelope(Answer(status, {}, body), HOST)
    assert str(caught.value) == reason


@pytest.mark.parametrize(
    ("location", "where"),
    [
        ("", "another address of the same host"),
        ("/login?devkey=secret", "another address of the same host"),
        ("https://school.invalid/apiv3", "another address of the same host"),
        ("https://elsewhere.invalid/?devkey=secret", "another host, which is never followed"),
        ("//elsewhere.invalid", "another host, which is never followed"),
        ("https://school.invalid@elsewhere.invalid/", "another host, which is never followed"),
        ("http://[", "another host, which is never followed"),
    ],
)
def test_a_redirect_says_whether_it_leaves_the_host(location, where):
    """A redirect is no answer; the error says whether it stays on the host and repeats nothing of its target."""
    with pytest.raises(NoAnswerError) as caught:
        open_envelope(Answer(302, {"location": location}, b""), HOST)
    assert str(caught.value) == f"redirected to {where}"


def test_a_page_of_many_fields_is_searched_quickly():
    """A hostile page cannot make the search for a password field slow."""
    page = b"<html>" + b"<input type " * 4_000_000
    began = time.monotonic()
    with pytest.raises(NoAnswerError):
        open_envelope(Answer(200, {}, page), HOST)
    assert time.monotonic() - began < 2


def test_a_reason_that_says_more_has_its_own_error():
    """What stands at a wrong address, and what is too large, tell the operator something else than to wait."""
    assert set(ERRORS.values()) == {SourceElsewhere, SourceOversized}


def test_a_missing_result_is_empty():
    """An envelope without `result` is a good answer that holds nothing."""
    assert open_envelope(answer({"response": {"state": 200}}), HOST).result is None
