"""What an operator chooses of batches and their items, and how each item stands now; versions only, never content."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ejsync.domain.batches import BatchState, ItemState
from ejsync.domain.changes import Op
from ejsync.domain.records import Kind

Reason = str
"""The sink's answer code to an item, or the code of the last error of its batch."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which batches are meant, and which of their items; what is None or empty excludes nothing.

    Attributes:
        batch: the id of one batch.
        states: of batches; *dead* means with dead letters that nobody has decided about, whatever the state.
        dead: only batches with such dead letters.
        items: the states of the items that are meant.
        since: made at this instant or later; `until`: made before this one.
    """

    batch: str | None = None
    states: tuple[BatchState, ...] = ()
    dead: bool = False
    items: tuple[ItemState, ...] = ()
    sink: str | None = None
    kind: Kind | None = None
    reason: Reason | None = None
    since: datetime | None = None
    until: datetime | None = None


ALL = Selection()


class Fate(StrEnum):
    """What becomes of a dead letter that is replayed."""

    SENT = "sent"
    SUPERSEDED = "superseded"
    WITHHELD = "withheld"
    HELD = "held"


class Now(StrEnum):
    """How what a batch carried stands against what is known now."""

    UNCHANGED = "unchanged"
    SUPERSEDED = "superseded"
    GONE = "gone"
    CONSENT_ENDED = "consent ended"


class AtSink(StrEnum):
    """What the sink was last seen to hold, against what a batch carried."""

    THIS = "this version"
    OLDER = "an older version"
    NEWER = "a newer version"
    NOTHING = "nothing"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Standing:
    """An item of a batch beside what stands of its key now; every version is None where there is none.

    Attributes:
        known: the version that is known now, and `gone` whether that is a retraction.
        allowed: whether what is personal in it may leave.
        hold: the held batch that the key waits in.
        waits: the version that waits in the outbox.
        travels: the highest version that other open batches to the sink carry.
        there: the version the sink was last seen to hold; `there_live` whether families see it, `there_content` its
            fingerprint, empty where nobody knows.
    """

    batch: str
    sink: str
    position: int
    op: Op
    kind: Kind
    key: str
    version: int
    fingerprint: str
    state: ItemState
    reason: Reason | None
    known: int | None
    gone: bool
    allowed: bool
    hold: str | None
    waits: int | None
    travels: int | None
    there: int | None
    there_live: bool
    there_content: str

    @property
    def closed(self) -> bool:
        """Tell whether this may not be sent for want of a consent; a retraction always may."""
        return self.op is Op.UPSERT and not self.allowed


def fate(standing: Standing) -> Fate:
    """Tell what a replay does with a dead letter: only what is still the newest, free and alone goes again."""
    if standing.closed:
        return Fate.WITHHELD
    if standing.hold is not None:
        return Fate.HELD
    under_way = max(standing.waits or 0, standing.travels or 0)
    if standing.known != standing.version or under_way >= standing.version:
        return Fate.SUPERSEDED
    return Fate.SENT


def now(standing: Standing) -> Now:
    """Compare what a batch carried with what is known now."""
    if standing.closed:
        return Now.CONSENT_ENDED
    if standing.op is Op.UPSERT and standing.gone:
        return Now.GONE
    return Now.UNCHANGED if standing.known == standing.version else Now.SUPERSEDED


def at_sink(standing: Standing) -> AtSink:
    """Compare what a batch carried with what the sink was last seen to hold."""
    if standing.there is None or not standing.there_live:
        return AtSink.NOTHING
    if not standing.there_content:
        return AtSink.UNKNOWN
    if standing.there == standing.version:
        return AtSink.THIS
    return AtSink.OLDER if standing.there < standing.version else AtSink.NEWER
