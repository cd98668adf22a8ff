"""Target: answers of the diary service: receipts, digests, pages of records, tokens, problems."""

import json
import os
from dataclasses import dataclass
from random import Random

import httpx

from ejsync.domain.batches import Item, Parcel
from ejsync.domain.changes import Op
from ejsync.domain.records import Kind
from ejsync.errors import SinkError
from ejsync.sinks.ed.client import EdSink
from ejsync.sinks.ed.config import EdConfig
from ejsync.transport import Limits
from tests.doubles.clock import VirtualClock
from tests.fuzz.mutation import CANARY, grafted, spelt, torn
from tests.fuzz.running import Target

_FINGERPRINT, _BATCH = "f" * 32, "6f1c2f8e-53a8-4d3c-9a53-0d1c0a2f5b11"
PARCEL = Parcel(
    _BATCH, "the-key", b"the-body", "identity",
    tuple(Item(place, Op.UPSERT, Kind.MARK, f"k{place}", None, 1, _FINGERPRINT) for place in range(3)), 1,
)  # fmt: skip
_CONFIG = EdConfig.model_validate(
    {"base_url": "https://diary.invalid", "token_url": "https://diary.invalid/oauth", "client_id": "bridge",
     "client_secret": "env:EJSYNC_FUZZ_SECRET"}
)  # fmt: skip
_PROBLEM = {"code": "malformed", "title": CANARY, "detail": CANARY, "pointer": f"/{CANARY}"}
CORPUS = {
    "push": {
        "batch": _BATCH,
        "results": [
            {"position": 0, "status": "applied", "code": None, "pointer": None, "held_version": 1},
            {"position": 1, "status": "stale", "code": None, "pointer": None, "held_version": 7},
            {"position": 2, "status": "rejected", "code": "schema", "pointer": "/value", "held_version": None},
        ],
    },
    "digest": {"kinds": [{"kind": kind.value, "count": 2, "digest": "0" * 64} for kind in (Kind.MARK, Kind.PUPIL)]},
    "records": {
        "records": [
            {"kind": "mark", "key": f"k{place}", "version": place + 1, "fingerprint": _FINGERPRINT,
             "data": {"value": CANARY}}
            for place in range(3)
        ],
        "next": "k2",
    },
    "token": {"access_token": "token", "expires_in": 300},
    "erase": {"pupil": "1001", "erased": 3},
    "checkpoint": {},
}  # fmt: skip
_GOOD = json.dumps(CORPUS["token"]).encode()
_STATUSES = (200, 200, 200, 207, 207, 202, 204, 302, 400, 401, 403, 409, 413, 422, 429, 500, 502, 503, 599)
_AFTER = ("9" * 400, "-1", "inf", "Fri, 31 Dec 9999 23:59:59 -9999", "Mon, 99 Abc", "120")


@dataclass(frozen=True)
class Told:
    """What is asked, and the answer to it."""

    asked: str
    status: int
    headers: dict
    body: bytes


def mutant(rng: Random):
    """An answer that breaks the contract of the diary, now and then by its headers."""
    asked = rng.choice(sorted(CORPUS))
    tree = _PROBLEM if rng.random() < 0.2 else CORPUS[asked]
    body = spelt(rng, grafted(rng, tree))
    body = torn(rng, body) if rng.random() < 0.2 else body
    headers = {"retry-after": rng.choice(_AFTER)} if rng.random() < 0.1 else {}
    return Told(asked, rng.choice(_STATUSES), headers, body)


def _extremes():
    for body in (
        *(
            b"",
            b"\0" * 99,
            b"\xff\xfe",
            b"[" * 100_000,
            b'{"a":' * 100_000,
            b"9" * 100_000,
            b'"\\ud800"',
            b"null",
            b"true",
        ),
        *(b'{"code":"' + CANARY.encode() + b'"}', b'{"code":"' + b"A" * 1_000_000 + b'"}', b'{"code":{"a":1}}'),
        b'{"batch":"%s","results":[%s{}]}' % (_BATCH.encode(), b"{}," * 200_000),
        b'{"batch":"%s","results":[{"position":%s,"status":"applied"}]}' % (_BATCH.encode(), b"9" * 5000),
        b'{"access_token":"' + CANARY.encode() * 1000 + b'\\n","expires_in":1e999}',
        b'{"access_token":{"a":"b"},"expires_in":"' + b"9" * 5000 + b'"}',
    ):
        for asked in CORPUS:
            for status in (200, 400, 422):
                yield Told(asked, status, {}, body)


def execute(told: Told) -> str:
    """Send, compare or sign in, and say what of the answer goes into audit and messages."""
    os.environ["EJSYNC_FUZZ_SECRET"] = "secret"

    def answered(request):
        good = told.asked != "token" and request.url.path == "/oauth"
        return httpx.Response(200, stream=httpx.ByteStream(_GOOD)) if good else _answer(told)

    sink = EdSink(_CONFIG, clock=VirtualClock(), limits=Limits(wire=httpx.MockTransport(answered)))
    try:
        return _asked(sink, told.asked)
    finally:
        sink.close()


def _answer(told):
    return httpx.Response(told.status, headers=told.headers, stream=httpx.ByteStream(told.body))


def _asked(sink, asked):
    if asked == "records":
        page = sink.records("school", Kind.MARK, "")
        return str([(one.version, one.fingerprint) for one in page.rows])
    if asked == "digest":
        return str(sink.digest("school", [Kind.MARK, Kind.PUPIL]))
    if asked == "erase":
        return str(sink.erase("school", "1001"))
    if asked in {"token", "checkpoint"}:
        return {"token": sink.ping, "checkpoint": sink.newest_checkpoint}[asked]("school") or ""
    found = sink.push("school", PARCEL)
    assert [one.position for one in found] == [0, 1, 2]
    assert all(type(one.position) is int and type(one.held_version) in {int, type(None)} for one in found)
    return str([(one.code, one.pointer) for one in found])


def target():
    """The diary's answers."""
    return Target("diary", (SinkError,), tuple(_extremes()), mutant, execute)
