"""What every foreseen error is made of: code, cause, next command, disposition, exit code."""

from dataclasses import dataclass, fields
from enum import IntEnum, StrEnum
from typing import ClassVar

from ejsync.wording import N_, say, translated


class Disposition(StrEnum):
    """What the caller does with an error: stages act on this, not on classes."""

    RETRY = "retry"
    QUARANTINE = "quarantine"
    DEAD_LETTER = "dead-letter"
    HALT = "halt"


class Exit(IntEnum):
    """Process exit codes; README explains each of them."""

    WELL = 0
    BUG = 1
    USAGE = 2
    WITH_DEAD_ITEMS = 3
    CONFIGURATION = 4
    TEMPORARY = 5
    STALE = 6
    HELD = 7
    AUDIT_BROKEN = 8
    INSTANCE_RUNNING = 10


_WORDS = frozenset({"reason", "what"})


@dataclass(eq=False, kw_only=True)
class EjsyncError(Exception):
    """Something ejsync foresaw; carries a code, a cause and the next command."""

    code: ClassVar[str] = "EJ-000"
    cause: ClassVar[str] = N_("Something went wrong.")
    next_step: ClassVar[str] = N_("ejsync doctor")
    disposition: ClassVar[Disposition] = Disposition.HALT
    exit_code: ClassVar[Exit] = Exit.BUG

    def facts(self) -> dict[str, object]:
        """Return the typed attributes by name: safe to log, never personal."""
        return {item.name: getattr(self, item.name) for item in fields(self)}

    def sentence(self) -> str:
        """Return the cause in the operator's language, and in it the reason where the catalogue knows it."""
        return say(self.cause, **self._told())

    def remedy(self) -> str:
        """Return the next command to type, in the operator's language where it has words."""
        return say(self.next_step, **self._told())

    def _told(self) -> dict[str, object]:
        facts = self.facts()
        return {name: translated(str(value)) if name in _WORDS else _listed(value) for name, value in facts.items()}

    def __str__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in self.facts().items())
        return f"{self.code} {type(self).__name__}({shown})"


def _listed(value: object) -> object:
    """Write several values as people do, not as Python does."""
    return ", ".join(map(str, value)) if isinstance(value, tuple) else value
