"""The diary's side of the contract ed/v1: batches in, digests and records out, erasure."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from ejsync.sandbox.diary_body import plain_json
from ejsync.sandbox.diary_items import Item, Verdict, refusal
from ejsync.sandbox.diary_problems import ProblemError
from ejsync.sandbox.diary_store import DiaryStore, Page, Screen, Submission

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from starlette.requests import Request

    from ejsync.sandbox.diary_clock import UtcClock
    from ejsync.sandbox.diary_contracts import EdContract
    from ejsync.sandbox.diary_faults import DiaryFaults

_SCHOOL = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,63}")
_PUPIL = re.compile(r"[0-9A-Za-z_-]{1,40}")
_IDEMPOTENCY_KEY = re.compile(r"[!-~]{1,200}")
_CHECKPOINT = re.compile(
    r"(?P<school>[!-~]{1,64}) [1-9][0-9]{0,14} (?P<size>[1-9][0-9]{0,14}) "
    r"[0-9a-f]{64} [0-9T:.-]{26}Z [0-9a-f]{64} [0-9a-f]{128}"
)
_PAGE_DEFAULT = 500
_PAGE_MAX = 1000
_REPLAYED = {"Idempotency-Replayed": "true"}


@dataclass(slots=True)
class Limits:
    """What the diary takes at once, and how long its tokens live."""

    max_items: int = 1000
    max_bytes: int = 8 * 1024 * 1024
    token_seconds: int = 3600


class InProgress:
    """Idempotency keys that are being treated at this moment; used from the event loop only."""

    def __init__(self) -> None:
        self._keys: set[tuple[str, str]] = set()

    @contextmanager
    def claim(self, school: str, *, idempotency_key: str) -> Iterator[None]:
        """Hold the key while its request is treated.

        Raises:
            ProblemError: Somebody holds it already.
        """
        name = (school, idempotency_key)
        if name in self._keys:
            raise ProblemError("in_progress", headers={"Retry-After": "1"})
        self._keys.add(name)
        try:
            yield
        finally:
            self._keys.discard(name)


@dataclass(frozen=True, slots=True)
class Exchange:
    """The endpoints of the contract over one store."""

    store: DiaryStore
    contract: EdContract
    faults: DiaryFaults
    limits: Limits
    in_progress: InProgress
    clock: UtcClock

    async def batches(self, request: Request) -> Response:
        """Apply a batch once; answer every repetition with the receipt of the first time."""
        school, key = _school(request), _idempotency_key(request)
        with self.in_progress.claim(school, idempotency_key=key):
            return await self.faults.around(request, lambda: self._take_in(request, school, key))

    async def _note_checkpoint(self, request: Request, school: str) -> None:
        """Keep what the sender says of its log; what is unreadable is no reason to refuse a batch."""
        line = request.headers.get("ejsync-checkpoint", "")
        found = _CHECKPOINT.fullmatch(line)
        if found is not None and found["school"] == school:
            size = int(found["size"])
            await run_in_threadpool(lambda: self.store.note_checkpoint(school, line=line, size=size))

    async def digest(self, request: Request) -> Response:
        """Counts and hashes of what is held, of one kind or of all."""
        school, kind = _school(request), request.query_params.get("kind")
        kinds = list(self.contract.kinds) if kind is None else [self._kind(kind)]

        async def work() -> Response:
            found = await run_in_threadpool(lambda: [self.store.digest(school, kind=name) for name in kinds])
            entries = [
                {"kind": name, "count": count, "digest": digest}
                for name, (count, digest) in zip(kinds, found, strict=True)
            ]
            line = await run_in_threadpool(self.store.checkpoint, school)
            return _json({"school": school, "kinds": entries}, {"Ejsync-Checkpoint": line} if line else {})

        return await self.faults.around(request, work)

    async def records(self, request: Request) -> Response:
        """One page of what is held of a kind."""
        school, page = _school(request), self._page(request)

        async def work() -> Response:
            asked = Page(page.kind, page.after, page.limit + 1, page.pupil)
            found = await run_in_threadpool(self.store.records, school, page=asked)
            shown = found[: page.limit]
            return _json({"records": shown, "next": shown[-1]["key"] if len(found) > page.limit else None})

        return await self.faults.around(request, work)

    async def erase(self, request: Request) -> Response:
        """Destroy what is held of a pupil; asking again destroys nothing more."""
        school, pupil = _school(request), request.path_params["pupil"]
        if not _PUPIL.fullmatch(pupil):
            raise ProblemError("malformed", detail="pupil")

        async def work() -> Response:
            erased = await run_in_threadpool(self.store.erase, school, pupil=pupil)
            return _json({"pupil": pupil, "erased": erased})

        return await self.faults.around(request, work)

    async def _take_in(self, request: Request, school: str, key: str) -> Response:
        body = plain_json(request.state.body, headers=request.headers, max_bytes=self.limits.max_bytes)
        body_hash = self.store.hash_of(body)
        known = await run_in_threadpool(self.store.receipt, school, idempotency_key=key)
        if known is None:
            receipt = await run_in_threadpool(self._settle, self._submission(body, school, key, body_hash))
            await self._note_checkpoint(request, school)
            return receipt
        if known.body_hash != body_hash:
            raise ProblemError("idempotency_key_reused")
        await run_in_threadpool(self.store.note_replay)
        return Response(known.receipt, headers=_REPLAYED, media_type="application/json")

    def _submission(self, body: bytes, school: str, key: str, body_hash: str) -> Submission:
        document = self._checked(body)
        if document["school"] != school:
            raise ProblemError("foreign_school", pointer="/school")
        items = [Item.from_document(item) for item in document["items"]]
        return Submission(school, key, body_hash, document["batch"], items)

    def _checked(self, body: bytes) -> Mapping[str, Any]:
        try:
            document = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise ProblemError("malformed", detail="not JSON") from error
        items = document.get("items") if isinstance(document, dict) else None
        if isinstance(items, list) and len(items) > self.limits.max_items:
            raise ProblemError("too_many_items", detail=f"at most {self.limits.max_items} items")
        flaw = self.contract.flaw_of_batch(document)
        if flaw is not None:
            raise ProblemError("malformed", pointer=flaw)
        assert isinstance(document, dict)
        return document

    def _settle(self, submission: Submission) -> Response:
        refused = self.faults.marked("refuse_whole")
        if any(refused.has(item) for item in submission.items):
            raise ProblemError("whole_batch_refused")
        receipt = self.store.settle(submission, screen=self._screen(), at=self.clock.stamp())
        return Response(receipt, media_type="application/json")

    def _screen(self) -> Screen:
        poisoned = self.faults.marked("poison")

        def screen(item: Item) -> Verdict | None:
            if item.kind not in self.contract.kinds:
                return refusal("unknown_kind")
            flaw = None if item.data is None else self.contract.flaw_of_data(item.data, kind=item.kind)
            if flaw is not None:
                return refusal("contract", pointer=flaw)
            return refusal("poison") if poisoned.has(item) else None

        return screen

    def _kind(self, kind: str | None) -> str:
        if kind is None or kind not in self.contract.kinds:
            raise ProblemError("malformed", detail="kind")
        return kind

    def _page(self, request: Request) -> Page:
        asked = request.query_params
        limit = asked.get("limit", str(_PAGE_DEFAULT))
        if not (
            limit.isascii() and limit.isdigit() and len(limit) <= len(str(_PAGE_MAX)) and 1 <= int(limit) <= _PAGE_MAX
        ):
            raise ProblemError("malformed", detail=f"limit is 1 to {_PAGE_MAX}")
        return Page(self._kind(asked.get("kind")), asked.get("after", ""), int(limit), asked.get("pupil"))


def _school(request: Request) -> str:
    school: str = request.path_params["school"]
    if not _SCHOOL.fullmatch(school):
        raise ProblemError("malformed", detail="school")
    return school


def _idempotency_key(request: Request) -> str:
    key = request.headers.get("idempotency-key", "")
    if not _IDEMPOTENCY_KEY.fullmatch(key):
        raise ProblemError("idempotency_key_missing")
    return key


def _json(document: object, headers: Mapping[str, str] | None = None) -> Response:
    return Response(orjson.dumps(document), headers=headers, media_type="application/json")
