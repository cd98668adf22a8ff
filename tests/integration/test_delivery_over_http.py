"""Delivery against the simulated diary in a process of its own, over loopback: what the contract promises, it keeps."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from math import ceil, log2
from types import SimpleNamespace
from zlib import crc32

import httpx
import pytest
from sqlalchemy import text

from ejsync.cli.audit_check import Elsewhere, check_store, kept_by_diaries
from ejsync.domain.batches import ItemAnswer, Status
from ejsync.errors import AuditBroken, SinkAuthFailed, SinkRejected, SinkUnclear
from ejsync.pipeline.claim import claim
from ejsync.pipeline.replay import replay
from ejsync.pipeline.witnessing import sign_log
from ejsync.sinks.ed.client import EdSink
from ejsync.sinks.ed.config import EdConfig
from ejsync.transport import Limits
from tests.doubles.records import mark, marks
from tests.doubles.world import World

pytestmark = pytest.mark.slow

PROGRAM = """
import sys, pathlib
from ejsync.sandbox.diary import run_diary
run_diary(host="127.0.0.1", port=0, database=pathlib.Path(sys.argv[1]))
"""
KEY = mark().key


@pytest.fixture(scope="module")
def announced(tmp_path_factory):
    """A diary in a process of its own, and what it announced."""
    database = tmp_path_factory.mktemp("diary") / "diary.db"
    with subprocess.Popen([sys.executable, "-c", PROGRAM, str(database)], stdout=subprocess.PIPE, text=True) as process:
        yield json.loads(process.stdout.readline())
        process.terminate()


class Door:
    """The diary's control door."""

    def __init__(self, url):
        self._url = url
        self.calm()

    def calm(self):
        """Forget all faults and limits of other tests."""
        httpx.delete(f"{self._url}/faults")
        httpx.post(f"{self._url}/limits", json={"max_items": 1000, "max_bytes": 8_000_000, "token_seconds": 3600})

    def order(self, kind, **fields):
        """Order a fault."""
        assert httpx.post(f"{self._url}/faults", json={"kind": kind, **fields}).status_code == 200

    def limit(self, **limits):
        """Set limits."""
        assert httpx.post(f"{self._url}/limits", json=limits).status_code == 200

    def state(self):
        """What the diary holds and has counted."""
        return httpx.get(f"{self._url}/state").json()

    def seen(self, school):
        """Raw text of the marks of a school, by key."""
        return {row["key"]: row["data"]["raw"] for row in self.state()["records"] if row["school"] == school}

    def batches(self):
        """How many batches were posted so far."""
        counted = httpx.get(f"{self._url}/requests").json()["requests"]
        return sum(count for name, count in counted.items() if name.endswith("/batches"))


@pytest.fixture
def door(announced):
    """The diary's control door, with nothing ordered."""
    return Door(announced["control"])


@pytest.fixture
def connect(announced, tmp_path, request, monkeypatch):
    """Connect a school of the test's own with the diary."""
    monkeypatch.setenv("DIARY_TOKEN", announced["token"])
    monkeypatch.setenv("DIARY_SECRET", announced["client_secret"])
    opened = []

    def make(*, oauth=False, compression="gzip", wire=None, total_s=5.0, **fields):
        client = {name: announced[name] for name in ("token_url", "client_id")} | {"client_secret": "env:DIARY_SECRET"}
        sign_in = client if oauth else {"token": "env:DIARY_TOKEN"}
        base = {"type": "ed", "base_url": announced["base_url"], "compression": compression}
        world = World(tmp_path, batch_items=64)
        limits = Limits(total_s=total_s, wire=wire)
        sink = EdSink(EdConfig.model_validate(base | sign_in | fields), clock=world.clock, limits=limits)
        school = f"school-{crc32(request.node.nodeid.encode()):x}"
        world.wiring = replace(world.wiring, school=school, sinks={"ed": sink})
        opened.extend([sink, world])
        world.consent("1001")
        return world

    yield make
    for thing in opened:
        thing.close()


def many(count):
    """Marks of one pupil."""
    return [mark(lesson_id=str(number)) for number in range(count)]


