"""What the stages need from outside, as Protocols; bootstrap plugs the concretes in."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

from ejsync.domain.batches import BatchState, ItemAnswer, ItemState, Parcel
from ejsync.domain.changes import Change, Known
from ejsync.domain.consent import Consent, Permission
from ejsync.domain.fingerprints import Keyring
from ejsync.domain.guard import GuardRule
from ejsync.domain.records import Feed, Kind
from ejsync.domain.standing import (
    BatchRow,
    Broken,
    Delivered,
    FeedMark,
    ItemRow,
    OutboxEntry,
    QuarantineRow,
    Sendable,
    SinkMark,
)
from ejsync.domain.windows import Coverage, Days, Page, Plan, Reading, Roster, Window

Asked = TypeVar("Asked")
Got = TypeVar("Got")
KindKey = tuple[Kind, str]


class Clock(Protocol):
    """Time, passed in so that a whole fortnight can run in a second."""

    def now(self) -> datetime:
        """Return the aware UTC instant."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never go back."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class Executor(Protocol):
    """Runs reads side by side or, for a reproducible run, one after another."""

    def map_ordered(
        self, work: Callable[[Asked], Got], tasks: Iterable[Asked]
    ) -> Iterator[tuple[Asked, Callable[[], Got]]]:
        """Yield each task in order with a function that returns its result or raises its error."""
        ...


class Source(Protocol):
    """A system that is read from. `plan` and `fetch` may speak to it; `read` is pure."""

    def plan(self, feed: Feed, days: Days, roster: Roster) -> Plan:
        """List the windows of a feed; says what no account may read. Raises SourceError."""
        ...

    def fetch(self, window: Window) -> Page:
        """Read one window. Raises SourceError, ContractViolation."""
        ...

    def read(self, page: Page, roster: Roster) -> Reading:
        """Say what a page means, as candidate records. Raises SourceError."""
        ...


class Sink(Protocol):
    """A system that is written to."""

    def pack(self, school: str, batch: str, sendables: Sequence[Sendable]) -> tuple[bytes, str]:
        """Return the body of a batch and its content encoding; the same input gives the same bytes."""
        ...

    def push(self, school: str, parcel: Parcel) -> list[ItemAnswer]:
        """Send a batch once and return an answer for each item, in order. Raises SinkError."""
        ...

    def ping(self, school: str) -> None:
        """Check reachability and credentials. Raises SinkError."""
        ...


class Checker(Protocol):
    """Contracts, compiled."""

    def faults(self, contract: str, data: Any) -> tuple[str, ...]:
        """Return the JSON pointers at which data break a contract; empty when they keep it."""
        ...


class Records(Protocol):
    """What is known: one row for each key ever seen, gone or live."""

    def known_in(self, coverages: Iterable[Coverage]) -> dict[KindKey, Known]: ...
    def known_keys(self, keys: Iterable[KindKey]) -> dict[KindKey, Known]: ...
    def known_of(self, owner: str) -> list[Known]: ...
    def live_counts(self) -> dict[Kind, int]: ...
    def roster(self) -> Roster: ...
    def save(self, changes: Sequence[Change], at: datetime) -> None: ...
    def bump(self, changes: Sequence[Change], at: datetime) -> None: ...
    def payloads(self, keys: Iterable[KindKey]) -> dict[KindKey, bytes]: ...


class Outbox(Protocol):
    """Changes waiting for a sink, and what the sink was last seen to hold."""

    def put(self, sink: str, entries: Sequence[OutboxEntry], at: datetime) -> None: ...
    def drop(self, sink: str, keys: Iterable[KindKey]) -> None: ...
    def take(self, sink: str, limit: int) -> list[Sendable]: ...
    def delivered(self, sink: str, keys: Iterable[KindKey]) -> dict[KindKey, Delivered]: ...
    def settle(self, sink: str, items: Sequence[ItemRow], at: datetime) -> None: ...
    def waiting(self) -> dict[str, int]: ...
    def release(self, hold: str) -> int: ...
    def discard(self, hold: str) -> int: ...
    def held_entries(self, hold: str) -> list[OutboxEntry]: ...


class Batches(Protocol):
    """Batches and their items."""

    def add(self, row: BatchRow, items: Sequence[ItemRow], body: bytes, encoding: str) -> None: ...
    def get(self, batch: str) -> BatchRow: ...
    def find(
        self, states: Sequence[BatchState] = (), *, sink: str | None = None, limit: int = 1000
    ) -> list[BatchRow]: ...
    def next_pending(self, sink: str) -> BatchRow | None: ...
    def in_flight(self, sink: str) -> list[BatchRow]: ...
    def parcel(self, batch: str) -> Parcel: ...
    def items(self, batch: str) -> list[ItemRow]: ...
    def move(self, row: BatchRow, wanted: BatchState, **changes: Any) -> BatchRow: ...
    def answer(self, batch: str, items: Sequence[ItemRow]) -> None: ...
    def mark_items(self, batch: str, state: ItemState, *, only: ItemState | None = None) -> None: ...
    def open_keys(self, sink: str) -> set[KindKey]: ...
    def dead_items(self) -> int: ...


class Quarantine(Protocol):
    """Records that break their contract."""

    def keep(self, feed: str, broken: Sequence[Broken], at: datetime) -> int: ...
    def resolve(self, keys: Iterable[KindKey]) -> int: ...
    def find(self, limit: int = 1000) -> list[QuarantineRow]: ...
    def get(self, number: int) -> QuarantineRow: ...
    def count(self) -> int: ...


class Consents(Protocol):
    """Registered decisions, and the permissions that have taken effect."""

    def register(self, consents: Sequence[Consent]) -> None: ...
    def of(self, pupils: Iterable[str] | None = None) -> dict[str, list[Consent]]: ...
    def withdraw(self, numbers: Sequence[int], at: datetime) -> None: ...
    def in_effect(self) -> dict[str, Permission]: ...
    def put_in_effect(self, permissions: Mapping[str, Permission], at: datetime) -> None: ...


class Audit(Protocol):
    """The hash chain of one school."""

    def append(self, event: str, details: Mapping[str, Any], at: datetime) -> int: ...


class Marks(Protocol):
    """Where feeds and sinks stand, and the lease."""

    def feed(self, feed: str) -> FeedMark | None: ...
    def save_feed(self, mark: FeedMark) -> None: ...
    def feeds(self) -> list[FeedMark]: ...
    def sink(self, sink: str) -> SinkMark: ...
    def save_sink(self, mark: SinkMark) -> None: ...
    def require_epoch(self, epoch: int) -> None: ...


class Transaction(Protocol):
    """Everything of one school inside one database transaction."""

    records: Records
    outbox: Outbox
    batches: Batches
    quarantine: Quarantine
    consents: Consents
    audit: Audit
    marks: Marks


class Store(Protocol):
    """The system of record."""

    def begin(self, school: str) -> AbstractContextManager[Transaction]:
        """Open a writing transaction: commits at the end of the block, rolls back if it raises."""
        ...


@dataclass(frozen=True, slots=True)
class Wiring:
    """One school, wired: all that its stages are handed."""

    school: str
    zone: ZoneInfo
    source: Source
    sinks: Mapping[str, Sink]
    store: Store
    contracts: Checker
    keyring: Keyring
    clock: Clock
    rng: Random
    executor: Executor
    guard: GuardRule
    batch_items: int
    epoch: int
