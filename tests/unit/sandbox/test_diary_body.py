"""Size caps and encodings."""

import asyncio
import gzip

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers
from starlette.requests import Request

from ejsync.sandbox.diary_body import TakenBody, decompressed, plain_json, take_body
from ejsync.sandbox.diary_problems import ProblemError

PACK = {"identity": bytes, "gzip": gzip.compress, "zstd": zstandard.ZstdCompressor().compress}


@given(st.binary(max_size=500), st.sampled_from(sorted(PACK)))
def test_every_encoding_is_undone(content, encoding):
    """What was packed comes out as it was."""
    assert decompressed(PACK[encoding](content), encoding=encoding, max_bytes=500) == content


@pytest.mark.parametrize("encoding", PACK)
def test_cap_counts_what_comes_out(encoding):
    """A small body that unpacks to one byte too many is refused."""
    with pytest.raises(ProblemError, match="too_many_bytes"):
        decompressed(PACK[encoding](b"0" * 1001), encoding=encoding, max_bytes=1000)


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
@pytest.mark.parametrize(
    "damage",
    [lambda body: b"?" + body, lambda body: body[:-3], lambda body: body + b"?", lambda body: body + b"?" * 300],
    ids=["forged", "cut", "trailed", "trailed_far"],
)
def test_broken_body_is_malformed(encoding, damage):
    """A packed body that is damaged or cut short is malformed, never half read."""
    with pytest.raises(ProblemError, match="malformed"):
        decompressed(damage(PACK[encoding](b"0123456789" * 50)), encoding=encoding, max_bytes=1000)


def test_unknown_encoding_names_the_known():
    """An encoding nobody knows is refused together with the list of those known."""
    with pytest.raises(ProblemError, match="unsupported_encoding") as refused:
        decompressed(b"", encoding="br", max_bytes=10)
    assert refused.value.headers == {"Accept-Encoding": "identity, gzip, zstd"}


def test_only_json_is_read():
    """Another media type is refused; parameters and case of the right one do not matter."""
    body = TakenBody(b"{}", too_large=False)
    good = Headers({"content-type": "Application/JSON; charset=utf-8"})
    assert plain_json(body, headers=good, max_bytes=10) == b"{}"
    with pytest.raises(ProblemError, match="unsupported_media_type"):
        plain_json(body, headers=Headers({"content-type": "text/plain"}), max_bytes=10)
    with pytest.raises(ProblemError, match="too_many_bytes"):
        plain_json(TakenBody(b"", too_large=True), headers=good, max_bytes=10)


def test_body_is_read_to_its_end_but_not_kept():
    """A body over the cap is drained, so that the refusal reaches the sender, and not held in memory."""
    parts = [{"type": "http.request", "body": b"0" * 60000, "more_body": more} for more in (True, True, False)]

    async def receive():
        return parts.pop(0)

    taken = asyncio.run(take_body(Request({"type": "http"}, receive), max_bytes=100))
    assert parts == []
    assert taken.too_large
    assert len(taken.content) == 60000


def test_bomb_is_not_unpacked():
    """A zstd body of a few kilobytes that would fill the memory is given up soon after the cap."""
    bomb = zstandard.ZstdCompressor(level=1).compress(bytes(256 * 1024 * 1024))
    with pytest.raises(ProblemError, match="too_many_bytes"):
        decompressed(bomb, encoding="zstd", max_bytes=1000)
