"""The diary's client: one push is one request, and what each status means."""

from dataclasses import replace

import httpx
import orjson
import pytest
import respx

from ejsync.domain.batches import Item, Parcel, Status
from ejsync.domain.changes import Op
from ejsync.domain.comparing import Digest, Holding
from ejsync.domain.records import Kind
from ejsync.errors import SinkAuthFailed, SinkRejected, SinkThrottled, SinkUnavailable, SinkUnclear, SinkUnread
from ejsync.sinks.ed.client import EdSink
from ejsync.sinks.ed.config import EdConfig
from ejsync.transport import Limits

BATCHES = "https://diary.example/v1/schools/school-7/batches"
DIGEST = "https://diary.example/v1/schools/school-7/digest"
TOKEN = "https://diary.example/oauth/token"
PARCEL = Parcel(
    "6f1c2f8e-53a8-4d3c-9a53-0d1c0a2f5b11", "the-key", b"the-body", "identity",
    (Item(0, Op.UPSERT, Kind.MARK, "k", None, 1, "f" * 32),), 1,
)  # fmt: skip
RECEIPT = {
    "batch": PARCEL.batch,
    "results": [{"position": 0, "status": "applied", "code": None, "pointer": None, "held_version": 1}],
}


@pytest.fixture
def secrets(monkeypatch):
    """The secrets that the settings name."""
    monkeypatch.setenv("DIARY_TOKEN", "static-token")
    monkeypatch.setenv("DIARY_SECRET", "client-secret")


@pytest.fixture
def sink(secrets, clock):
    """A sink with a static token."""
    yield from opened(clock, token="env:DIARY_TOKEN")


@pytest.fixture
def by_client(secrets, clock):
    """A sink with client credentials."""
    yield from opened(clock, token_url=TOKEN, client_id="client", client_secret="env:DIARY_SECRET")


def opened(clock, **sign_in):
    """Open a sink and close it."""
    config = EdConfig.model_validate({"type": "ed", "base_url": "https://diary.example/", **sign_in})
    made = EdSink(config, clock=clock, limits=Limits())
    yield made
    made.close()


def problem(status, code, **headers):
    """A problem+json answer."""
    return httpx.Response(status, json={"code": code, "detail": "Тестова"}, headers=headers)


@respx.mock
def test_a_push_sends_the_stored_bytes_under_the_stored_key(sink):
    """Body, encoding, idempotency key and token travel as they are; the answer is read item by item."""
    route = respx.post(BATCHES).respond(json=RECEIPT)
    [answer] = sink.push("school-7", PARCEL)
    assert answer.status is Status.APPLIED
    request = route.calls.last.request
    assert request.content == b"the-body"
    assert request.headers["idempotency-key"] == "the-key"
    assert request.headers["content-encoding"] == "identity"
    assert request.headers["authorization"] == "Bearer static-token"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (problem(400, "malformed"), SinkRejected),
        (problem(413, "too_many_bytes"), SinkRejected),
        (httpx.Response(413, html="<html>nginx</html>"), SinkRejected),
        (problem(422, "whole_batch_refused"), SinkRejected),
        (problem(422, "idempotency_key_reused"), SinkRejected),
        (problem(401, "token_invalid"), SinkAuthFailed),
        (problem(403, "foreign_school"), SinkAuthFailed),
        (problem(429, "throttled"), SinkThrottled),
        (problem(409, "in_progress"), SinkUnclear),
        (problem(500, "internal"), SinkUnclear),
        (problem(503, "unavailable"), SinkUnavailable),
        (problem(404, "not_found"), SinkUnclear),
        (problem(415, "unsupported_encoding"), SinkUnclear),
        (problem(400, "idempotency_key_missing"), SinkUnclear),
        (httpx.Response(400, html="<html>proxy</html>"), SinkUnclear),
        (httpx.Response(302, headers={"location": "https://elsewhere.example"}), SinkUnclear),
        (httpx.Response(200, html="<html>sign in</html>"), SinkUnclear),
        (httpx.Response(200, json={"batch": "another", "results": []}), SinkUnclear),
        (httpx.Response(204), SinkUnclear),
        (httpx.Response(207, html="<html>multi</html>"), SinkUnclear),
        (problem(503, "unavailable", **{"Retry-After": "9"}), SinkThrottled),
        (problem(502, "bad_gateway"), SinkUnavailable),
        (problem(504, "timeout"), SinkUnavailable),
    ],
    ids=lambda value: f"{value.status_code}-{value.text[:36]}" if isinstance(value, httpx.Response) else value.__name__,
)
@respx.mock
def test_each_answer_has_one_meaning(sink, answer, error):
    """Only what the diary itself refuses for its items' sake is a rejection; anything unclear is tried again."""
    respx.post(BATCHES).mock(return_value=answer)
    with pytest.raises(error) as caught:
        sink.push("school-7", PARCEL)
    assert type(caught.value) is error
    assert "Тестова" not in str(caught.value)


