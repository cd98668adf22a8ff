"""The body of an answer, gathered and unpacked in bounded memory."""

import zlib

import httpx

ENCODING = "gzip"
_GZIP_WINDOW = 16 + zlib.MAX_WBITS
_GARBLED = "no readable gzip stream"


class Body:
    """Gathers a body, unpacked, up to the cap: httpx unpacks without bound, and a byte may stand for a thousand.

    Args:
        encoding: the answer's `Content-Encoding`; only what we ask for is unpacked.
        most: largest size in bytes, of the body as sent and of the body unpacked.

    Raises:
        httpx.DecodingError: the encoding is another one.
    """

    def __init__(self, encoding: str, most: int) -> None:
        plain = encoding.strip().lower() in {"", "identity"}
        if not plain and encoding.strip().lower() != ENCODING:
            raise httpx.DecodingError(_GARBLED)
        self._unzip = None if plain else zlib.decompressobj(_GZIP_WINDOW)
        self._most, self._sent = most, 0
        self._content = bytearray()

    def take(self, chunk: bytes) -> bool:
        """Take in what was sent next and tell whether the body is still within the cap.

        Raises:
            httpx.DecodingError: it cannot be unpacked.
        """
        self._sent += len(chunk)
        self._content += self._unpacked(chunk)
        return max(self._sent, len(self._content)) <= self._most

    def _unpacked(self, chunk: bytes) -> bytes:
        if self._unzip is None:
            return chunk
        if self._unzip.eof:  # what follows the end of the stream is no part of the body
            return b""
        try:
            return self._unzip.decompress(chunk, self._most + 1 - len(self._content))
        except zlib.error:
            raise httpx.DecodingError(_GARBLED) from None

    def whole(self) -> bytes:
        """Return the body.

        Raises:
            httpx.DecodingError: the packed stream did not come to its end.
        """
        if self._unzip and self._sent and not self._unzip.eof:
            raise httpx.DecodingError(_GARBLED)
        return bytes(self._content)
