"""What is needed from the store to erase a pupil and to keep nothing too long, bound to one transaction."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from ejsync.domain.changes import Known
from ejsync.domain.cutoffs import Cutoffs
from ejsync.domain.erasure import Erasure, KeptOut, KindHeld, Order, Step


class Erasures(Protocol):
    """Erasures of pupils, and what the store holds of a pupil."""

    def add(self, pseudonym: str, order: Order, floor: int, at: datetime, *, nth: int = 1) -> int:
        """Add an erasure that is ordered and return its number."""
        ...

    def get(self, number: int) -> Erasure:
        """Return one erasure."""
        ...

    def of(self, pseudonym: str) -> list[Erasure]:
        """Return every erasure of a pupil, oldest first."""
        ...

    def unfinished(self) -> list[Erasure]:
        """Return the erasures that have not come to their end, oldest first."""
        ...

    def kept_out(self) -> Mapping[str, KeptOut]:
        """Return every pupil that was ever erased, by pseudonym."""
        ...

    def floors(self) -> Mapping[str, int]:
        """Return above which version keys begin of those who came back, by pseudonym."""
        ...

    def note(self, number: int, sink: str, told: Mapping[str, Any]) -> None:
        """Keep what a diary answered."""
        ...

    def advance(self, before: Erasure, step: Step, at: datetime, found: Mapping[str, Any] | None = None) -> Erasure:
        """Go on to the next step. Raises LeaseLost if another process did meanwhile."""
        ...

    def lift(self, pseudonym: str, at: datetime, *, nth: int = 1) -> None:
        """Let a pupil in again who was erased so often."""
        ...

    def pupils(self) -> set[str]:
        """Return every pupil of whom there is a record or a decision."""
        ...

    def rows_of(self, pupil: str) -> dict[str, int]:
        """Count a pupil's rows by table; nothing for tables without any."""
        ...

    def known_of(self, pupil: str) -> list[Known]:
        """Return every record of a pupil, gone ones too."""
        ...

    def held_of(self, pupil: str) -> list[KindHeld]:
        """Return how much of each kind is held of a pupil."""
        ...

    def floor_of(self, pupil: str) -> int:
        """Return the highest version that a diary may hold of a key of this pupil."""
        ...

    def holders(self, pupil: str) -> set[str]:
        """Return the diaries that hold anything of a pupil, or are to get it."""
        ...

    def waits(self, pupil: str, sink: str) -> bool:
        """Tell whether anything of a pupil waits for a diary or travels to it."""
        ...

    def batches_of(self, pupil: str, sink: str | None = None) -> list[str]:
        """Return the batches under way (to one diary, or to any) that carry anything of a pupil."""
        ...

    def empty(self, pupil: str) -> None:
        """Delete at once what no diary has to be told of: what is set aside, and what the office holds."""
        ...

    def scrub(self, pupil: str, number: int) -> dict[str, int]:
        """Delete every row of a pupil; numbers of consents are given to nobody else. Returns counts by table."""
        ...


class Retention(Protocol):
    """What is kept longer than it should."""

    def last(self) -> datetime | None:
        """Return when what was past its time was last deleted; None for never."""
        ...

    def due(self, before: Cutoffs) -> dict[str, int]:
        """Count what is past its time, by what it is; nothing for what is not."""
        ...

    def purge(self, before: Cutoffs, at: datetime) -> dict[str, int]:
        """Delete what is past its time and note when that was; returns how much of what."""
        ...