@pytest.mark.parametrize(
    ("answer", "of_host"),
    [
        (problem(500, "internal"), True),
        (problem(503, "unavailable"), True),
        (problem(429, "throttled"), True),
        (problem(404, "not_found"), False),
        (problem(409, "in_progress"), False),
        (httpx.Response(200, html="<html>"), False),
    ],
)
@respx.mock
def test_what_concerns_one_school_is_no_trouble_of_the_host(sink, answer, of_host):
    """Overload and errors of the server would meet another school too; a wrong address need not."""
    respx.post(BATCHES).mock(return_value=answer)
    with pytest.raises(SinkUnavailable) as caught:
        sink.push("school-7", PARCEL)
    assert caught.value.of_host is of_host


@respx.mock
def test_a_receipt_is_understood_as_207_too(sink):
    """A multi-status answer whose body is the receipt of this batch is one."""
    respx.post(BATCHES).respond(207, json=RECEIPT)
    assert [answer.status for answer in sink.push("school-7", PARCEL)] == [Status.APPLIED]


@pytest.mark.parametrize(("status", "too_large"), [(413, True), (422, False)])
@respx.mock
def test_too_large_is_told_from_refused(sink, status, too_large):
    """A batch that is too large is refused for its size, and no item for its own sake."""
    respx.post(BATCHES).mock(return_value=problem(status, "no"))
    with pytest.raises(SinkRejected) as caught:
        sink.push("school-7", PARCEL)
    assert caught.value.too_large is too_large


@pytest.mark.parametrize(("error", "timed_out"), [(httpx.ReadTimeout, True), (httpx.ConnectError, False)])
@respx.mock
def test_an_answer_too_late_is_told_from_a_broken_line(sink, error, timed_out):
    """Only the first says that a batch may be more than the diary can take in time."""
    respx.post(BATCHES).mock(side_effect=error(""))
    with pytest.raises(SinkUnavailable) as caught:
        sink.push("school-7", PARCEL)
    assert caught.value.timed_out is timed_out


def test_the_host_is_told_without_path_or_query(sink):
    """Scheme, host and port: what schools share that send to the same service."""
    assert sink.host == "https://diary.example"


@pytest.mark.parametrize(
    ("value", "seconds"), [("90", 90.0), ("Mon, 16 Nov 2026 08:02:00 GMT", 120.0), ("soon", None), ("-5", None)]
)
@respx.mock
def test_retry_after_is_read_in_both_forms(sink, value, seconds):
    """Seconds and dates are understood; what is neither asks for nothing."""
    respx.post(BATCHES).mock(return_value=problem(503, "unavailable", **{"Retry-After": value}))
    with pytest.raises(SinkUnavailable) as caught:
        sink.push("school-7", PARCEL)
    assert getattr(caught.value, "retry_after_s", None) == seconds


@pytest.mark.parametrize(
    "error", [httpx.ConnectError, httpx.ConnectTimeout, httpx.ReadTimeout, httpx.ReadError, httpx.RemoteProtocolError]
)
@respx.mock
def test_a_broken_line_is_an_unknown_outcome(sink, error):
    """Whatever happens on the line, the same bytes may go again; one push is one request."""
    route = respx.post(BATCHES).mock(side_effect=error("https://diary.example/?secret=1"))
    with pytest.raises(SinkUnavailable) as caught:
        sink.push("school-7", PARCEL)
    assert route.call_count == 1
    assert "secret" not in str(caught.value)


@respx.mock
def test_a_token_is_fetched_once_and_used_until_it_runs_out(by_client, clock):
    """Half a minute before its end a token is renewed, and not sooner."""
    tokens = respx.post(TOKEN).respond(json={"access_token": "t1", "expires_in": 300})
    respx.post(BATCHES).respond(json=RECEIPT)
    by_client.push("school-7", PARCEL)
    clock.move(seconds=270)
    by_client.push("school-7", PARCEL)
    assert tokens.call_count == 1
    clock.move(seconds=1)
    by_client.push("school-7", PARCEL)
    assert tokens.call_count == 2
    form = tokens.calls.last.request.content.decode()
    assert form == "grant_type=client_credentials&client_id=client&client_secret=client-secret"


