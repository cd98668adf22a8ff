"""The tables; payload columns (`payload`, `body`) are the only places where personal data stand, all of them sealed."""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Column, DateTime, Dialect, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel


class Instant(TypeDecorator[datetime]):
    """An aware UTC instant, on databases with and without time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Write UTC."""
        return value.astimezone(UTC).replace(tzinfo=None) if value and dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Read UTC."""
        return value.replace(tzinfo=UTC) if value and dialect.name == "sqlite" else value


def instant(*, nullable: bool = False) -> Any:
    """Declare a column that holds an instant."""
    return Field(sa_type=Instant, nullable=nullable, default=None)


def _bytes() -> Any:
    return Field(sa_column=Column(LargeBinary, nullable=False))


class RecordRow(SQLModel, table=True):
    """Every key ever seen, with its last version; `gone` rows keep the version going."""

    __tablename__ = "record"
    __table_args__ = (
        UniqueConstraint("school", "kind", "key"),
        Index("record_by_owner", "school", "owner", "kind", "day"),
    )
    id: int | None = Field(default=None, primary_key=True)
    school: str
    kind: str
    key: str
    owner: str
    pupil: str | None = Field(default=None)
    day: date | None = None
    version: int
    fingerprint: str
    gone: bool
    payload: bytes = _bytes()
    changed_at: datetime = instant()


class OutboxRow(SQLModel, table=True):
    """A change waiting for one sink; a newer one of the same key takes its place.

    `seen_at` tells when the first change of the key that the sink has not got was seen, `hidden_at` when the journal
    was last read before without showing it: it became visible between the two.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("school", "sink", "kind", "key"),
        Index("outbox_in_order", "school", "sink", "hold", "priority", "rank", "id"),
    )
    id: int | None = Field(default=None, primary_key=True)
    school: str
    sink: str
    kind: str
    key: str
    pupil: str | None = None
    op: str
    version: int
    fingerprint: str
    rank: int
    priority: int
    hold: str | None = None
    queued_at: datetime = instant()
    seen_at: datetime | None = instant(nullable=True)
    hidden_at: datetime | None = instant(nullable=True)


class OwedRow(SQLModel, table=True):
    """A final result that has not reached a sink yet: the clock of each version, until it or a newer one is there."""

    __tablename__ = "owed"
    school: str = Field(primary_key=True)
    sink: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    seen_at: datetime = instant()


class DeliveredRow(SQLModel, table=True):
    """What a sink was last seen to hold of a key."""

    __tablename__ = "delivered"
    school: str = Field(primary_key=True)
    sink: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    version: int
    fingerprint: str
    live: bool
    at: datetime = instant()


class BatchTableRow(SQLModel, table=True):
    """A batch: its bytes and idempotency key stand here before the first byte is sent."""

    __tablename__ = "batch"
    __table_args__ = (Index("batch_by_state", "school", "sink", "state", "due_at"),)
    batch: str = Field(primary_key=True)
    school: str
    sink: str
    state: str
    idempotency_key: str = Field(sa_column=Column(String, nullable=False, unique=True))
    reason: str
    created_at: datetime = instant()
    due_at: datetime = instant()
    attempts: int = 0
    epoch: int = 0
    items: int = 0
    dead: int = 0
    replay_of: str | None = None
    split_of: str | None = None
    last_error: str | None = None
    settled_at: datetime | None = instant(nullable=True)
    body: bytes = _bytes()
    encoding: str = ""
    refused: int = Field(default=0, sa_column_kwargs={"server_default": "0"})


class BatchItemRow(SQLModel, table=True):
    """One change inside a batch, and what the sink answered to it."""

    __tablename__ = "batch_item"
    __table_args__ = (Index("item_by_state", "school", "state", "kind", "key"),)
    batch: str = Field(primary_key=True)
    position: int = Field(primary_key=True)
    school: str
    op: str
    kind: str
    key: str
    pupil: str | None = None
    version: int
    fingerprint: str
    state: str
    code: str | None = None
    pointer: str | None = None
    seen_at: datetime | None = instant(nullable=True)
    hidden_at: datetime | None = instant(nullable=True)


class QuarantineTableRow(SQLModel, table=True):
    """A record that breaks its contract, until it is mended at the source or released."""

    __tablename__ = "quarantine"
    __table_args__ = (UniqueConstraint("school", "kind", "key"),)
    id: int | None = Field(default=None, primary_key=True)
    school: str
    feed: str
    kind: str
    key: str
    owner: str
    pupil: str | None = None
    day: str | None = None
    contract: str
    pointers: str
    payload: bytes = _bytes()
    first_seen_at: datetime = instant()
    last_seen_at: datetime = instant()


class ConsentRow(SQLModel, table=True):
    """A family's registered decision; rows are never changed but for their withdrawal. `payload` names its document."""

    __tablename__ = "consent"
    __table_args__ = (Index("consent_by_pupil", "school", "pupil"),)
    id: int | None = Field(default=None, primary_key=True)
    school: str
    pupil: str
    scope: str
    decision: str
    given_by: str
    payload: bytes = _bytes()
    valid_from: date
    valid_until: date | None = None
    withdrawn_at: datetime | None = instant(nullable=True)
    registered_at: datetime = instant()


class PermissionRow(SQLModel, table=True):
    """The permission that has taken effect for a pupil: outbox and sinks were brought in line with it."""

    __tablename__ = "permission"
    school: str = Field(primary_key=True)
    pupil: str = Field(primary_key=True)
    allowed: bool
    ground: str
    consent_number: int | None = None
    since: datetime = instant()


class AuditRow(SQLModel, table=True):
    """One entry of a school's hash chain; `details` is canonical JSON without personal data."""

    __tablename__ = "audit_event"
    school: str = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    at: str
    event: str
    details: str
    previous: str
    hash: str


class FeedRow(SQLModel, table=True):
    """How a feed stands."""

    __tablename__ = "feed_mark"
    school: str = Field(primary_key=True)
    feed: str = Field(primary_key=True)
    read_at: datetime | None = instant(nullable=True)
    error: str | None = None
    windows: int = 0
    failed: int = 0
    uncovered: str = "{}"
    counts: str = "{}"


class SinkRow(SQLModel, table=True):
    """How a sink stands."""

    __tablename__ = "sink_mark"
    school: str = Field(primary_key=True)
    sink: str = Field(primary_key=True)
    retry_at: datetime | None = instant(nullable=True)
    failures: int = 0
    error: str | None = None
    delivered_at: datetime | None = instant(nullable=True)
    batch_items: int | None = None


class LeaseRow(SQLModel, table=True):
    """Who works on this store; each taking raises the epoch, and late commits of an older epoch are refused."""

    __tablename__ = "lease"
    name: str = Field(primary_key=True)
    epoch: int
    pid: int
    taken_at: datetime = instant()
