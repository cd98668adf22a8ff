"""What every sink promises to the stages, for every connector alike."""

import re
from dataclasses import dataclass

import httpx
import orjson
import pytest
import respx
import zstandard

from ejsync.domain.batches import Item, Parcel, Status
from ejsync.domain.changes import Op
from ejsync.domain.comparing import NOTHING, SILENT, HoldingPage, digest_of
from ejsync.domain.fingerprints import canonical
from ejsync.domain.records import Kind
from ejsync.domain.standing import OutboxEntry, Sendable
from ejsync.sinks import DryRunConfig, EdConfig, open_sink
from ejsync.transport import Limits
from tests.doubles.clock import VirtualClock
from tests.doubles.records import mark, pupil
from tests.doubles.sink import StrictSink

SCHOOL, BATCH = "school-7", "6f1c2f8e-53a8-4d3c-9a53-0d1c0a2f5b11"
UPSERTS = [
    Sendable(OutboxEntry(kind, record.key, "1001", Op.UPSERT, 1, "a" * 32), canonical(record.data))
    for kind, record in ((Kind.PUPIL, pupil()), (Kind.MARK, mark()))
]
RETRACTION = Sendable(OutboxEntry(Kind.MARK, "gone", "1001", Op.RETRACT, 4, "b" * 32), b"")
SENDABLES = [*UPSERTS, RETRACTION]


KINDS = [{"kind": kind.value, "count": 0, "digest": NOTHING.sha256} for kind in Kind]
EMPTY_PAGE = {"records": [], "next": None}
NOTHING_LEFT = {"pupil": "1001", "erased": 0}


def taking_all(request):
    """A service that applies everything it is sent."""
    items = orjson.loads(_plain(request))["items"]
    results = [
        {"position": position, "status": "applied", "code": None, "pointer": None, "held_version": item["version"]}
        for position, item in enumerate(items)
    ]
    return httpx.Response(200, json={"batch": BATCH, "results": results[::-1]})


def _plain(request):
    encoding = request.headers["content-encoding"]
    if encoding == "zstd":
        return zstandard.ZstdDecompressor().decompress(request.content)
    return httpx.Response(200, headers={"content-encoding": encoding}, content=request.content).content


def _ed(compression):
    config = {"type": "ed", "base_url": "https://diary.example", "token": "env:DIARY_TOKEN"}
    settings = EdConfig.model_validate(config | {"compression": compression})
    return open_sink(settings, clock=VirtualClock(), limits=Limits())


SINKS = {
    "ed-gzip": lambda: _ed("gzip"),
    "ed-zstd": lambda: _ed("zstd"),
    "ed-none": lambda: _ed("none"),
    "dryrun": lambda: open_sink(DryRunConfig(), clock=VirtualClock(), limits=Limits()),
    "double": StrictSink,
}


@dataclass
class Opened:
    """A sink, and how to make a parcel for it."""

    sink: object

    def parcel(self, sendables):
        """Pack items as the pipeline does."""
        body, encoding = self.sink.pack(SCHOOL, BATCH, sendables)
        items = tuple(
            Item(position, s.entry.op, s.entry.kind, s.entry.key, s.entry.pupil, s.entry.version, s.entry.fingerprint)
            for position, s in enumerate(sendables)
        )
        return Parcel(BATCH, "the-key", body, encoding, items, 1)


@pytest.fixture(params=SINKS)
def opened(request, monkeypatch):
    """Each sink in turn, towards a service that takes everything."""
    monkeypatch.setenv("DIARY_TOKEN", "token")
    sink = SINKS[request.param]()
    with respx.mock(assert_all_called=False) as router:
        router.post(f"https://diary.example/v1/schools/{SCHOOL}/batches").mock(side_effect=taking_all)
        router.get(f"https://diary.example/v1/schools/{SCHOOL}/digest").respond(json={"school": SCHOOL, "kinds": KINDS})
        router.get(f"https://diary.example/v1/schools/{SCHOOL}/records").respond(json=EMPTY_PAGE)
        router.delete(f"https://diary.example/v1/schools/{SCHOOL}/pupils/1001").respond(json=NOTHING_LEFT)
        yield Opened(sink)
    sink.close()


