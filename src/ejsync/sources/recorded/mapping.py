"""A recorded page is canonical already: it is checked for its form and taken as it is."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from ejsync.domain.records import Feed, Kind, Record
from ejsync.domain.windows import Coverage, Days, Page, Reading


class RecordedDays(BaseModel):
    """School days, both ends included."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    first: date
    last: date

    def days(self) -> Days:
        """Return them as the domain has them."""
        return Days(self.first, self.last)


class RecordedRecord(BaseModel):
    """One record; `data` is not judged here, so that a rehearsal may hold broken ones."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind
    key: str = Field(min_length=1)
    owner: str = Field(min_length=1)
    pupil: str | None = None
    day: date | None = None
    data: Mapping[str, Any]


class RecordedCoverage(BaseModel):
    """What the page speaks about completely."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kinds: frozenset[Kind]
    owners: tuple[str, ...]
    days: RecordedDays | None = None
    believable_when_empty: bool = False


class RecordedPage(BaseModel):
    """One file of the folder."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    feed: Feed
    scope: str = Field(min_length=1)
    days: RecordedDays | None = None
    records: tuple[RecordedRecord, ...] = ()
    coverages: tuple[RecordedCoverage, ...] = ()


def read(page: Page) -> Reading:
    """Say what a page of this source means: exactly what is written in it."""
    played: RecordedPage = page.payload
    return Reading(tuple(map(_record, played.records)), tuple(map(_coverage, played.coverages)))


def _record(row: RecordedRecord) -> Record:
    return Record(row.kind, row.key, row.owner, row.pupil, row.day, dict(row.data))


def _coverage(row: RecordedCoverage) -> Coverage:
    return Coverage(row.kinds, row.owners, row.days.days() if row.days else None, row.believable_when_empty)
