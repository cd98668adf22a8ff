"""The file lock that says which process works on a store; it vanishes with its process."""

import fcntl
import os
from pathlib import Path
from typing import IO

from ejsync.errors import InstanceRunning

OWNER_ONLY = 0o600


def locked(store: Path) -> IO[str]:
    """Take the lock `<store>.lock` and return it; closing it lets go.

    Raises:
        InstanceRunning: another process holds it.
        OSError: the file cannot be made.
    """
    number = os.open(f"{store}.lock", os.O_RDWR | os.O_CREAT | os.O_APPEND, OWNER_ONLY)
    lock = os.fdopen(number, "a+", encoding="utf-8")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        pid = _pid(lock)
        lock.close()
        raise InstanceRunning(path=str(store), pid=pid) from None
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def _pid(lock: IO[str]) -> int:
    """Return the process that a held lock names, 0 where it names none."""
    lock.seek(0)
    try:
        return int(lock.read().strip())
    except ValueError:
        return 0