def test_packing_is_deterministic(opened):
    """The same input gives the same bytes under the same encoding, at any time."""
    assert opened.sink.pack(SCHOOL, BATCH, SENDABLES) == opened.sink.pack(SCHOOL, BATCH, list(SENDABLES))


def test_packing_tells_batches_apart(opened):
    """Other items are other bytes."""
    assert opened.sink.pack(SCHOOL, BATCH, SENDABLES)[0] != opened.sink.pack(SCHOOL, BATCH, SENDABLES[1:])[0]


@pytest.mark.parametrize("count", [1, 3, 300])
def test_every_item_is_answered_once_in_order(opened, count):
    """One answer an item, in the order of the items, however many there are."""
    items = [
        Sendable(OutboxEntry(Kind.MARK, f"k{number}", "1001", Op.UPSERT, 1, "a" * 32), canonical(mark().data))
        for number in range(count)
    ]
    answers = opened.sink.push(SCHOOL, opened.parcel(items))
    assert [answer.position for answer in answers] == list(range(count))
    assert {answer.status for answer in answers} == {Status.APPLIED}


def test_a_retraction_is_answered_like_any_item(opened):
    """A batch of upserts and retractions is answered as a whole."""
    assert len(opened.sink.push(SCHOOL, opened.parcel(SENDABLES))) == 3


def test_the_same_parcel_may_come_again(opened):
    """The same bytes under the same key are answered as they were the first time."""
    parcel = opened.parcel(SENDABLES)
    assert opened.sink.push(SCHOOL, parcel) == opened.sink.push(SCHOOL, parcel)


def test_a_host_is_an_origin_or_nobody(opened):
    """What may be away is named by scheme and host alone; a sink that goes nowhere names nothing."""
    assert re.fullmatch(r"(https?://[a-z.]+)?", opened.sink.host)


def test_a_ping_and_a_close_are_quiet(opened):
    """A reachable sink has nothing to say, and can be closed twice."""
    opened.sink.ping(SCHOOL)
    opened.sink.close()


def test_digests_are_of_the_kinds_that_were_asked_for(opened):
    """A sink tells the digest of each kind, of nothing where it holds nothing; or says that it cannot be read back."""
    told = opened.sink.digest(SCHOOL, [Kind.MARK, Kind.PUPIL])
    assert told is SILENT or told == {Kind.MARK: NOTHING, Kind.PUPIL: NOTHING}


def test_a_sink_that_tells_digests_tells_records_and_no_other(opened):
    """Reading back is optional as a whole: there is no digest without keys behind it, and no end that never comes."""
    told, page = opened.sink.digest(SCHOOL, list(Kind)), opened.sink.records(SCHOOL, Kind.MARK, "")
    assert (told is SILENT) == (page is SILENT)
    assert page is SILENT or page == HoldingPage(())


def test_what_was_pushed_is_told_in_the_order_of_keys():
    """Pages of a sink add up to what its digest is over."""
    sink = StrictSink()
    items = [
        Sendable(OutboxEntry(Kind.MARK, key, "1001", Op.UPSERT, 1, "a" * 32), canonical(mark().data))
        for key in ("z", "б", "A", "я", "m", "😀")
    ]
    sink.push(SCHOOL, Opened(sink).parcel(items))
    rows, after = [], ""
    while after is not None:
        page = sink.records(SCHOOL, Kind.MARK, after)
        rows += page.rows
        after = page.following
    assert (
        digest_of((row.key, row.version, row.fingerprint) for row in rows)
        == sink.digest(SCHOOL, [Kind.MARK])[Kind.MARK]
    )


def test_an_erasure_is_confirmed_or_cannot_be_asked_for(opened):
    """A count of what was destroyed, or that there is no way to ask; asking again destroys nothing more."""
    told = opened.sink.erase(SCHOOL, "1001")
    assert told is SILENT or told == 0
    assert opened.sink.erase(SCHOOL, "1001") == told


def test_a_sink_without_a_checkpoint_says_so(opened):
    """Before it was sent one it tells none, or that it keeps none at all."""
    assert opened.sink.newest_checkpoint(SCHOOL) in {SILENT, ""}