@pytest.mark.parametrize("compression", ["gzip", "zstd", "none"])
@pytest.mark.parametrize("oauth", [False, True], ids=["token", "oauth"])
def test_the_journal_arrives_whatever_the_way(connect, door, oauth, compression):
    """With either sign-in and each compression marks arrive, are changed and are retracted."""
    world = connect(oauth=oauth, compression=compression)
    school = world.wiring.school
    for raws, seen in ((("5", "4"), {KEY: "5"}), (("3", "4"), {KEY: "3"})):
        world.read(marks(["1001"], mark(raw=raws[0]), mark(raw=raws[1], lesson_id="78")))
        assert world.deliver("ed").counts["applied"] >= 1
        assert door.seen(school)[KEY] == seen[KEY]
    world.read(marks(["1001"], mark(raw="3")))
    assert world.deliver("ed").counts == {"applied": 1}
    assert door.seen(school) == {KEY: "3"}


def test_applied_unchanged_stale_and_rejected_are_told_apart(connect, door):
    """The four answers of the contract come back as the four statuses, with version, code and pointer."""
    world = connect()
    sink, school = world.wiring.sinks["ed"], world.wiring.school
    world.read(marks(["1001"], mark(), mark(lesson_id="78"), mark(lesson_id="79")))
    world.deliver("ed")
    world.read(marks(["1001"], mark(raw="4"), mark(lesson_id="78"), mark(raw="4", lesson_id="79")))
    with world.tx() as tx:
        second = claim(world.wiring, tx, "ed").parcel
    door.order("poison", key=mark(lesson_id="79").key)
    first = sink.push(school, second)
    assert [(answer.status, answer.code) for answer in first] == [(Status.APPLIED, None), (Status.REJECTED, "poison")]
    again = replace(second, idempotency_key="another")
    assert sink.push(school, again)[0] == ItemAnswer(0, Status.UNCHANGED, held_version=2)
    world.settle_down(hours=0)
    world.read(marks(["1001"], mark(raw="3"), mark(lesson_id="78"), mark(raw="4", lesson_id="79")))
    world.deliver("ed")
    late = sink.push(school, replace(second, idempotency_key="late"))
    assert (late[0].status, late[0].held_version) == (Status.STALE, 3)


def test_the_same_key_with_another_body_is_refused(connect, door):
    """A key that was used for another body is refused as a whole, and nothing is applied."""
    world = connect()
    world.read(marks(["1001"], mark()))
    with world.tx() as tx:
        parcel = claim(world.wiring, tx, "ed").parcel
    sink, school = world.wiring.sinks["ed"], world.wiring.school
    sink.push(school, parcel)
    world.read(marks(["1001"], mark(raw="2")))
    with world.tx() as tx:
        body = sink.pack(school, parcel.batch, tx.outbox.take("ed", 9))[0]
    with pytest.raises(SinkRejected) as caught:
        sink.push(school, replace(parcel, body=body))
    assert "idempotency_key_reused" in caught.value.reason
    assert door.seen(school) == {KEY: "5"}


@pytest.mark.parametrize("limit", [{"max_items": 3}, {"max_bytes": 2500}])
def test_what_is_too_large_is_sent_in_smaller_batches(connect, door, limit):
    """A 413 splits until the batches fit; everything arrives once, nothing dies."""
    world = connect()
    before = door.state()["doubled"]
    door.limit(**limit)
    world.read(marks(["1001"], *many(20)))
    world.deliver("ed")
    assert len(door.seen(world.wiring.school)) == 20
    assert world.batches("dead", "partial") == []
    assert door.state()["doubled"] == before


@pytest.mark.parametrize("kind", ["outage", "throttle"])
@pytest.mark.parametrize("answer", [{"retry_after_s": 900}, {"retry_after": "Mon, 16 Nov 2026 08:15:00 GMT"}])
def test_the_wait_that_is_asked_for_is_obeyed(connect, door, kind, answer):
    """503 and 429 with `Retry-After`, as seconds or as a date: not a second sooner, and then the same batch."""
    world = connect()
    world.read(marks(["1001"], mark()))
    door.order(kind, **answer)
    report = world.deliver("ed")
    assert (report.waits_until - world.clock.now()).total_seconds() == 900
    world.clock.move(seconds=899)
    before = door.batches()
    world.deliver("ed")
    assert door.batches() == before
    world.clock.move(seconds=1)
    world.deliver("ed")
    assert door.seen(world.wiring.school) == {KEY: "5"}


