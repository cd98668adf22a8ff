"""Every error answer of the diary, RFC 9457: one table of codes, one exception, one renderer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from starlette.responses import Response

if TYPE_CHECKING:
    from collections.abc import Mapping

PROBLEMS: Mapping[str, tuple[int, str]] = {
    "malformed": (400, "The request breaks the contract"),
    "idempotency_key_missing": (400, "The header Idempotency-Key is missing or unusable"),
    "token_missing": (401, "No bearer token was given"),
    "token_invalid": (401, "The token is not known"),
    "token_expired": (401, "The token has run out"),
    "foreign_school": (403, "The credentials are not for this school"),
    "not_found": (404, "There is nothing at this address"),
    "method_not_allowed": (405, "The address does not know this method"),
    "in_progress": (409, "A request under this Idempotency-Key is still being treated"),
    "too_many_items": (413, "The batch holds more items than are taken at once"),
    "too_many_bytes": (413, "The body is larger than is taken at once"),
    "unsupported_encoding": (415, "The Content-Encoding is none of identity, gzip, zstd"),
    "unsupported_media_type": (415, "The body is not application/json"),
    "idempotency_key_reused": (422, "Another body was sent under this Idempotency-Key"),
    "whole_batch_refused": (422, "The batch is refused as a whole"),
    "throttled": (429, "Too many requests"),
    "internal": (500, "The diary has failed"),
    "unavailable": (503, "The diary is out of service"),
}
_CHALLENGE = {
    "token_missing": 'Bearer realm="diary"',
    "token_invalid": 'Bearer realm="diary", error="invalid_token"',
    "token_expired": 'Bearer realm="diary", error="invalid_token", error_description="expired"',
}


class ProblemError(Exception):
    """A request that is answered with a problem; `code` is one of `PROBLEMS`."""

    def __init__(
        self,
        code: str,
        *,
        detail: str | None = None,
        pointer: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail
        self.pointer = pointer
        self.headers = dict(headers or {})


def problem_response(problem: ProblemError) -> Response:
    """The answer that states a problem."""
    status, title = PROBLEMS[problem.code]
    body: dict[str, Any] = {
        "type": f"urn:ejsync:ed:problem:{problem.code}",
        "title": title,
        "status": status,
        "code": problem.code,
        "detail": problem.detail,
        "pointer": problem.pointer,
    }
    headers = dict(problem.headers)
    if problem.code in _CHALLENGE:
        headers["WWW-Authenticate"] = _CHALLENGE[problem.code]
    return Response(orjson.dumps(body), status, headers, "application/problem+json")
