"""ElJur's envelope."""

import json

import pytest

from ejsync.sources.eljur.client.envelope import NoAnswerError, open_envelope
from ejsync.transport import Answer


def answer(document, status=200):
    """An HTTP answer with a JSON document or raw bytes."""
    return Answer(status, {}, document if isinstance(document, bytes) else json.dumps(document).encode())


@pytest.mark.parametrize("state", [200, "200", 200.0])
def test_state_is_compared_as_a_number(state):
    """An answer is good by its numeric state, whatever type it came as."""
    reply = open_envelope(answer({"response": {"state": state, "error": None, "result": {"a": 1}}}))
    assert (reply.state, reply.result) == (200, {"a": 1})


def test_state_counts_where_http_says_well():
    """HTTP 200 with another state is that state's refusal."""
    assert open_envelope(answer({"response": {"state": "403", "error": "Нет прав", "result": []}})).state == 403


@pytest.mark.parametrize("body", [b"", b"{}", json.dumps({"response": {"state": 400, "error": "Нет"}}).encode()])
def test_http_refusal_needs_no_envelope(body):
    """A 4xx of HTTP is a refusal even where its body says nothing."""
    assert open_envelope(answer(body, 400)).state == 400


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        (b"<!DOCTYPE html><html></html>", 200, "an HTML page instead of an answer"),
        (b"<html>", 403, "HTTP 403 with an HTML page"),
        (b'<?xml version="1.0"?><response/>', 200, "XML instead of JSON"),
        (b" \n", 200, "an empty body"),
        (b'{"response": {"state": 200, "resu', 200, "JSON that does not parse"),
        (b'{"state": 200, "result": {}}', 200, "an envelope without `response`"),
        (b"[]", 200, "an envelope without `response`"),
        (b'{"response": []}', 200, "an envelope without `response`"),
        (b'{"response": {"result": {}}}', 200, "a `state` that is no number"),
        (b'{"response": {"state": "ok"}}', 200, "a `state` that is no number"),
        (b"", 302, "redirected"),
        (b"<html>", 500, "state 500: an unknown school sub-domain, or a failure of the service"),
        (b'{"response": {"state": 500}}', 200, "state 500: an unknown school sub-domain, or a failure of the service"),
        (b"", 503, "state 503"),
    ],
)
def test_what_is_no_answer(body, status, reason):
    """Whatever is neither an answer nor a refusal says what it was, and nothing of what it held."""
    with pytest.raises(NoAnswerError) as caught:
        open_envelope(Answer(status, {}, body))
    assert str(caught.value) == reason


def test_a_missing_result_is_empty():
    """An envelope without `result` is a good answer that holds nothing."""
    assert open_envelope(answer({"response": {"state": 200}})).result is None
