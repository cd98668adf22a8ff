"""The endpoints of the contract ed/v1."""

import gzip
import hashlib

import jsonschema_rs
import orjson
import pytest
import zstandard

from ejsync.sandbox.diary_contracts import EdContract, contracts_dir
from ejsync.sandbox.diary_exchange import InProgress
from ejsync.sandbox.diary_problems import ProblemError

SCHOOL = "/v1/schools/gymnasium-0"


def _keeps(document, *, schema: str) -> bool:
    text = (contracts_dir() / "ed" / "v1" / f"{schema}.schema.json").read_bytes()
    return jsonschema_rs.Draft202012Validator(orjson.loads(text), validate_formats=True).is_valid(document)


def _results(response) -> list[tuple]:
    return [(result["status"], result["code"], result["pointer"]) for result in response.json()["results"]]


def test_every_item_gets_its_own_answer(caller, change):
    """A good item is applied beside one of an unknown kind, one with bad data and one with a conflict."""
    caller.post(change("d", version=2))
    conflict = {**change("d", version=2), "fingerprint": "f" * 32}
    weather = {**change("b"), "kind": "weather"}
    sent = caller.post(change("a"), weather, change("c", raw=""), conflict, change("d"), key="k2")
    assert _results(sent) == [
        ("applied", None, None),
        ("rejected", "unknown_kind", None),
        ("rejected", "contract", "/raw"),
        ("rejected", "version_conflict", None),
        ("stale", None, None),
    ]
    assert _keeps(sent.json(), schema="receipt")


def test_repetition_gets_the_first_receipt(caller, change):
    """The same body under the same key is answered with the stored receipt, marked, and has no second effect."""
    first, again = caller.post(change()), caller.post(change())
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert again.content == first.content
    assert (caller.state()["effects"], caller.state()["replayed"]) == (1, 1)


def test_encoding_does_not_make_another_body(caller, change):
    """A repetition may be compressed differently: what counts is the body after decompression."""
    first = caller.post(change())
    sent = caller.batch(change())
    packed = {"gzip": gzip.compress(sent["content"]), "zstd": zstandard.compress(sent["content"])}
    for encoding, content in packed.items():
        headers = {**sent["headers"], "Content-Encoding": encoding}
        again = caller.call("POST", f"{SCHOOL}/batches", content=content, headers=headers)
        assert again.content == first.content


def test_key_cannot_be_used_for_another_body(caller, change):
    """Another body under a used key is refused and applies nothing; another school's key is its own."""
    caller.post(change())
    reused = caller.post(change("b"))
    assert (reused.status_code, reused.json()["code"]) == (422, "idempotency_key_reused")
    assert caller.state()["effects"] == 1


def test_same_key_at_the_same_moment_is_a_conflict(caller, change):
    """Of two simultaneous requests under one key one is treated and the other told to come again."""
    request = ("POST", f"{SCHOOL}/batches", caller.batch(change()))
    answers = sorted(caller.together(request, request), key=lambda answer: answer.status_code)
    assert [answer.status_code for answer in answers] == [200, 409]
    assert answers[1].headers["retry-after"] == "1"
    assert caller.state()["effects"] == 1


def test_claim_ends_with_its_request():
    """A key is free again after its request, however that ended; other keys and schools are never held up."""
    progress = InProgress()
    with progress.claim("s", idempotency_key="k"):
        with progress.claim("t", idempotency_key="k"), progress.claim("s", idempotency_key="l"):
            pass
        with pytest.raises(ProblemError, match="in_progress"), progress.claim("s", idempotency_key="k"):
            pass
    with progress.claim("s", idempotency_key="k"):
        pass


