"""What the stages need from the store to bear witness: the audit log, and what of it was signed."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Protocol

from ejsync.domain.audit import AuditEvent
from ejsync.domain.checkpoints import Checkpoint
from ejsync.domain.merkle import Frontier


class Audit(Protocol):
    """The hash chain of one school."""

    def append(self, event: str, details: Mapping[str, Any], at: datetime) -> int:
        """Seal one more entry and return its number."""
        ...

    def head(self) -> tuple[int, str]:
        """Return number and hash of the last entry."""
        ...

    def walk(self, after: int = 0, *, event: str | None = None) -> Iterator[AuditEvent]:
        """Yield the entries after a number, in order; only those of one kind of event, if it is named."""
        ...


class Checkpoints(Protocol):
    """Signed checkpoints of the log of one school."""

    def newest(self) -> Checkpoint | None:
        """Return the newest one, or None before the first."""
        ...

    def frontier(self) -> Frontier:
        """Return the tree as it was at the newest one."""
        ...

    def save(self, made: Checkpoint, frontier: Frontier) -> None:
        """Add one, and the tree that it stands for."""
        ...
