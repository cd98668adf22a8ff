"""What the stages need from the store to keep account: one Protocol a family of tables, all in one transaction."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from ejsync.domain.batches import ItemState
from ejsync.domain.breaker import Breaker
from ejsync.domain.comparing import Comparison, Digest, Holding
from ejsync.domain.consent import Consent, Permission
from ejsync.domain.deadlines import OwedResults
from ejsync.domain.decisions import Selection, Standing
from ejsync.domain.delays import Moments
from ejsync.domain.office import Entry, OfficeImport, OfficeKind, OfficeRow
from ejsync.domain.reads import History, Order, PageMark, Read
from ejsync.domain.records import Kind
from ejsync.domain.standing import Delivered, FeedMark, SinkMark


class Consents(Protocol):
    """Registered decisions, and the permissions that have taken effect."""

    def register(self, consents: Sequence[Consent]) -> None:
        """Add decisions; their numbers are given by the store."""
        ...

    def of(self, pupils: Iterable[str] | None = None) -> dict[str, list[Consent]]:
        """Return every decision of these pupils (of all by default), by pupil id."""
        ...

    def were_registered(self, consents: Sequence[Consent]) -> list[bool]:
        """Tell of each decision whether it was ever registered, even if no row tells of it any more."""
        ...

    def withdraw(self, numbers: Sequence[int], at: datetime) -> None:
        """Mark decisions as withdrawn."""
        ...

    def in_effect(self, pupils: Iterable[str] | None = None) -> dict[str, Permission]:
        """Return the permissions that outbox and sinks were brought in line with."""
        ...

    def put_in_effect(self, permissions: Mapping[str, Permission], at: datetime) -> None:
        """Remember permissions as in effect."""
        ...


class Owed(Protocol):
    """Final results that sinks are owed within 24 hours; of other kinds nothing is kept."""

    def begin(self, sink: str, versions: Iterable[tuple[Kind, str, int]], at: datetime) -> None:
        """Let the hours of these versions run from now on; where they run already they go on running."""
        ...

    def settle(self, sink: str, versions: Iterable[tuple[Kind, str, int]]) -> None:
        """Nothing is owed any more of these keys up to these versions."""
        ...

    def next_deadline(self, sink: str, now: datetime) -> datetime | None:
        """Return the first deadline to come of what is free to go to a sink or travels."""
        ...

    def standing(self, now: datetime) -> dict[str, OwedResults]:
        """Return what is owed, by sink; those that are owed nothing are left out."""
        ...


class Breakers(Protocol):
    """How the hosts of sinks are doing, for all schools that send there."""

    def get(self, sink: str, host: str) -> Breaker | None:
        """Return the breaker of a host; None where nothing was ever amiss."""
        ...

    def save(self, breaker: Breaker) -> None:
        """Remember how a host stands."""
        ...


class Delays(Protocol):
    """How long changes took to reach sinks."""

    def note(self, sink: str, delivered: Iterable[tuple[Kind, Moments]], at: datetime, zone: ZoneInfo) -> None:
        """Count what reached a sink at an instant under the school's date."""
        ...


class StoreMarks(Protocol):
    """What the store remembers of itself, for one school: above all that it may be older than what its sinks hold."""

    def doubt(self, reason: str, at: datetime) -> None:
        """Note that this store may be older than what the sinks hold: all of them are to be compared whole."""
        ...

    def compared(self, sink: str, at: datetime) -> None:
        """Note that a sink was compared whole, begun at an instant."""
        ...

    def in_doubt(self, sink: str) -> bool:
        """Tell whether a sink is to be compared whole."""
        ...


class Keys(Protocol):
    """The keys that the payloads of one school are sealed with, one for each pupil."""

    def destroy(self, pupils: Iterable[str], *, nth: int = 1) -> None:
        """Destroy the keys of pupils for the nth time, in every copy too, inside a writing transaction."""
        ...

    def is_destroyed(self, subject: str | None) -> bool:
        """Tell whether the key of a pupil was ever destroyed, whether or not he has a new one."""
        ...

    def destroyed(self, subject: str | None) -> int:
        """Tell how often the key of a pupil was destroyed."""
        ...


class Marks(Protocol):
    """Where feeds and sinks stand, and the lease."""

    def feed(self, feed: str) -> FeedMark | None:
        """Return how a feed stands, or None before its first cycle."""
        ...

    def save_feed(self, mark: FeedMark) -> None:
        """Remember how a feed stands."""
        ...

    def feeds(self) -> list[FeedMark]:
        """Return how every feed stands."""
        ...

    def sink(self, sink: str) -> SinkMark:
        """Return how a sink stands."""
        ...

    def known_sinks(self) -> set[str]:
        """Return the sinks that have a mark: those that have joined."""
        ...

    def save_sink(self, mark: SinkMark) -> None:
        """Remember how a sink stands."""
        ...

    def require_epoch(self, epoch: int) -> None:
        """Refuse to go on if another instance took over. Raises LeaseLost."""
        ...


