"""A diary on a temporary file, and somebody who calls it from loopback without a socket."""

import asyncio
import uuid
from dataclasses import dataclass

import httpx
import orjson
import pytest

from ejsync.sandbox.diary import Diary, build_diary
from ejsync.sandbox.diary_clock import UtcClock
from ejsync.sandbox.diary_contracts import contracts_dir
from ejsync.sandbox.diary_store import DiaryStore

SCHOOL = "/v1/schools/gymnasium-0"
NOW = 1_795_000_000.0


def example(name: str):
    """A valid example of the published contract."""
    return orjson.loads((contracts_dir() / "ed" / "v1" / "examples" / "valid" / f"{name}.json").read_bytes())


@dataclass
class DiaryCaller:
    """Calls a diary's app; by default as an admitted client on loopback."""

    diary: Diary
    host: str = "127.0.0.1"

    def call(self, verb: str, path: str, **request) -> httpx.Response:
        """Send one request."""
        return asyncio.run(self._call(verb, path, **request))

    def together(self, *requests: tuple[str, str, dict]) -> list[httpx.Response]:
        """Send several requests at the same moment."""

        async def send():
            return await asyncio.gather(*(self._call(verb, path, **rest) for verb, path, rest in requests))

        return asyncio.run(send())

    def post(self, *items, key: str = "k1", headers: dict | None = None) -> httpx.Response:
        """Send a batch of items under an idempotency key; the same items make the same body."""
        return self.call("POST", f"{SCHOOL}/batches", **self.batch(*items, key=key, headers=headers))

    def batch(self, *items, key: str = "k1", headers: dict | None = None) -> dict:
        """The body and headers of a batch, as `call` takes them."""
        batch = str(uuid.uuid5(uuid.NAMESPACE_URL, key))
        document = {"contract": "ed/v1", "school": "gymnasium-0", "batch": batch, "items": list(items)}
        sent = {"Idempotency-Key": key, "Content-Type": "application/json", **(headers or {})}
        return {"content": orjson.dumps(document), "headers": sent}

    def fault(self, kind: str, **fields) -> None:
        """Order a fault."""
        assert self.call("POST", "/_control/faults", json={"kind": kind, **fields}).status_code == 200

    def state(self) -> dict:
        """What the diary holds and has counted."""
        return self.call("GET", "/_control/state").json()

    async def _call(self, verb: str, path: str, *, headers: dict | None = None, **body) -> httpx.Response:
        transport = httpx.ASGITransport(self.diary.app(), client=(self.host, 50000))
        admitted = {"Authorization": f"Bearer {self.diary.credentials.token}", **(headers or {})}
        async with httpx.AsyncClient(transport=transport, base_url="http://diary") as client:
            return await client.request(verb, path, headers=admitted, **body)


@pytest.fixture
def diary_store(tmp_path):
    """An empty store on disk."""
    store = DiaryStore(tmp_path / "diary.db")
    yield store
    store.close()


@pytest.fixture
def diary(diary_store):
    """A diary whose clock stands still."""
    return build_diary(diary_store, clock=UtcClock(lambda: NOW))


@pytest.fixture
def caller(diary):
    """Somebody who calls the diary."""
    return DiaryCaller(diary)


@pytest.fixture
def change():
    """A maker of batch items: a mark of the published examples under a key and version of one's own."""

    def make(key: str = "a", *, version: int = 1, gone: bool = False, **fields) -> dict:
        data = {**example("mark-grade_with_sign"), **fields}
        mark = {"op": "upsert", "fingerprint": f"{version:032x}", "data": data}
        retraction = {"op": "retract", "fingerprint": None, "data": None}
        return {"kind": "mark", "key": key, "version": version, **(retraction if gone else mark)}

    return make
