"""ports.Memory on the store: sealed before it is kept, each word in a small transaction of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import structlog

from ejsync.errors import StoreError
from ejsync.pipeline.ports import Clock
from ejsync.sealing import Seal
from ejsync.store.database import SqlStore

log = structlog.get_logger("ejsync.store")


@dataclass(frozen=True, slots=True)
class StoreMemory:
    """What one school's source remembers between runs.

    Losing it costs a sign-in and some questions asked again, never more: a database that cannot be used now is a line
    in the log here, and an error where the flow itself needs it.
    """

    store: SqlStore
    school: str
    seal: Seal
    clock: Clock

    def recall(self, name: str) -> bytes | None:
        """Return what was kept; None if there is nothing, or nothing that this instance's seal opens."""
        sealed = None
        with self._unharmed("recall"), self.store.read(self.school) as tx:
            sealed = tx.memory.recall(name)
        return None if sealed is None else self.seal.open(sealed, self.school, name)

    def keep(self, name: str, value: bytes) -> None:
        """Seal something and keep it."""
        sealed = self.seal.close(value, self.school, name)
        with self._unharmed("keep"), self.store.begin(self.school) as tx:
            tx.memory.keep(name, sealed, self.clock.now())

    def forget(self, name: str) -> None:
        """Let go of something."""
        with self._unharmed("forget"), self.store.begin(self.school) as tx:
            tx.memory.forget(name)

    @contextmanager
    def _unharmed(self, op: str) -> Iterator[None]:
        try:
            yield
        except StoreError as error:
            log.warning("memory.lost", school=self.school, op=op, code=error.code, reason=error.reason)
