"""Bodies: unpacked in bounded memory, whatever a server sends."""

import tracemalloc
import zlib
from itertools import islice, repeat

import httpx
import pytest

from ejsync.errors import SourceUnavailable
from ejsync.transport import OVERSIZED, Limits, Transport
from ejsync.transport.body import Body
from tests.doubles.clock import VirtualClock
from tests.doubles.hostile import empty_zip, endless_zip, hostile_journal

CAP = 2_000_000
TEXT = b'{"response": {"state": 200}}' * 1000
ZIPPED = zlib.compress(TEXT, wbits=31)


def pieces(content, size):
    """Cut a body as a network might."""
    return [content[at : at + size] for at in range(0, len(content), size)]


@pytest.mark.parametrize("size", [1, 7, 1000, 10**6])
@pytest.mark.parametrize(("encoding", "sent"), [("", TEXT), ("identity", TEXT), ("gzip", ZIPPED), (" GZip ", ZIPPED)])
def test_a_body_comes_out_as_it_was(encoding, sent, size):
    """However a body is cut and whether it is packed or not, it is whole in the end."""
    body = Body(encoding, len(TEXT))
    assert all(body.take(piece) for piece in pieces(sent, size))
    assert body.whole() == TEXT


@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_the_cap_is_exact(encoding):
    """A body of the cap's size passes, one byte more does not."""
    sent = ZIPPED if encoding else TEXT
    assert Body(encoding, len(TEXT)).take(sent)
    assert not Body(encoding, len(TEXT) - 1).take(sent)


@pytest.mark.parametrize("parts", [endless_zip, empty_zip])
def test_a_stream_without_end_meets_the_cap(parts):
    """What is sent counts as well as what it unpacks to: even gzip that holds nothing ends at the cap."""
    body = Body("gzip", CAP)
    assert not all(body.take(part) for part in islice(parts(), 1000))


@pytest.mark.parametrize("sent", [ZIPPED[:-1], ZIPPED[:5], b"plain", zlib.compress(TEXT)])
def test_what_is_no_whole_gzip_cannot_be_unpacked(sent):
    """Half a stream, another format and plain text are refused in words that quote nothing."""
    body = Body("gzip", CAP)
    with pytest.raises(httpx.DecodingError) as caught:
        _ = body.take(sent), body.whole()
    assert str(caught.value) == "no readable gzip stream"


def test_nothing_follows_the_end_of_a_stream():
    """What stands behind the packed stream is dropped, and counted against the cap."""
    body = Body("gzip", CAP)
    assert body.take(ZIPPED)
    assert body.take(b"more")
    assert body.whole() == TEXT
    assert not all(body.take(b"x" * 100_000) for _ in range(21))


@pytest.mark.parametrize("encoding", ["br", "deflate", "zstd", "gzip, gzip", "x"])
def test_only_what_was_asked_for_is_unpacked(encoding):
    """Another encoding is refused before a byte of it is unpacked."""
    with pytest.raises(httpx.DecodingError):
        Body(encoding, CAP)


def test_an_empty_packed_body_is_empty():
    """An answer without a body may carry the header all the same."""
    assert Body("gzip", CAP).whole() == b""


def _long(call):
    """Send 60 MB, as announced."""
    call.stream([b" " * 1_000_000] * 60, Content_Length="60000000")


BOMB = zlib.compress(b" " * 100_000_000, wbits=31)


@pytest.mark.parametrize(
    "act",
    [
        pytest.param(_long, id="60 MB"),
        pytest.param(lambda call: call.answer(BOMB, Content_Encoding="gzip"), id="bomb"),
        pytest.param(lambda call: call.stream(endless_zip(), Content_Encoding="gzip"), id="gzip without end"),
        pytest.param(lambda call: call.stream(empty_zip(), Content_Encoding="gzip"), id="empty gzip without end"),
    ],
)
def test_memory_is_bounded_by_the_cap(act):
    """Whatever comes, one request ends in an error and never held more than twice the cap beyond a fixed little."""
    with hostile_journal() as journal:
        way = Transport(_unavailable, clock=VirtualClock(), limits=Limits(body_bytes=CAP, total_s=30))
        journal.misbehave["getmarks"] = act
        assert way.send("GET", f"{journal.address}/getrules").status == 200
        peak, caught = _peak(way, f"{journal.address}/getmarks")
        way.close()
    assert (caught.value.reason, len(journal.asked)) == (OVERSIZED, 2)
    assert peak < 2 * CAP + 3_000_000  # of which the server's own blocks are up to two megabytes


def test_tiny_parts_take_no_more_than_large_ones():
    """A body that comes in parts of two bytes is held as one, not as many."""
    body = Body("", CAP)
    tracemalloc.start()
    try:
        assert all(body.take(part) for part in repeat(b"  ", 100_000))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1_000_000


def _unavailable(reason):
    return SourceUnavailable(host="h", method="m", reason=reason)


def _peak(way, address):
    """Return how much was allocated at most meanwhile, in bytes, and the error."""
    tracemalloc.start()
    try:
        with pytest.raises(SourceUnavailable) as caught:
            way.send("GET", address)
        return tracemalloc.get_traced_memory()[1], caught
    finally:
        tracemalloc.stop()
