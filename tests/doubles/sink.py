"""ports.Sink as a strict diary in memory: versions, tombstones, idempotency keys, item answers, faults to order.

It shares no code with the sandbox diary nor with the ed connector; what it knows of a batch it reads from the very
bytes that travelled.
"""

import json
from collections import Counter, deque
from dataclasses import dataclass
from hashlib import sha256

from ejsync.domain.batches import ItemAnswer, Status
from ejsync.domain.comparing import SILENT, Digest, HoldingPage
from ejsync.domain.comparing import Holding as TheirRow
from ejsync.errors import SinkAuthFailed, SinkRejected, SinkThrottled, SinkUnavailable, SinkUnclear, SinkUnread


class Killed(BaseException):
    """The process ended here: nothing that follows is executed."""


@dataclass(frozen=True)
class Holding:
    """What the diary holds of a key; a tombstone has neither fingerprint nor data."""

    version: int
    fingerprint: str | None
    data: dict | None

    @property
    def live(self):
        """Whether a family can see it."""
        return self.data is not None


@dataclass(frozen=True)
class Request:
    """One push as it came over the line."""

    at: object
    key: str
    batch: str
    body: bytes
    items: tuple


class StrictSink:
    """A diary; `faults` are used up in order, `reject`, `refuse_whole`, `upset` and `swallow` stay until removed.

    An item in `upset` makes it answer nonsense without taking anything, one in `swallow` makes it never answer.
    """

    def __init__(self, name="ed", clock=None):
        self.name, self._clock = name, clock
        self.host = f"https://{name}.invalid"
        self.held, self.receipts = {}, {}
        self.effects, self.regressions = Counter(), []
        self.requests, self.faults = [], deque()
        self.checkpoints = []
        self.reject, self.refuse_whole, self.upset, self.swallow = {}, set(), set(), set()
        self.most_items = None
        self.on_request = lambda _items: None
        self.reads, self.garbled, self.unread, self.page = [], {}, "", 3
        self.on_read = lambda: None
        self.erasures, self.erasing = [], ""

    def pack(self, school, batch, sendables):
        """JSON without compression."""
        items = [
            {
                "op": s.entry.op.value,
                "kind": s.entry.kind.value,
                "key": s.entry.key,
                "version": s.entry.version,
                "fingerprint": s.entry.fingerprint if s.entry.op == "upsert" else None,
                "data": json.loads(s.payload) if s.entry.op == "upsert" else None,
            }
            for s in sendables
        ]
        document = {"school": school, "batch": batch, "items": items}
        return json.dumps(document, ensure_ascii=False, sort_keys=True).encode(), "identity"

    def push(self, school, parcel):
        """Apply a batch once; a known key answers as it did the first time."""
        fault = self.faults.popleft() if self.faults else None
        if fault == "kill_before":
            raise Killed
        document = json.loads(parcel.body)
        assert document["school"] == school, "a batch of another school"
        assert document["batch"] == parcel.batch, "a body of another batch"
        items = tuple(document["items"])
        self._note(parcel, items)
        if fault is not None and fault not in {"lost", "kill_after"}:
            raise self._error(fault)
        answers = self._answers(parcel, items)
        if fault == "lost":
            raise SinkUnavailable(sink=self.name, reason="the connection broke off")
        if fault == "kill_after":
            raise Killed
        return answers

    def ping(self, school):
        """Always reachable."""

    def digest(self, school, kinds):
        """Counts and hashes as the contract words them."""
        self.reads.append(("digest", None))
        self._fail_reading()
        return {kind: Digest(len(rows), self._sha256(rows)) for kind, rows in ((k, self._rows(k)) for k in kinds)}

    def records(self, school, kind, after):
        """A small page, so that there are always several."""
        self.reads.append(("records", kind.value))
        self.on_read()
        self._fail_reading()
        rows = [row for row in self._rows(kind) if row[0] > after]
        shown = tuple(TheirRow(*self.garbled.get((kind.value, row[0]), row)) for row in rows[: self.page])
        return HoldingPage(shown, shown[-1].key if len(rows) > self.page else None)

    def snapshot(self):
        """What a backup would keep: holdings and receipts."""
        return dict(self.held), dict(self.receipts)

    def restore(self, snapshot):
        """Come back as of a backup: what was taken since is forgotten."""
        self.held, self.receipts = dict(snapshot[0]), dict(snapshot[1])

    def _rows(self, kind):
        live = ((key, h.version, h.fingerprint) for (its, key), h in self.held.items() if h.live and its == kind.value)
        return sorted(live)

    def _sha256(self, rows):
        return sha256("".join("\t".join(map(str, row)) + "\n" for row in rows).encode()).hexdigest()

    def _fail_reading(self):
        if self.unread:
            raise SinkUnread(sink=self.name, reason=self.unread)

    def newest_checkpoint(self, school):
        """The line that came with the last batch."""
        return self.checkpoints[-1] if self.checkpoints else ""

    def erase(self, school, pupil):
        """Make tombstones of a pupil's records, known by what stands in their data."""
        self.erasures.append(pupil)
        if self.erasing == "silent":
            return SILENT
        if self.erasing:
            raise self._error(self.erasing)
        mine = [name for name, held in self.held.items() if held.live and held.data.get("pupil") == pupil]
        for name in mine:
            self.held[name] = Holding(self.held[name].version, None, None)
        return len(mine)

    def close(self):
        """Nothing to let go."""

    def live(self):
        """What families see: data by kind and key."""
        return {name: holding.data for name, holding in self.held.items() if holding.live}

    def _note(self, parcel, items):
        self.on_request(items)
        now = self._clock.now() if self._clock else None
        self.checkpoints += [parcel.checkpoint] if parcel.checkpoint else []
        self.requests.append(Request(now, parcel.idempotency_key, parcel.batch, parcel.body, items))

    def _error(self, fault):
        kind, _, seconds = fault.partition(":")
        if kind == "throttled" or seconds:
            return SinkThrottled(sink=self.name, reason="HTTP 429", retry_after_s=float(seconds or 60))
        if kind == "auth":
            return SinkAuthFailed(sink=self.name, reason="HTTP 401")
        if kind == "refused":
            return SinkRejected(sink=self.name, reason="HTTP 413", too_large=True)
        if kind in {"unclear", "error500"}:
            return SinkUnclear(sink=self.name, reason="HTTP 404", of_host=kind == "error500")
        return SinkUnavailable(sink=self.name, reason="HTTP 503", timed_out=kind == "timeout")

    def _answers(self, parcel, items):
        known = self.receipts.get(parcel.idempotency_key)
        if known is not None:
            assert known[0] == parcel.body, "another body under a known key"
            return known[1]
        if self.most_items is not None and len(items) > self.most_items:
            raise SinkRejected(sink=self.name, reason="HTTP 413", too_large=True)
        names = {(item["kind"], item["key"]) for item in items}
        if names & self.refuse_whole:
            raise SinkRejected(sink=self.name, reason="HTTP 422 whole_batch_refused")
        if names & self.upset:
            raise SinkUnclear(sink=self.name, reason="HTTP 500", of_host=True)
        if names & self.swallow:
            raise SinkUnavailable(sink=self.name, reason="the answer took too long", timed_out=True)
        answers = [self._judge(position, item) for position, item in enumerate(items)]
        self.receipts[parcel.idempotency_key] = (parcel.body, answers)
        return answers

    def _judge(self, position, item):
        name = (item["kind"], item["key"])
        held = self.held.get(name)
        if name in self.reject:
            return ItemAnswer(position, Status.REJECTED, self.reject[name], "", held.version if held else None)
        if held is not None and item["version"] < held.version:
            return ItemAnswer(position, Status.STALE, held_version=held.version)
        if held is not None and item["version"] == held.version:
            assert held.fingerprint == item["fingerprint"], f"two contents under one version: {name}"
            return ItemAnswer(position, Status.UNCHANGED, held_version=held.version)
        self.held[name] = Holding(item["version"], item["fingerprint"], item["data"])
        self.effects[(*name, item["version"])] += 1
        return ItemAnswer(position, Status.APPLIED, held_version=item["version"])