@pytest.mark.parametrize("kind", ["reset_before", "reset_after", "error500"])
def test_a_lost_answer_is_settled_under_the_same_key(connect, door, kind):
    """After a reset the same key is sent again: applied before, the receipt is replayed; nothing doubles."""
    world = connect()
    before = door.state()
    world.read(marks(["1001"], *many(5)))
    door.order(kind)
    assert world.deliver("ed").counts["failed"] == 1
    applied_early = len(door.seen(world.wiring.school))
    assert applied_early == (5 if kind == "reset_after" else 0)
    world.settle_down(hours=1)
    after = door.state()
    assert len(door.seen(world.wiring.school)) == 5
    assert after["doubled"] == before["doubled"]
    assert after["replayed"] - before["replayed"] == (kind == "reset_after")
    assert after["version_regressions"] == before["version_regressions"]


class Garbler(httpx.BaseTransport):
    """Carries requests to the diary as they are, and answers, once, with what `garble` makes of the receipt."""

    def __init__(self, garble):
        self._line, self._garble = httpx.HTTPTransport(), garble

    def handle_request(self, request):
        """Send a request on."""
        answer = self._line.handle_request(request)
        garble, self._garble = self._garble, lambda body: (200, body)
        status, body = garble(answer.read())
        return httpx.Response(status, stream=httpx.ByteStream(body))

    def close(self):
        """Let the line go."""
        self._line.close()


UNREADABLE = {
    "html": lambda _body: (200, b"<html>please sign in</html>"),
    "another batch": lambda body: (200, json.dumps({**json.loads(body), "batch": "another"}).encode()),
    "truncated": lambda body: (200, body[:-7]),
    "an item missing": lambda body: (207, json.dumps({**json.loads(body), "results": []}).encode()),
    "multi-status in html": lambda _body: (207, b"<html>multi</html>"),
    "empty": lambda _body: (204, b""),
}


@pytest.mark.parametrize("garble", UNREADABLE.values(), ids=UNREADABLE)
def test_an_unreadable_receipt_is_no_answer(connect, door, garble):
    """Applied, but with a receipt that nobody can read: unknown. The same key goes again, and nothing doubles."""
    world = connect(wire=Garbler(garble))
    before = door.state()
    world.read(marks(["1001"], *many(5)))
    [error] = world.deliver("ed").errors
    assert type(error) is SinkUnclear
    [waiting] = world.batches("pending")
    world.settle_down(hours=1)
    after = door.state()
    assert len(door.seen(world.wiring.school)) == 5
    assert (after["doubled"] - before["doubled"], after["replayed"] - before["replayed"]) == (0, 1)
    assert [row.batch for row in world.batches("delivered")] == [waiting.batch]


def test_a_receipt_in_a_multi_status_is_an_answer(connect, door):
    """207 with a receipt of this batch is read item by item like 200."""
    world = connect(wire=Garbler(lambda body: (207, body)))
    world.read(marks(["1001"], *many(5)))
    before = door.batches()
    assert world.deliver("ed").counts == {"applied": 5}
    assert door.batches() - before == 1


def test_a_diary_that_never_answers_is_asked_for_less(connect, door):
    """No answer within the total deadline: the same batch goes again under its key, later ones are half as large."""
    world = connect(total_s=1.0)
    world.read(marks(["1001"], *many(70)))
    door.order("no_answer", match="/batches")
    [error] = world.deliver("ed").errors
    assert error.timed_out
    with world.tx() as tx:
        assert tx.marks.sink("ed").batch_items == 32
    before = door.batches()
    world.settle_down(hours=1)
    assert len(door.seen(world.wiring.school)) == 70
    assert door.batches() - before == 2


def test_an_expired_token_is_renewed_once_within_the_push(connect, door):
    """An expired OAuth token costs one new token and one more request, and no failure."""
    world = connect(oauth=True)
    world.read(marks(["1001"], mark()))
    world.deliver("ed")
    world.read(marks(["1001"], mark(raw="4")))
    door.order("expired_token", match="/batches")
    before = door.batches()
    assert world.deliver("ed").errors == []
    assert door.batches() - before == 2
    door.order("expired_token", match="/batches", times=2)
    world.read(marks(["1001"], mark(raw="3")))
    assert [type(error) for error in world.deliver("ed").errors] == [SinkAuthFailed]


