"""The tables of what reading remembers: days read, pages, ordered days, the source's sealed memory, drift."""

from datetime import date, datetime

from sqlalchemy import Column, Index, LargeBinary
from sqlmodel import Field, SQLModel

from ejsync.store.tables import instant


class ReadingRow(SQLModel, table=True):
    """Which days of an owner one feed has read, and when; `changed_at` is when a page last changed anything."""

    __tablename__ = "reading"
    school: str = Field(primary_key=True)
    feed: str = Field(primary_key=True)
    owner: str = Field(primary_key=True)
    spans: str
    changed_at: datetime | None = instant(nullable=True)


class PageRow(SQLModel, table=True):
    """The keyed hash of the last answer of a window that was taken in whole."""

    __tablename__ = "page"
    __table_args__ = (Index("page_by_age", "school", "feed", "at"),)
    school: str = Field(primary_key=True)
    window: str = Field(primary_key=True)
    feed: str
    digest: str
    at: datetime = instant()


class ReadOrderRow(SQLModel, table=True):
    """Days of a feed that an operator ordered to be read; a row stays until every feed of these days is read."""

    __tablename__ = "read_order"
    school: str = Field(primary_key=True)
    feed: str = Field(primary_key=True)
    first: date = Field(primary_key=True)
    last: date = Field(primary_key=True)
    ordered_at: datetime = instant()
    done: bool = False


class MemoryRow(SQLModel, table=True):
    """What a source remembers between runs (tokens, rights, sizes), sealed."""

    __tablename__ = "memory"
    school: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    at: datetime = instant()


class DriftRow(SQLModel, table=True):
    """A key or a type of a source's answers that no contract knows: where, how often, since when; never a value."""

    __tablename__ = "drift"
    school: str = Field(primary_key=True)
    method: str = Field(primary_key=True)
    place: str = Field(primary_key=True)
    found: str = Field(primary_key=True)
    count: int
    first_seen_at: datetime = instant()
    last_seen_at: datetime = instant()
