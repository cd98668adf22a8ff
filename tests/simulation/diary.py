"""A diary service strict to contracts/ed/v1, in plain Python, that keeps an account of every effect."""

import gzip
from dataclasses import dataclass
from email.utils import format_datetime
from hashlib import sha256

import orjson

WORDS = {"period": "title", "school_class": "name", "teacher": "last_name", "pupil": "class", "final_state": "state"}
KINDS = (
    "period", "school_class", "teacher", "pupil", "contact", "calendar_day", "lesson", "lesson_change",
    "class_teacher", "control_work", "homework", "mark", "absence", "final_mark", "final_state", "recommendation",
    "forecast", "lesson_statistics",
)  # fmt: skip
TOKEN_S = 3600.0


@dataclass(frozen=True)
class Holding:
    """What is held of a key; a tombstone has no data."""

    version: int
    fingerprint: str | None
    data: dict | None

    @property
    def word(self):
        """What families see of it, in a word; None where it is gone."""
        return None if self.data is None else word(self.kind, self.data)

    kind: str = ""


def word(kind, data):
    """Say a payload in one word, as the school's own truth says it."""
    said = data.get(WORDS.get(kind, "raw")) or ""
    return f"{said}|{data['comment'] or ''}|{data['weight']}" if kind == "mark" else said


class Refused(Exception):
    """A request that is answered with a problem."""

    def __init__(self, status, code, **headers):
        super().__init__(code)
        self.status, self.code, self.headers = status, code, headers


class Diary:
    """Records, receipts and tokens.

    Attributes:
        poisoned: keys that are rejected one by one.
        refusing: keys for which a batch is refused whole.
        most_items: the most items taken at once.
        on_batch: is told of every batch that arrives whole: key, items.
        on_effect: is told of every effect.
        on_conflict: is told of an item whose version is not above the one held.
        on_reuse: is told when another body comes under a known key.
    """

    def __init__(self, time):
        self._time = time
        self.held, self.receipts = {}, {}
        self.poisoned, self.refusing, self.most_items = set(), set(), 1000
        self._token, self._token_until = "", -1.0
        self.on_batch = self.on_effect = self.on_conflict = self.on_reuse = lambda *_told: None

    def live(self):
        """What families see, in a word each."""
        return {name: holding.word for name, holding in self.held.items() if holding.data is not None}

    def backup(self):
        """Everything as it stands, to be restored later."""
        return dict(self.held), dict(self.receipts)

    def restore(self, kept):
        """Stand as an older backup stood."""
        self.held, self.receipts = dict(kept[0]), dict(kept[1])

    def get_ahead(self, names):
        """Hold a higher version of some keys than anybody sent, with what is held: as if an older store sent now."""
        for name in names:
            held = self.held[name]
            self.held[name] = Holding(held.version + 3, held.fingerprint, held.data, held.kind)

    def half(self, items):
        """Take in the first half of a batch and keep no receipt of it."""
        for position, item in enumerate(items[: (len(items) + 1) // 2]):
            self._judge(position, item)

    def expire(self):
        """Let the token run out before its time."""
        self._token_until = -1.0

    def answer(self, request):
        """Return (status, headers, body)."""
        try:
            return 200, {}, self._routed(request)
        except Refused as refused:
            problem = {"type": f"urn:ejsync:ed:problem:{refused.code}", "title": "", "status": refused.status}
            body = orjson.dumps({**problem, "code": refused.code, "detail": None, "pointer": None})
            return refused.status, refused.headers, body

    def _routed(self, request):
        path = request.url.path.removeprefix("/api")
        if path == "/oauth/token":
            self._token_until = self._time.passed + TOKEN_S
            self._token = f"ed-{round(self._token_until)}"
            return orjson.dumps({"access_token": self._token, "token_type": "Bearer", "expires_in": TOKEN_S})
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
        if bearer != self._token:
            raise Refused(401, "token_invalid")
        if self._time.passed > self._token_until:
            raise Refused(401, "token_expired")
        _, version, schools, school, what = path.split("/", 4)
        assert (version, schools) == ("v1", "schools"), path
        if what == "batches":
            return self._take_in(request, school)
        return {"digest": self._digest, "records": self._page}[what](school, request.url.params)

    def _take_in(self, request, school):
        key, body = request.headers.get("idempotency-key", ""), request.content
        if not key:
            raise Refused(400, "idempotency_key_missing")
        sent = sha256(body).hexdigest()
        if request.headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        document = orjson.loads(body)
        assert document["contract"] == "ed/v1", document["contract"]
        if document["school"] != school:
            raise Refused(403, "foreign_school")
        known = self.receipts.get(key)
        self.on_batch(key, document["items"], sent)
        if known is not None:
            if known[0] != sent:
                self.on_reuse()
                raise Refused(422, "idempotency_key_reused")
            return known[1]
        items = document["items"]
        if len(items) > self.most_items:
            raise Refused(413, "too_many_items")
        if any((item["kind"], item["key"]) in self.refusing for item in items):
            raise Refused(422, "whole_batch_refused")
        results = [self._judge(position, item) for position, item in enumerate(items)]
        self.receipts[key] = sent, orjson.dumps({"batch": document["batch"], "results": results})
        return self.receipts[key][1]

    def _judge(self, position, item):
        name = item["kind"], item["key"]
        held = self.held.get(name)
        version = held.version if held else None
        if name in self.poisoned:
            return _result(position, "rejected", version, "poison")
        if held is None or item["version"] > held.version:
            self.held[name] = Holding(item["version"], item["fingerprint"], item["data"], item["kind"])
            self.on_effect(name, item["version"], self.held[name].word)
            return _result(position, "applied", item["version"])
        if item["version"] < held.version:
            self.on_conflict(name, held.version, item["version"])
            return _result(position, "stale", version)
        if item["fingerprint"] == held.fingerprint:
            return _result(position, "unchanged", version)
        self.on_conflict(name, held.version, item["version"])
        return _result(position, "rejected", version, "version_conflict")

    def _live_of(self, kind):
        return sorted((key, held) for (one, key), held in self.held.items() if one == kind and held.data is not None)

    def _digest(self, school, asked):
        kinds = [asked["kind"]] if "kind" in asked else list(KINDS)
        told = []
        for kind in kinds:
            rows = self._live_of(kind)
            lines = "".join(f"{key}\t{held.version}\t{held.fingerprint}\n" for key, held in rows)
            told.append({"kind": kind, "count": len(rows), "digest": sha256(lines.encode()).hexdigest()})
        return orjson.dumps({"school": school, "kinds": told})

    def _page(self, school, asked):
        kind, limit, after = asked["kind"], int(asked.get("limit", 500)), asked.get("after", "")
        rows = [(key, held) for key, held in self._live_of(kind) if key > after]
        if "pupil" in asked:
            rows = [(key, held) for key, held in rows if held.data.get("pupil") == asked["pupil"]]
        shown = [
            {"kind": kind, "key": key, "version": held.version, "fingerprint": held.fingerprint, "data": held.data}
            for key, held in rows[:limit]
        ]
        return orjson.dumps({"records": shown, "next": shown[-1]["key"] if len(rows) > limit else None})


def _result(position, status, version, code=None):
    return {"position": position, "status": status, "code": code, "pointer": None, "held_version": version}


def retry_after(seconds, shown, *, as_date):
    """A `Retry-After` in one of its two forms."""
    return format_datetime(shown, usegmt=True) if as_date else str(seconds)