@respx.mock
def test_an_expired_token_is_renewed_once(by_client):
    """A refused token is renewed and the same request sent once more; a second refusal is final."""
    respx.post(TOKEN).mock(side_effect=[httpx.Response(200, json={"access_token": n, "expires_in": 9}) for n in "abc"])
    route = respx.post(BATCHES).mock(side_effect=[problem(401, "token_expired"), httpx.Response(200, json=RECEIPT)])
    assert by_client.push("school-7", PARCEL)[0].status is Status.APPLIED
    assert [call.request.headers["authorization"] for call in route.calls] == ["Bearer a", "Bearer b"]
    respx.post(BATCHES).mock(side_effect=[problem(401, "token_expired")] * 2)
    with pytest.raises(SinkAuthFailed):
        by_client.push("school-7", PARCEL)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(400, json={"error": "invalid_client"}), SinkAuthFailed),
        (httpx.Response(401, json={"error": "invalid_client"}), SinkAuthFailed),
        (problem(413, "too_many_bytes"), SinkUnavailable),
        (problem(422, "whole_batch_refused"), SinkUnavailable),
        (problem(429, "throttled"), SinkThrottled),
        (problem(503, "unavailable"), SinkUnavailable),
        (httpx.Response(200, html="<html>"), SinkUnavailable),
        (httpx.Response(200, json={"token": "t"}), SinkUnavailable),
        (httpx.Response(200, json={"access_token": "t", "expires_in": None}), SinkUnavailable),
        (httpx.Response(200, json={"access_token": "ток\nен", "expires_in": 9}), SinkUnavailable),
    ],
)
@respx.mock
def test_trouble_at_the_token_endpoint_never_buries_a_batch(by_client, answer, error):
    """Whatever the token endpoint answers, the batch is not refused for it."""
    respx.post(TOKEN).mock(return_value=answer)
    route = respx.post(BATCHES)
    with pytest.raises(error) as caught:
        by_client.push("school-7", PARCEL)
    assert type(caught.value) is error
    assert route.call_count == 0


@pytest.mark.parametrize("value", ["", "токен", "two words"])
def test_a_secret_that_is_none_is_told_by_its_place(sink, monkeypatch, value):
    """A missing secret, or one that no header can carry, is told by its name and never shown."""
    monkeypatch.setenv("DIARY_TOKEN", value)
    with pytest.raises(SinkAuthFailed) as caught:
        sink.push("school-7", PARCEL)
    assert "DIARY_TOKEN" in caught.value.reason
    assert not value or value not in str(caught.value)


@respx.mock
def test_a_ping_proves_address_and_rights_and_changes_nothing(sink):
    """A ping asks for the digest; it meets what a push would meet."""
    respx.get(DIGEST).mock(side_effect=[httpx.Response(200, json={}), problem(403, "foreign_school")])
    sink.ping("school-7")
    with pytest.raises(SinkAuthFailed):
        sink.ping("school-7")


@respx.mock
def test_a_schools_name_cannot_leave_its_place_in_the_path(sink):
    """Slashes in a school's name are quoted."""
    route = respx.get("https://diary.example/v1/schools/a%2F..%2Fb/digest").respond(json={})
    sink.ping("a/../b")
    assert route.called


def test_packing_is_the_contracts_json_compressed(sink):
    """The body is what the settings compress, gzip by default."""
    import gzip

    body, encoding = sink.pack("school-7", PARCEL.batch, [])
    assert encoding == "gzip"
    assert orjson.loads(gzip.decompress(body)) == {
        "contract": "ed/v1", "school": "school-7", "batch": PARCEL.batch, "items": [],
    }  # fmt: skip


RECORDS = "https://diary.example/v1/schools/school-7/records"


@respx.mock
def test_the_digests_of_all_kinds_cost_one_request(sink):
    """However many kinds are compared, one request asks for them."""
    kinds = [{"kind": kind.value, "count": 2, "digest": "a" * 64} for kind in Kind]
    asked = respx.get(DIGEST).respond(json={"school": "school-7", "kinds": kinds})
    assert sink.digest("school-7", list(Kind)) == dict.fromkeys(Kind, Digest(2, "a" * 64))
    assert asked.call_count == 1