@pytest.mark.parametrize("key", [None, "", "a b", "ключ".encode(), "k" * 201])
def test_batch_needs_a_usable_key(caller, change, key):
    """Without an idempotency key of visible ASCII nothing is applied."""
    sent = caller.batch(change())
    sent["headers"].pop("Idempotency-Key")
    headers = sent["headers"] if key is None else {**sent["headers"], "Idempotency-Key": key}
    refused = caller.call("POST", f"{SCHOOL}/batches", content=sent["content"], headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (400, "idempotency_key_missing")


@pytest.mark.parametrize(
    ("content", "pointer"), [(b"{", None), (b"\xff", None), (b"[]", ""), (b'{"items": []}', "/items")]
)
def test_malformed_batch_is_refused(caller, content, pointer):
    """What is no batch is a 400 that points to the place if it was JSON at all; the key stays free."""
    headers = caller.batch()["headers"]
    refused = caller.call("POST", f"{SCHOOL}/batches", content=content, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (400, "malformed")
    assert pointer is None or refused.json()["pointer"] in {pointer, ""}
    assert caller.state()["batches"] == 0


def test_batch_of_another_school_is_foreign(caller, change):
    """A batch that names another school than the address is refused."""
    refused = caller.call("POST", "/v1/schools/other/batches", **caller.batch(change()))
    assert (refused.status_code, refused.json()["code"]) == (403, "foreign_school")


@pytest.mark.parametrize(
    ("limit", "code"), [({"max_items": 1}, "too_many_items"), ({"max_bytes": 300}, "too_many_bytes")]
)
def test_too_much_at_once_is_refused(caller, change, limit, code):
    """More items or bytes than allowed are a 413 with its reason, and less is taken after that."""
    caller.call("POST", "/_control/limits", json=limit)
    refused = caller.post(change("a"), change("b"))
    assert (refused.status_code, refused.json()["code"]) == (413, code)
    taken = caller.post(change("a", version=1, gone=True), key="k2")
    assert taken.status_code == 200


def test_other_media_and_encodings_are_refused(caller, change):
    """Only JSON is read, plain or in gzip or zstd."""
    for headers, code in (
        ({"Content-Type": "text/json"}, "unsupported_media_type"),
        ({"Content-Encoding": "br"}, "unsupported_encoding"),
    ):
        refused = caller.post(change(), headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (415, code)


def test_digest_names_every_kind(caller, change):
    """Without a kind every kind is listed, with one only that; the empty ones hash nothing."""
    caller.post(change("a"))
    digest = caller.call("GET", f"{SCHOOL}/digest").json()
    kinds = {entry["kind"]: entry for entry in digest["kinds"]}
    assert _keeps(digest, schema="digest")
    assert set(kinds) == set(EdContract.load().kinds)
    assert kinds["mark"]["digest"] == hashlib.sha256(f"a\t1\t{1:032x}\n".encode()).hexdigest()
    assert kinds["pupil"] == {"kind": "pupil", "count": 0, "digest": hashlib.sha256().hexdigest()}
    one = caller.call("GET", f"{SCHOOL}/digest", params={"kind": "mark"}).json()
    assert one["kinds"] == [kinds["mark"]]


def test_records_are_paged_to_the_end(caller, change):
    """Following `next` gives every live record once, in order, and ends with null."""
    caller.post(*(change(key) for key in "ecabd"))
    seen, after = [], ""
    while after is not None:
        page = caller.call("GET", f"{SCHOOL}/records", params={"kind": "mark", "after": after, "limit": 2}).json()
        assert _keeps(page, schema="records")
        seen += [record["key"] for record in page["records"]]
        after = page["next"]
    assert seen == list("abcde")


def test_full_last_page_says_so(caller, change):
    """A page that happens to be full and last has no next."""
    caller.post(change("a"), change("b"))
    page = caller.call("GET", f"{SCHOOL}/records", params={"kind": "mark", "limit": 2}).json()
    assert (len(page["records"]), page["next"]) == (2, None)


def test_records_of_one_pupil(caller, change):
    """With a pupil only his records are listed."""
    caller.post(change("a"), change("b", pupil="1002"))
    page = caller.call("GET", f"{SCHOOL}/records", params={"kind": "mark", "pupil": "1002"}).json()
    assert [record["key"] for record in page["records"]] == ["b"]


@pytest.mark.parametrize(
    "query",
    [{}, {"kind": "weather"}, *({"kind": "mark", "limit": limit} for limit in ("0", "1001", "x", "٣", "9" * 5000))],
)
def test_senseless_query_is_malformed(caller, query):
    """A kind nobody knows or a limit out of bounds is a 400."""
    refused = caller.call("GET", f"{SCHOOL}/records", params=query)
    assert (refused.status_code, refused.json()["code"]) == (400, "malformed")


@pytest.mark.parametrize("path", ["/v1/schools/-/digest", f"{SCHOOL}/digest?kind=weather"])
def test_senseless_address_is_malformed(caller, path):
    """A school or kind that cannot be is a 400."""
    assert caller.call("GET", path).json()["code"] == "malformed"


def test_erasure_destroys_and_counts(caller, change):
    """A pupil's records go, others stay, and a second erasure finds nothing."""
    caller.post(change("a"), change("b"), change("c", pupil="1002"))
    for erased in (2, 0):
        answer = caller.call("DELETE", f"{SCHOOL}/pupils/1001").json()
        assert answer == {"pupil": "1001", "erased": erased}
        assert _keeps(answer, schema="erasure")
    state = caller.state()
    assert [record["key"] for record in state["records"]] == ["c"]
    assert state["tombstones"] == 2


def test_erasure_outlives_a_late_repetition(caller, change):
    """A batch sent again after the erasure gets its old receipt and brings nothing back."""
    caller.post(change("a"))
    caller.call("DELETE", f"{SCHOOL}/pupils/1001")
    assert caller.post(change("a")).headers["idempotency-replayed"] == "true"
    assert caller.post(change("a"), key="k2").json()["results"][0]["code"] == "version_conflict"
    assert caller.state()["records"] == []


def test_erasure_of_an_impossible_pupil(caller):
    """What cannot be a pupil's id is a 400, not an erasure of nothing."""
    assert caller.call("DELETE", f"{SCHOOL}/pupils/Анна").json()["code"] == "malformed"


def _line(size: int, root: str = "a", school: str = "gymnasium-0") -> str:
    return f"{school} 1 {size} {root * 64} 2026-11-16T08:00:00.000000Z {'b' * 64} {'c' * 128}"


def _kept(caller) -> str | None:
    return caller.call("GET", f"{SCHOOL}/digest").headers.get("ejsync-checkpoint")


def test_the_checkpoint_over_most_entries_is_kept(caller, change):
    """It is shown beside every digest; one over fewer entries, or over as many others, is counted and not kept."""
    assert _kept(caller) is None
    sent = (_line(5), _line(9), _line(9), _line(7), _line(9, "d"))
    for number, line in enumerate(sent):
        caller.post(change(str(number)), key=f"k{number}", headers={"Ejsync-Checkpoint": line})
    assert _kept(caller) == _line(9)
    assert caller.state()["checkpoints"] == {"gymnasium-0": {"newest": _line(9), "contradicted": 2}}


@pytest.mark.parametrize("line", ["", "x", _line(5, school="lyceum-2"), _line(5)[:-1], _line(5).replace(" 5 ", " 0 ")])
def test_no_batch_is_refused_for_its_checkpoint(caller, change, line):
    """What cannot be read, or is another school's, is passed over."""
    assert caller.post(change(), headers={"Ejsync-Checkpoint": line}).status_code == 200
    assert _kept(caller) is None


def test_a_refused_batch_leaves_no_checkpoint(caller, change):
    """Only what came with a batch that was taken is kept."""
    caller.fault("refuse_whole", key="b")
    assert caller.post(change("b"), headers={"Ejsync-Checkpoint": _line(5)}).status_code == 422
    assert _kept(caller) is None
