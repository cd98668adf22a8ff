"""Batches and receipts as contracts/ed/v1 shapes them."""

import gzip
import re

import orjson
import pytest
import zstandard

from ejsync.contracts import Contracts
from ejsync.domain.batches import Item, ItemAnswer, Parcel, Status
from ejsync.domain.changes import Op
from ejsync.domain.comparing import Digest, Holding, HoldingPage
from ejsync.domain.fingerprints import canonical
from ejsync.domain.records import Kind
from ejsync.domain.standing import OutboxEntry, Sendable
from ejsync.sinks.ed.mapping import answers, batch_body, compressed, digests, erased, holdings
from tests.doubles.records import mark

BATCH = "6f1c2f8e-53a8-4d3c-9a53-0d1c0a2f5b11"
SENDABLES = [
    Sendable(OutboxEntry(Kind.MARK, mark().key, "1001", Op.UPSERT, 3, "a" * 32), canonical(mark().data)),
    Sendable(OutboxEntry(Kind.PUPIL, "1001", "1001", Op.RETRACT, 2, "b" * 32), b""),
]
PARCEL = Parcel(
    BATCH, "key", b"", "gzip",
    tuple(Item(position, Op.UPSERT, Kind.MARK, f"k{position}", None, 1, "f" * 32) for position in range(2)), 1,
)  # fmt: skip


def receipt(*results, batch=BATCH):
    """A receipt."""
    return {"batch": batch, "results": list(results)}


def result(position, status="applied", **fields):
    """One result."""
    return {"position": position, "status": status, "code": None, "pointer": None, "held_version": 1, **fields}


def test_a_batch_keeps_the_published_contract():
    """The body validates against the batch schema, and its data against the schema of its kind."""
    document = orjson.loads(batch_body("school-7", BATCH, SENDABLES))
    assert Contracts().faults("ed/v1/batch", document) == ()
    assert Contracts().faults("ed/v1/mark", document["items"][0]["data"]) == ()
    assert (document["items"][1]["fingerprint"], document["items"][1]["data"]) == (None, None)


def test_the_payload_travels_as_the_bytes_that_were_fingerprinted():
    """The canonical payload stands in the body byte for byte."""
    assert SENDABLES[0].payload in batch_body("school-7", BATCH, SENDABLES)


@pytest.mark.parametrize(
    ("compression", "encoding", "undo"),
    [
        ("gzip", "gzip", gzip.decompress),
        ("zstd", "zstd", zstandard.ZstdDecompressor().decompress),
        ("none", "identity", bytes),
    ],
)
def test_compression_is_named_undone_and_repeatable(compression, encoding, undo):
    """Each compression has its content encoding, can be undone, and always gives the same bytes."""
    body, named = compressed(b"x" * 1000, compression)
    assert (named, undo(body)) == (encoding, b"x" * 1000)
    assert compressed(b"x" * 1000, compression) == (body, named)


def test_answers_come_in_the_order_of_the_items():
    """A receipt is read item by item, whatever order its results stand in."""
    read = answers(receipt(result(1, "stale", held_version=7), result(0)), PARCEL)
    assert read == [ItemAnswer(0, Status.APPLIED, held_version=1), ItemAnswer(1, Status.STALE, held_version=7)]


def test_a_version_conflict_is_an_older_store():
    """The same version with other content at the service is treated as stale: ours goes beyond it."""
    conflict = result(0, "rejected", code="version_conflict", held_version=4)
    [first, _] = answers(receipt(conflict, result(1)), PARCEL)
    assert (first.status, first.held_version) == (Status.STALE, 4)


def test_stale_without_a_version_is_a_dead_letter():
    """Nobody knows how far behind we are: a person must look, nothing is silently taken for delivered."""
    [first, _] = answers(receipt(result(0, "stale", held_version=None), result(1)), PARCEL)
    assert (first.status, first.code) == (Status.REJECTED, "stale")


@pytest.mark.parametrize(
    ("code", "pointer", "kept"),
    [
        ("contract", "/reading/value", ("contract", "/reading/value")),
        ("contract", "", ("contract", "")),
        (None, None, (None, None)),
        ("Оценка Тестовой Анны", "/Тестова", ("unreadable", "unreadable")),
        ("Code With Blanks", "raw", ("unreadable", "unreadable")),
        (5, ["/raw"], (None, None)),
    ],
)
def test_free_text_of_the_service_is_not_kept(code, pointer, kept):
    """Codes and pointers are kept only in their plain form: they go to the audit."""
    [first, _] = answers(receipt(result(0, "rejected", code=code, pointer=pointer), result(1)), PARCEL)
    assert (first.code, first.pointer) == kept


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {},
        receipt(result(0), result(1), batch="another"),
        {"batch": BATCH, "results": {}},
        {"batch": BATCH, "results": ["applied", "applied"]},
        receipt(result(0)),
        receipt(result(0), result(0)),
        receipt(result(0), result(1), result(2)),
        receipt(result("0"), result(1)),
        receipt(result(0, "Тестова"), result(1)),
        receipt(result(0, ["applied"]), result(1)),
        receipt(result(0, held_version="7"), result(1)),
        receipt(result(0, held_version=2**53), result(1)),
        receipt(result(0, held_version=True), result(1)),
        receipt(result(0), result(position=True)),
        receipt(result(0, held_version=-1), result(1)),
    ],
)
def test_a_receipt_that_is_none_is_refused_without_quoting_it(document):
    """Whatever is not one answer an item is unreadable, and the error repeats nothing of it."""
    with pytest.raises(ValueError, match=re.compile("^receipt [a-z ]+$")):
        answers(document, PARCEL)