def test_a_wrong_token_is_told_and_nothing_dies(connect, door, monkeypatch):
    """A wrong static token stops the delivery with its own error; mended, everything goes its way."""
    world = connect()
    good = os.environ["DIARY_TOKEN"]
    monkeypatch.setenv("DIARY_TOKEN", "wrong")
    world.read(marks(["1001"], mark()))
    [error] = world.deliver("ed").errors
    assert type(error) is SinkAuthFailed
    assert "token_invalid" in error.reason
    monkeypatch.setenv("DIARY_TOKEN", good)
    world.settle_down(hours=1)
    assert door.seen(world.wiring.school) == {KEY: "5"}


@pytest.mark.parametrize("count", [2, 5, 16, 64])
def test_a_batch_refused_whole_is_halved_down_to_the_bad_item(connect, door, count):
    """The bad item dies alone at one request a halving, and one; mended and replayed it arrives too."""
    world = connect()
    bad = many(count)[count // 3].key
    door.order("refuse_whole", key=bad)
    world.read(marks(["1001"], *many(count)))
    before = door.batches()
    world.deliver("ed")
    extra = door.batches() - before - 1
    assert extra <= ceil(log2(count)) + 1
    assert set(door.seen(world.wiring.school)) == {record.key for record in many(count)} - {bad}
    [dead] = world.batches("dead")
    assert [item.key for item in world.items(dead.batch)] == [bad]
    door.calm()
    replay(world.wiring, dead.batch)
    world.deliver("ed")
    assert len(door.seen(world.wiring.school)) == count


def test_a_poisoned_item_dies_alone_with_its_code(connect, door):
    """One rejected item costs no further request and leaves its code."""
    world = connect()
    door.order("poison", key=KEY)
    world.read(marks(["1001"], mark(), *many(9)))
    before = door.batches()
    assert world.deliver("ed").counts == {"applied": 9, "rejected": 1}
    assert door.batches() - before == 1
    [row] = world.batches("partial")
    assert [item.code for item in world.items(row.batch) if item.state == "dead"] == ["poison"]


def test_a_store_that_begins_anew_goes_beyond_the_diary(connect, door, tmp_path):
    """A store restored from nothing meets newer and equal versions at the diary, and ends with the journal's truth."""
    world = connect()
    school = world.wiring.school
    for raw in "543":
        world.read(marks(["1001"], mark(raw=raw), mark(raw="5", lesson_id="78")))
        world.deliver("ed")
    fresh = World(tmp_path / "fresh")
    fresh.wiring = replace(fresh.wiring, school=school, sinks=world.wiring.sinks)
    fresh.consent("1001")
    fresh.read(marks(["1001"], mark(raw="2"), mark(raw="4", lesson_id="78")))
    fresh.deliver("ed")
    assert door.seen(school) == {KEY: "2", mark(lesson_id="78").key: "4"}
    assert fresh.batches("dead", "partial") == []
    fresh.close()


def test_a_ping_meets_what_a_push_would_meet(connect, door):
    """Address, token and rights are proved without changing anything."""
    world = connect()
    world.wiring.sinks["ed"].ping(world.wiring.school)
    door.order("foreign_school")
    with pytest.raises(SinkAuthFailed):
        world.wiring.sinks["ed"].ping(world.wiring.school)


def test_an_older_log_is_found_out_by_asking_the_diary(connect):
    """What came with the batches tells that the log was cut since, although the log verifies by itself."""
    world = connect()
    exchange = SimpleNamespace(
        school=lambda name: [world.wiring], store=SimpleNamespace(read=world.store.read, checkpoint_file=Nothing())
    )
    world.read(marks(["1001"], mark()))
    with world.tx() as tx:
        made = sign_log(world.wiring, tx)
    world.deliver("ed")
    told = kept_by_diaries(exchange, None)
    assert told == [made]
    assert check_store(exchange, Elsewhere(checkpoints=told))[0]["signed"] == made.size
    with world.tx() as tx:
        tx.audit.connection.execute(text("DELETE FROM checkpoint"))
        tx.audit.connection.execute(text("DELETE FROM audit_event WHERE seq > 1"))
    assert check_store(exchange, Elsewhere())[0]["entries"] == 1
    with pytest.raises(AuditBroken):
        check_store(exchange, Elsewhere(checkpoints=kept_by_diaries(exchange, None)))


class Nothing:
    """A file of checkpoints that was put back with the rest."""

    def read(self):
        """What it tells."""
        return {}
