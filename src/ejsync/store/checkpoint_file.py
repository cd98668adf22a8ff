"""The newest checkpoint of each school, in a file beside the store: an older copy of the store does not hold it.

One line a school, as checkpoints travel, so that a copy of this file serves `audit verify --against`.
"""

import fcntl
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from ejsync.domain.checkpoints import Checkpoint
from ejsync.store.drafts import draft_of

_REMARK = "# "


class CheckpointFile:
    """The file `<store>.checkpoints`."""

    def __init__(self, store: Path) -> None:
        self.path = Path(f"{store}.checkpoints")

    def read(self) -> dict[str, Checkpoint]:
        """Return what is kept, by school; a line that cannot be read tells nothing."""
        found: dict[str, Checkpoint] = {}
        with suppress(OSError):
            for line in self._lines():
                with suppress(ValueError):
                    one = Checkpoint.read(line)
                    found[one.school] = one
        return found

    def keep(self, made: Checkpoint) -> None:
        """Keep a checkpoint in the place of its school's last, unless a later one is kept already.

        That it cannot be kept takes no commit back.
        """
        with suppress(OSError):
            self._change(lambda kept: kept if _is_later(kept.get(made.school), made) else kept | {made.school: made})

    def put_aside(self, school: str) -> None:
        """Keep a school's checkpoint as a remark only: an older store was put in place, and says so in its log."""
        with suppress(OSError):
            self._change(lambda kept: {name: one for name, one in kept.items() if name != school})

    def _change(self, change: Callable[[dict[str, Checkpoint]], dict[str, Checkpoint]]) -> None:
        """Write all in one go, for its owner alone: a reader sees the old lines or the new ones."""
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            before = self.read()
            after = change(before)
            remarks = [line for line in self._lines() if line.startswith(_REMARK)]
            remarks += [f"{_REMARK}{one.line()}" for name, one in sorted(before.items()) if name not in after]
            lines = [*(one.line() for _, one in sorted(after.items())), *remarks]
            with draft_of(self.path) as draft:
                draft.write_text("".join(f"{line}\n" for line in lines), encoding="ascii")
        finally:
            os.close(folder)

    def _lines(self) -> list[str]:
        return self.path.read_bytes().decode("ascii", "replace").split("\n") if self.path.exists() else []


def _is_later(kept: Checkpoint | None, made: Checkpoint) -> bool:
    return kept is not None and kept.key == made.key and kept.number > made.number