@respx.mock
def test_a_page_of_records_is_asked_for_by_kind_and_key(sink):
    """Kind, place and size of the page stand in the query, as the contract has them."""
    row = {"kind": "mark", "key": "k/2", "version": 3, "fingerprint": "a" * 32, "data": {"raw": "5"}}
    asked = respx.get(RECORDS, params={"kind": "mark", "limit": "1000", "after": "k/1"})
    asked.respond(json={"records": [row], "next": None})
    assert sink.records("school-7", Kind.MARK, "k/1").rows == (Holding("k/2", 3, "a" * 32),)
    first = respx.get(RECORDS, params={"kind": "mark", "limit": "1000"}).respond(json={"records": [], "next": None})
    assert (sink.records("school-7", Kind.MARK, "").rows, first.called) == ((), True)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (problem(503, "unavailable"), SinkUnread),
        (problem(500, "internal"), SinkUnread),
        (problem(400, "malformed"), SinkUnread),
        (problem(404, "not_found"), SinkUnread),
        (httpx.Response(200, text="<html>"), SinkUnread),
        (httpx.Response(200, json={"records": "Тестова"}), SinkUnread),
        (httpx.ReadError("cut"), SinkUnread),
        (problem(429, "throttled", **{"Retry-After": "5"}), SinkThrottled),
        (problem(403, "foreign_school"), SinkAuthFailed),
    ],
)
@respx.mock
def test_reading_back_fails_in_its_own_words(sink, answer, error):
    """No failure to read is told as a failed batch, none quotes what came, and asking to wait stays asking to wait."""
    side = {"side_effect": answer} if isinstance(answer, Exception) else {"return_value": answer}
    respx.get(RECORDS).mock(**side)
    respx.get(DIGEST).mock(**side)
    for ask in (lambda: sink.records("school-7", Kind.MARK, ""), lambda: sink.digest("school-7", list(Kind))):
        with pytest.raises(error) as caught:
            ask()
        assert type(caught.value) is error
        assert "Тестова" not in caught.value.sentence()


@respx.mock
@pytest.mark.parametrize("code", ["Testova", "9001", "a" * 41, "тестова"])
def test_a_code_of_another_form_is_not_repeated(sink, code):
    """It may be anybody's name or id, or a megabyte long."""
    respx.post(BATCHES).mock(return_value=problem(500, code))
    with pytest.raises(SinkUnclear) as caught:
        sink.push("school-7", PARCEL)
    assert caught.value.reason == "HTTP 500"


@respx.mock
@pytest.mark.parametrize("token", [None, 7, True, {}, ["x"]])
def test_a_token_is_a_text(by_client, token):
    """What is none is not sent as one."""
    respx.post(TOKEN).respond(json={"access_token": token})
    with pytest.raises(SinkUnavailable, match="unreadable token answer"):
        by_client.ping("school-7")


PUPIL = "https://diary.example/v1/schools/school-7/pupils/1001"


@respx.mock
def test_a_pupil_is_erased_by_one_request(sink):
    """The diary's count is handed on."""
    asked = respx.delete(PUPIL).respond(json={"pupil": "1001", "erased": 42})
    assert sink.erase("school-7", "1001") == 42
    assert asked.call_count == 1


@respx.mock
@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (problem(503, "unavailable"), SinkUnavailable),
        (problem(401, "token_invalid"), SinkAuthFailed),
        (problem(429, "throttled"), SinkThrottled),
        (httpx.Response(200, json={"pupil": "1002", "erased": 1}), SinkUnclear),
        (httpx.Response(200, content=b"<html>"), SinkUnclear),
        (httpx.Response(404), SinkUnclear),
    ],
)
def test_what_does_not_confirm_an_erasure_is_a_failure(sink, answer, error):
    """Nothing is taken for a confirmation but the contract's own."""
    respx.delete(PUPIL).mock(return_value=answer)
    with pytest.raises(error):
        sink.erase("school-7", "1001")


@respx.mock
def test_a_checkpoint_travels_as_a_header(sink):
    """The line goes beside the body, which stays as it is; without a checkpoint there is no such header."""
    route = respx.post(BATCHES).respond(json=RECEIPT)
    sink.push("school-7", PARCEL)
    sink.push("school-7", replace(PARCEL, checkpoint="school-7 1 2 ab"))
    told = [(call.request.headers.get("ejsync-checkpoint"), call.request.content) for call in route.calls]
    assert told == [(None, b"the-body"), ("school-7 1 2 ab", b"the-body")]


@respx.mock
def test_the_newest_checkpoint_is_asked_for(sink):
    """It stands in a header of the digest; a diary that keeps none tells nothing, one that refuses is an error."""
    route = respx.get(DIGEST)
    route.side_effect = [
        httpx.Response(200, json={}, headers={"Ejsync-Checkpoint": "school-7 1 2 ab"}),
        httpx.Response(200, json={}),
        problem(403, "foreign_school"),
    ]
    assert [sink.newest_checkpoint("school-7") for _ in range(2)] == ["school-7 1 2 ab", ""]
    with pytest.raises(SinkAuthFailed):
        sink.newest_checkpoint("school-7")
