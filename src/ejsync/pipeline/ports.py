"""What the stages need from outside, as Protocols; bootstrap plugs the concretes in."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

from ejsync.domain.batches import ItemAnswer, Parcel
from ejsync.domain.checkpoints import Checkpoint, Signer
from ejsync.domain.comparing import Digest, HoldingPage, Silent
from ejsync.domain.fingerprints import Keyring
from ejsync.domain.guard import GuardRule
from ejsync.domain.records import Feed, Kind
from ejsync.domain.standing import Sendable
from ejsync.domain.windows import Due, Page, Plan, Reading, Roster, Window
from ejsync.errors import EjsyncError
from ejsync.pipeline.shelves import KindKey
from ejsync.pipeline.transaction import Transaction

Asked = TypeVar("Asked")
Got = TypeVar("Got")

DueOf = Callable[[str], tuple[Due, ...]]
"""What is due of an owner, the most urgent first; empty where nothing is."""

__all__ = [
    "Checker",
    "Clock",
    "DueOf",
    "Executor",
    "KindKey",
    "Memory",
    "Sink",
    "Source",
    "Store",
    "Surroundings",
    "Transaction",
    "Wiring",
]


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
        self, work: Callable[[Asked], Got], tasks: Iterable[Asked], *, ahead: int
    ) -> Iterator[tuple[Asked, Callable[[], Got]]]:
        """Yield each task in order with a function that returns its result or raises its error.

        Args:
            ahead: how many tasks may be begun and not yet taken, the one being taken among them.
        """
        ...


class Memory(Protocol):
    """What a source remembers between runs: tokens, rights, sizes. Kept sealed."""

    def recall(self, name: str) -> bytes | None:
        """Return what was kept, or None if nothing usable was."""
        ...

    def keep(self, name: str, value: bytes) -> None:
        """Keep something; that it cannot be kept harms nobody."""
        ...

    def forget(self, name: str) -> None:
        """Let go of something."""
        ...


class Source(Protocol):
    """A system that is read from. `plan` and `fetch` may speak to it; `read` is pure."""

    @property
    def failures(self) -> Mapping[str, EjsyncError]:
        """Return the accounts that could not be used when a feed was last planned, with their errors."""
        ...

    @property
    def at_once(self) -> int:
        """Return how many reads may be under way at once."""
        ...

    def renew(self) -> None:
        """Let go of what is remembered of rights: the next plan asks the journal itself."""
        ...

    def plan(self, feed: Feed, due: DueOf, roster: Roster) -> Plan:
        """List the windows that read what is due, the most urgent first; says what no account may read.

        Raises SourceError.
        """
        ...

    def fetch(self, window: Window, known: str = "") -> Page:
        """Read one window; an answer whose digest is `known` is not opened. Raises SourceError, ContractViolation."""
        ...

    def read(self, page: Page, roster: Roster) -> Reading:
        """Say what a page means, as candidate records. Raises SourceError."""
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...


class Sink(Protocol):
    """A system that is written to."""

    @property
    def host(self) -> str:
        """Return where batches go, as scheme, host and port; empty where there is nobody to be away."""
        ...

    def pack(self, school: str, batch: str, sendables: Sequence[Sendable]) -> tuple[bytes, str]:
        """Return the body of a batch and its content encoding; the same input gives the same bytes."""
        ...

    def push(self, school: str, parcel: Parcel) -> list[ItemAnswer]:
        """Send a batch once and return an answer for each item, in order. Raises SinkError."""
        ...

    def ping(self, school: str) -> None:
        """Check reachability and credentials. Raises SinkError."""
        ...

    def digest(self, school: str, kinds: Collection[Kind]) -> Mapping[Kind, Digest] | Silent:
        """Return the digest of each kind it holds, or that it cannot be read back. Raises SinkError."""
        ...

    def records(self, school: str, kind: Kind, after: str) -> HoldingPage | Silent:
        """Return what it holds of a kind behind a key: keys, versions and fingerprints alone. Raises SinkError."""
        ...

    def newest_checkpoint(self, school: str) -> str | Silent:
        """Return the newest checkpoint of our log that it was sent and kept; empty for none. Raises SinkError."""
        ...

    def erase(self, school: str, pupil: str) -> int | Silent:
        """Have all destroyed that it holds of a pupil; returns how many live records that were.

        Asking again destroys nothing more. SILENT: it has no way to be asked. Raises SinkError.
        """
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...


class Checker(Protocol):
    """Contracts, compiled."""

    def faults(self, contract: str, data: Any) -> tuple[str, ...]:
        """Return the JSON pointers at which data break a contract; empty when they keep it."""
        ...

    def mark(self) -> str:
        """Return a digest of every contract: what was judged under another mark may be judged otherwise now."""
        ...


class Store(Protocol):
    """The system of record."""

    def begin(self, school: str) -> AbstractContextManager[Transaction]:
        """Open a writing transaction: commits at the end of the block, rolls back if it raises."""
        ...

    def read(self, school: str) -> AbstractContextManager[Transaction]:
        """Open a reading transaction: a consistent picture that waits for no writer."""
        ...

    def kept_checkpoint(self, school: str) -> Checkpoint | None:
        """Return the newest checkpoint of a school's log as it is kept beside the system of record."""
        ...

    def keep_checkpoint(self, made: Checkpoint) -> None:
        """Keep a checkpoint beside the system of record."""
        ...


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a source is handed from outside.

    Attributes:
        digest: keyed hash of an answer's bytes: the answers of a journal could be guessed from a plain one.
        zone: the school's time zone.
    """

    clock: Clock
    rng: Random
    contracts: Checker
    digest: Callable[[bytes], str]
    memory: Memory
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Wiring:
    """One school, wired: all that its stages are handed.

    Attributes:
        contacts: whether those of families are carried.
        slow_s: from how many seconds on a sink's answer is slow.
    """

    school: str
    zone: ZoneInfo
    source: Source
    sinks: Mapping[str, Sink]
    store: Store
    contracts: Checker
    keyring: Keyring
    signer: Signer
    clock: Clock
    rng: Random
    executor: Executor
    guard: GuardRule
    batch_items: int
    epoch: int
    contacts: bool = False
    slow_s: float = 15.0