class Readings(Protocol):
    """Which days of whom were read and when, the pages last taken in, and days that an operator ordered to be read."""

    def history(self, feed: str, owners: Iterable[str] | None = None) -> dict[str, History]:
        """Return what one feed has read of these owners (of all by default), by owner."""
        ...

    def note(self, feed: str, owners: Iterable[str], read: Read, *, changed_at: datetime | None = None) -> None:
        """Remember that days of owners were read, and, if that changed anything, when it did."""
        ...

    def forget(self, owners: Iterable[str]) -> None:
        """Forget every read of these owners, so that all their days are due again."""
        ...

    def pages(self, feed: str) -> dict[str, PageMark]:
        """Return the pages last taken in whole, by the key of their window."""
        ...

    def keep_page(self, feed: str, window: str, page: PageMark) -> None:
        """Remember a page that was taken in whole."""
        ...

    def drop_pages(self, feed: str, before: datetime) -> None:
        """Forget pages that were taken in before an instant."""
        ...

    def orders(self, feed: str | None = None) -> list[Order]:
        """Return the days ordered to be read that are not read yet, oldest order first."""
        ...

    def order(self, order: Order) -> Order:
        """Order days to be read; the same days ordered already keep their first instant, which is returned."""
        ...

    def fulfil(self, order: Order) -> None:
        """Note an order as carried out; the orders of the same days are forgotten together, once all are."""
        ...


class Drift(Protocol):
    """Keys and types of a source's answers that no contract knows."""

    def note(self, method: str, drift: Mapping[tuple[str, str], int], at: datetime) -> None:
        """Add counts by place and finding."""
        ...


class Office(Protocol):
    """What the school's office holds: imports append, live is what the newest one holds that is not undone."""

    def add(self, made: OfficeImport, entries: Sequence[Entry]) -> int:
        """Add an import with all its rows and return its number."""
        ...

    def live(self, kind: OfficeKind, *, without: int | None = None) -> list[OfficeRow]:
        """Return what is live of a kind, by key; `without` an import, as if it were undone."""
        ...

    def of_class(self, name: str, pupils: Sequence[str]) -> list[OfficeRow]:
        """Return what is live of a class as a whole and of these pupils, by kind and key."""
        ...

    def imports(self) -> list[OfficeImport]:
        """Return every import, newest first."""
        ...

    def get(self, number: int) -> OfficeImport:
        """Return one import. Raises NotFound."""
        ...

    def rows(self, number: int) -> list[OfficeRow]:
        """Return the rows of one import, live or not."""
        ...

    def undo(self, number: int, at: datetime) -> OfficeImport:
        """Mark an import as undone and return it so. Raises NotFound."""
        ...


class Decisions(Protocol):
    """What operators choose, look at and decide about."""

    def last(self, feed: str) -> datetime | None:
        """Return when an operator last decided about what was held of a feed."""
        ...

    def standings(self, selection: Selection) -> Iterator[Standing]:
        """Yield the chosen items of the chosen batches as they stand now, batch by batch."""
        ...

    def mark(self, batch: str, positions: Iterable[int], state: ItemState) -> None:
        """Move some items of a batch to another state."""
        ...


class Comparisons(Protocol):
    """What comparisons with sinks found, and what they need."""

    def last(self) -> dict[str, Comparison]:
        """Return what the last comparison with each sink found."""
        ...

    def save(self, found: Comparison) -> None:
        """Remember what a comparison found in the place of the last one."""
        ...

    def digests(self, sink: str) -> dict[Kind, Digest]:
        """Return the digest of each kind that the sink was last seen to hold anything of."""
        ...

    def held(self, sink: str, kind: Kind, after: str, limit: int) -> list[Holding]:
        """Return what the sink was last seen to hold of a kind, by key in code point order, behind `after`."""
        ...

    def unsettled(
        self, sink: str, keys: Iterable[tuple[Kind, str]], since: datetime, until: datetime
    ) -> set[tuple[Kind, str]]:
        """Return which of these keys wait, travel, are dead letters, or were settled since an instant."""
        ...

    def correct(self, sink: str, truth: Iterable[tuple[tuple[Kind, str], Delivered | None]], at: datetime) -> None:
        """Write what a sink really holds, older or not; None: it holds nothing of the key."""
        ...
