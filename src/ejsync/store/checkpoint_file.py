"""The newest checkpoint of each school, in a file beside the store: an older copy of the store does not hold it.

One line a school, as checkpoints travel, so that a copy of this file serves `audit verify --against`.
"""

import os
from contextlib import suppress
from pathlib import Path
from tempfile import mkstemp

from ejsync.domain.checkpoints import Checkpoint


class CheckpointFile:
    """The file `<store>.checkpoints`."""

    def __init__(self, store: Path) -> None:
        self.path = Path(f"{store}.checkpoints")

    def read(self) -> dict[str, Checkpoint]:
        """Return what is kept, by school; a line that cannot be read tells nothing."""
        found: dict[str, Checkpoint] = {}
        with suppress(OSError):
            for line in self.path.read_bytes().decode("ascii", "replace").split("\n"):
                with suppress(ValueError):
                    one = Checkpoint.read(line)
                    found[one.school] = one
        return found

    def keep(self, made: Checkpoint) -> None:
        """Keep a checkpoint in the place of its school's last; that it cannot be kept takes no commit back."""
        kept = self.read() | {made.school: made}
        with suppress(OSError):
            self._write("".join(f"{one.line()}\n" for _, one in sorted(kept.items())))

    def _write(self, text: str) -> None:
        """Write all in one go, for its owner alone: a reader sees the old lines or the new ones."""
        number, beside = mkstemp(dir=self.path.parent, prefix=f".{self.path.name}.")
        with os.fdopen(number, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(number)
        Path(beside).replace(self.path)
