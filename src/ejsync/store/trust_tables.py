"""The tables by which others can trust a store: signed checkpoints, erasures of pupils, decisions once known."""

from datetime import datetime

from sqlalchemy import Column, LargeBinary
from sqlmodel import Field, SQLModel

from ejsync.store.tables import instant


class CheckpointRow(SQLModel, table=True):
    """A checkpoint as the line in which it travels; the `peaks` of a school's newest let its tree grow on."""

    __tablename__ = "checkpoint"
    school: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    line: str
    peaks: str


class ErasureRow(SQLModel, table=True):
    """The erasure of a pupil: whom, why and on what paper stand sealed in `payload`, until the act is written.

    `nth` counts the erasures of one pupil. `told` and `found` are JSON without personal data; no version of a key of
    his went beyond `floor`, and no number of a consent beyond `consents`.
    """

    __tablename__ = "erasure"
    id: int | None = Field(default=None, primary_key=True)
    school: str = Field(index=True)
    pseudonym: str
    step: str
    payload: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    told: str = "{}"
    found: str = "{}"
    floor: int = 0
    consents: int = 0
    nth: int = 1
    begun_at: datetime = instant()
    step_at: datetime = instant()
    lifted_at: datetime | None = instant(nullable=True)


class KnownDecisionRow(SQLModel, table=True):
    """A decision that was ever registered, as a keyed hash: an old sheet must not revive what is forgotten."""

    __tablename__ = "known_decision"
    school: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
