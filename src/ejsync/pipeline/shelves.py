"""What the stages need from the store: one Protocol for each family of tables, all bound to one transaction."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Protocol

from ejsync.domain.batches import BatchState, ItemState, Parcel
from ejsync.domain.changes import Change, Known
from ejsync.domain.delays import Moments
from ejsync.domain.records import Kind
from ejsync.domain.standing import (
    BatchRow,
    Broken,
    Choice,
    Delivered,
    Held,
    ItemRow,
    OutboxEntry,
    QuarantineRow,
    Sendable,
)
from ejsync.domain.windows import Coverage, Days, Roster

KindKey = tuple[Kind, str]


class Records(Protocol):
    """What is known: one row for each key ever seen, gone or live."""

    def known_in(self, coverages: Iterable[Coverage]) -> dict[KindKey, Known]:
        """Return what is known inside the coverages, gone rows too."""
        ...

    def known_keys(self, keys: Iterable[KindKey]) -> dict[KindKey, Known]:
        """Return what is known of these keys."""
        ...

    def known_of(self, owner: str, *, gone: bool = False) -> list[Known]:
        """Return the live records of one owner, and the gone ones too if asked."""
        ...

    def live_after(self, after: KindKey | None, limit: int) -> list[Known]:
        """Return a page of the live records in the order of kind and key, beginning behind `after`."""
        ...

    def live_counts(self) -> dict[Kind, int]:
        """Count live records by kind."""
        ...

    def held_of(self, owners: Iterable[str], kinds: Iterable[Kind]) -> list[Held]:
        """Return the live records of these owners and kinds with their payloads, by kind and key."""
        ...

    def newest_changes(self, kinds: Iterable[Kind]) -> dict[str, datetime]:
        """Return when a record of these kinds last changed, by owner, gone ones too."""
        ...

    def period_first(self, today: date) -> date | None:
        """Return the first day of the study period that a day lies in or follows; None where none is known."""
        ...

    def roster(self) -> Roster:
        """Return classes and their pupils as last read."""
        ...

    def save(self, changes: Sequence[Change], at: datetime) -> None:
        """Write the next versions."""
        ...

    def bump(self, changes: Sequence[Change], at: datetime) -> None:
        """Raise versions without touching payloads."""
        ...

    def lately(
        self, owners: Iterable[str], kinds: Iterable[Kind], days: Days | None, since: datetime
    ) -> dict[tuple[Kind, str], tuple[int, int]]:
        """Count, by kind and owner, the live records of some days, and those that went since an instant."""
        ...

    def payloads(self, keys: Iterable[KindKey]) -> dict[KindKey, bytes]:
        """Return the payloads of live records."""
        ...


class Outbox(Protocol):
    """Changes waiting for a sink, and what the sink was last seen to hold."""

    def put(self, sink: str, entries: Sequence[OutboxEntry], at: datetime) -> None:
        """Queue entries seen at an instant; each takes the place of an older one of its key and keeps its moments."""
        ...

    def backdate(self, sink: str, since: Mapping[KindKey, Moments]) -> None:
        """What waits for these keys stands for what was seen earlier."""
        ...

    def drop(self, sink: str, keys: Iterable[KindKey]) -> None:
        """Forget what waits for these keys."""
        ...

    def next_pupils(self, sink: str, limit: int, which: Choice = Choice.ALL) -> set[str]:
        """Return whose entries `take` would take out."""
        ...

    def take(self, sink: str, limit: int, which: Choice = Choice.ALL) -> list[Sendable]:
        """Take out the most urgent entries of those that may go, with their payloads, parents first."""
        ...

    def delivered(self, sink: str, keys: Iterable[KindKey]) -> dict[KindKey, Delivered]:
        """Return what the sink was last seen to hold of these keys."""
        ...

    def settle(self, sink: str, items: Sequence[ItemRow], at: datetime) -> None:
        """Remember what the sink now holds; an older version never replaces a newer one."""
        ...

    def doubt(self, sink: str, versions: Mapping[KindKey, int], at: datetime) -> None:
        """Remember that the sink may hold these keys up to these versions, and nobody knows with what content."""
        ...

    def waiting(self) -> dict[str, int]:
        """Count what waits, by sink."""
        ...

    def holds(self, sink: str, keys: Iterable[KindKey]) -> dict[KindKey, str]:
        """Return the held batch of each of these keys that waits in one."""
        ...

    def release(self, hold: str, at: datetime) -> int:
        """Let the entries of a held batch go; from now on they count as seen."""
        ...

    def discard(self, hold: str) -> int:
        """Forget the entries of a held batch."""
        ...

    def waits_in(self, hold: str) -> bool:
        """Tell whether anything waits in a held batch."""
        ...

    def held_owners(self, kinds: Iterable[Kind]) -> set[str]:
        """Return the owners of whom anything of these kinds waits for approval."""
        ...

    def held_entries(self, hold: str) -> list[OutboxEntry]:
        """Return what waits in a held batch."""
        ...


class Batches(Protocol):
    """Batches and their items."""

    def add(self, row: BatchRow, items: Sequence[ItemRow], body: bytes, encoding: str) -> None:
        """Store a batch with its items and the very bytes that will travel."""
        ...

    def get(self, batch: str) -> BatchRow:
        """Return one batch by its id or an unambiguous beginning of it. Raises NotFound."""
        ...

    def find(self, states: Sequence[BatchState] = (), *, sink: str | None = None, limit: int = 1000) -> list[BatchRow]:
        """Return batches, newest first."""
        ...

    def next_pending(self, sink: str) -> BatchRow | None:
        """Return the pending batch that is next: a probe, else the one due first (of several the newest).

        It need not be due already. A second half is never next while the first is open.
        """
        ...

    def waiting_half(self, row: BatchRow) -> BatchRow | None:
        """Return the pending half that waits for what becomes of a first half."""
        ...

    def in_flight(self, sink: str) -> list[BatchRow]:
        """Return the batches sent and not settled."""
        ...

    def opens(self, batch: str) -> bool:
        """Tell whether the bytes of a batch can be read: not once the key of any pupil in it is destroyed."""
        ...

    def parcel(self, batch: str) -> Parcel:
        """Return a batch as it travels."""
        ...

    def items(self, batch: str) -> list[ItemRow]:
        """Return the items of a batch in their order."""
        ...

    def move(self, row: BatchRow, wanted: BatchState, **changes: Any) -> BatchRow:
        """Move a batch to another state. Raises IllegalTransition, LeaseLost."""
        ...

    def hasten(self, sink: str, at: datetime, *, unless: str) -> int:
        """Make pending batches due at once, save those whose last error is `unless`; returns how many."""
        ...

    def answer(self, batch: str, items: Sequence[ItemRow]) -> None:
        """Write what the sink answered to each item."""
        ...

    def mark_items(self, batch: str, state: ItemState, *, only: ItemState | None = None) -> None:
        """Move all items of a batch, or only those in one state, to another state."""
        ...

    def open_keys(self, sink: str) -> set[KindKey]:
        """Return the keys that travel in batches not yet settled."""
        ...

    def dead_items(self) -> int:
        """Count dead letters."""
        ...


class Quarantine(Protocol):
    """Records that break their contract."""

    def keep(self, feed: str, broken: Sequence[Broken], at: datetime) -> int:
        """Keep broken records and return how many are new."""
        ...

    def resolve(self, keys: Iterable[KindKey]) -> int:
        """Let go of keys that are well again and return how many were here."""
        ...

    def known_in(self, coverages: Iterable[Coverage]) -> dict[KindKey, str]:
        """Return what is quarantined inside the coverages, with its owner."""
        ...

    def find(self, limit: int = 1000) -> list[QuarantineRow]:
        """Return what is quarantined, oldest first."""
        ...

    def get(self, number: int) -> QuarantineRow:
        """Return one quarantined record. Raises NotFound."""
        ...

    def count(self) -> int:
        """Count what is quarantined."""
        ...
