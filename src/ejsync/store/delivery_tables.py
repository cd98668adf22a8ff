"""The tables by which delivery is watched: breakers, delays, comparisons with diaries, and the store itself."""

from datetime import date, datetime

from sqlmodel import Field, SQLModel

from ejsync.store.tables import instant


class BreakerRow(SQLModel, table=True):
    """How a host that diaries stand on is doing, for all schools that send there."""

    __tablename__ = "breaker"
    sink: str = Field(primary_key=True)
    host: str = Field(primary_key=True)
    state: str
    failures: int
    since: datetime = instant()
    retry_at: datetime | None = instant(nullable=True)
    error: str | None = None


class DelayRow(SQLModel, table=True):
    """How many changes reached a sink on one day within a span of seconds; `bucket` numbers the span.

    `count` counts from the instant they were seen, `at_most` from the read before.
    """

    __tablename__ = "delay"
    school: str = Field(primary_key=True)
    sink: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    feed: str = Field(primary_key=True)
    bucket: int = Field(primary_key=True)
    count: int
    at_most: int
    worst_s: float


class ComparisonRow(SQLModel, table=True):
    """What the last comparison with a sink found; `counts` is JSON by finding."""

    __tablename__ = "comparison"
    school: str = Field(primary_key=True)
    sink: str = Field(primary_key=True)
    at: datetime = instant()
    scope: str
    counts: str
    error: str | None = None


class StoreMarkRow(SQLModel, table=True):
    """What the store remembers of itself, of one school or (`school` empty) of all: that it was put back, and when."""

    __tablename__ = "store_mark"
    school: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    value: str
    at: datetime = instant()