ROW = {"kind": "mark", "key": "k", "version": 3, "fingerprint": "a" * 32, "data": {"raw": "5"}}
KINDS = [{"kind": kind.value, "count": 1, "digest": "a" * 64} for kind in Kind]


def test_digests_are_read_by_kind():
    """Every kind that was asked for is told; one that we do not know is left alone."""
    told = digests({"school": "s", "kinds": [*KINDS, {"kind": "of_next_year"}]}, list(Kind))
    assert told == dict.fromkeys(Kind, Digest(1, "a" * 64))


@pytest.mark.parametrize(
    "document",
    [None, [], {}, {"kinds": None}, {"kinds": ["mark"]}, {"kinds": KINDS[1:]}]
    + [
        {"kinds": [{**KINDS[0], **wrong}, *KINDS[1:]]}
        for wrong in ({"count": -1}, {"count": True}, {"count": "1"}, {"digest": "A" * 64}, {"digest": None})
    ],
)  # fmt: skip
def test_a_digest_that_is_none_is_refused(document):
    """No digest is made up where one is unreadable or missing."""
    with pytest.raises(ValueError, match="digest"):
        digests(document, list(Kind))


def test_a_page_of_records_is_read_without_its_data():
    """Key, version and fingerprint are all that is taken."""
    page = holdings({"records": [ROW], "next": "k"}, Kind.MARK, "")
    assert page == HoldingPage((Holding("k", 3, "a" * 32),), "k")


@pytest.mark.parametrize(
    ("wrong", "held"),
    [
        ({"version": 0}, Holding("k", None, "a" * 32)),
        ({"version": True}, Holding("k", None, "a" * 32)),
        ({"version": 2**53}, Holding("k", None, "a" * 32)),
        ({"version": "3"}, Holding("k", None, "a" * 32)),
        ({"fingerprint": "A" * 32}, Holding("k", 3, None)),
        ({"fingerprint": None}, Holding("k", 3, None)),
        ({"kind": "lesson"}, Holding("k", 3, None)),
        ({"data": None}, Holding("k", 3, None)),
    ],
)
def test_a_row_that_breaks_the_shape_is_unreadable_under_its_key(wrong, held):
    """What can be read of a broken row is kept, what cannot is missing: nothing is guessed."""
    [row] = holdings({"records": [{**ROW, **wrong}], "next": None}, Kind.MARK, "").rows
    assert (row, row.readable) == (held, False)


@pytest.mark.parametrize("row", [None, "k", {}, {**ROW, "key": 5}, {**ROW, "key": ""}, {**ROW, "key": "a\tb"}])
def test_a_row_without_a_key_is_counted(row):
    """A row of which not even the key can be read hides no other."""
    page = holdings({"records": [row, ROW], "next": None}, Kind.MARK, "")
    assert (len(page.rows), page.nameless) == (1, 1)


@pytest.mark.parametrize(
    ("records", "following", "after"),
    [
        ([{**ROW, "key": "b"}, {**ROW, "key": "a"}], None, ""),
        ([ROW, ROW], None, ""),
        ([ROW], None, "k"),
        ([ROW], "a", ""),
        ([ROW], 5, ""),
        ([], "k", "k"),
        ([], "z", "k"),
        (None, None, ""),
    ],
)
def test_pages_that_would_not_come_to_an_end_are_refused(records, following, after):
    """Keys go up, and what follows lies behind what was shown: otherwise nothing can be compared."""
    with pytest.raises(ValueError, match="records"):
        holdings({"records": records, "next": following}, Kind.MARK, after)


@pytest.mark.parametrize(
    "document", [None, [], {}, {"pupil": "1001"}, {"pupil": "1001", "erased": -1}, {"pupil": "1001", "erased": True}]
)
def test_an_erasure_without_a_count_is_refused(document):
    """A confirmation names the pupil and a number."""
    with pytest.raises(ValueError, match=r"of another pupil|without a count"):
        erased(document, "1001")
    assert erased({"pupil": "1001", "erased": 3}, "1001") == 3
