"""The tables of what the office holds: imports, and their rows, of which none is ever changed."""

from datetime import datetime

from sqlalchemy import Column, Index, LargeBinary
from sqlmodel import Field, SQLModel

from ejsync.store.tables import Instant


class OfficeImportTableRow(SQLModel, table=True):
    """One imported sheet; `undone_at` is all that ever changes of it."""

    __tablename__ = "office_import"
    id: int | None = Field(default=None, primary_key=True)
    school: str
    kind: str
    origin: str
    new: int
    changed: int
    same: int
    at: datetime = Field(sa_type=Instant, nullable=False)
    undone_at: datetime | None = Field(sa_type=Instant, nullable=True, default=None)


class OfficeTableRow(SQLModel, table=True):
    """One row of an imported sheet; of several imports that hold a key the newest one that is not undone is live."""

    __tablename__ = "office_row"
    __table_args__ = (
        Index("office_by_pupil", "school", "pupil"),
        Index("office_by_class", "school", "school_class"),
        Index("office_by_key", "school", "kind", "key"),
    )
    import_id: int = Field(primary_key=True)
    key: str = Field(primary_key=True)
    school: str
    kind: str
    pupil: str | None = None
    school_class: str | None = None
    payload: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
