"""From the bytes of a request to the bytes that were meant: size caps, gzip and zstd."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import zstandard

from ejsync.sandbox.diary_problems import ProblemError

if TYPE_CHECKING:
    from starlette.datastructures import Headers
    from starlette.requests import Request

_GZIP_WINDOW_BITS = 31
# zstd has no cap of its own: fed in slices, a bomb can burst only as far as one slice reaches.
_ZSTD_SLICE_BYTES = 256
# A cap on batches may be set so low that a token request would not fit.
_ALWAYS_KEPT_BYTES = 65536


@dataclass(frozen=True, slots=True)
class TakenBody:
    """What came over the line, or as much of it as was kept."""

    content: bytes
    too_large: bool


async def take_body(request: Request, *, max_bytes: int) -> TakenBody:
    """Read a request's body to its end, but keep no more than the cap.

    An answer given before the sender has finished would be lost: closing with bytes unread resets the connection.
    """
    kept_bytes = max(max_bytes, _ALWAYS_KEPT_BYTES)
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size <= kept_bytes:
            parts.append(part)
    return TakenBody(b"".join(parts), too_large=size > max_bytes)


def plain_json(body: TakenBody, *, headers: Headers, max_bytes: int) -> bytes:
    """The JSON text that was meant by a body and its headers.

    Raises:
        ProblemError: It is no JSON, in an unknown encoding, broken, or larger than the cap before or after.
    """
    if media_type(headers) != "application/json":
        raise ProblemError("unsupported_media_type")
    if body.too_large:
        raise ProblemError("too_many_bytes")
    encoding = headers.get("content-encoding", "identity").strip().lower()
    return decompressed(body.content, encoding=encoding, max_bytes=max_bytes)


def media_type(headers: Headers) -> str:
    """The Content-Type without its parameters, in lower case."""
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def decompressed(body: bytes, *, encoding: str, max_bytes: int) -> bytes:
    """Undo a Content-Encoding without ever unpacking more than the cap, and one byte to notice by.

    Raises:
        ProblemError: The encoding is unknown, the body broken, or the result larger than the cap.
    """
    try:
        if encoding == "identity":
            plain = body
        elif encoding == "gzip":
            plain = _gunzip(body, max_bytes=max_bytes)
        elif encoding == "zstd":
            plain = _unzstd(body, max_bytes=max_bytes)
        else:
            raise ProblemError("unsupported_encoding", headers={"Accept-Encoding": "identity, gzip, zstd"})
    except (zlib.error, zstandard.ZstdError) as error:
        raise ProblemError("malformed", detail=f"not a {encoding} body") from error
    if len(plain) > max_bytes:
        raise ProblemError("too_many_bytes")
    return plain


def _gunzip(body: bytes, *, max_bytes: int) -> bytes:
    stream = zlib.decompressobj(_GZIP_WINDOW_BITS)
    plain = stream.decompress(body, max_bytes + 1)
    if len(plain) <= max_bytes and (not stream.eof or stream.unused_data):
        raise zlib.error("not one whole stream")
    return plain


def _unzstd(body: bytes, *, max_bytes: int) -> bytes:
    stream = zstandard.ZstdDecompressor().decompressobj()
    plain = bytearray()
    for start in range(0, len(body), _ZSTD_SLICE_BYTES):
        if len(plain) > max_bytes:
            break
        # Bytes after the end of the frame are an error here: this raises, or leaves them as unused.
        plain += stream.decompress(body[start : start + _ZSTD_SLICE_BYTES])
    if len(plain) <= max_bytes and (not stream.eof or stream.unused_data):
        raise zstandard.ZstdError("not one whole frame")
    return bytes(plain)
