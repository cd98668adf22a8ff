"""A program that migrates a database and is killed at each statement in turn, until a migration goes through.

`python -m tests.doubles.killed_migration PATH HOOK PATH HOOK …`: prints, behind the name of the file, a hash of what
each kill left, and at the end of what became.
"""

import os
import signal
import sys
from pathlib import Path

import alembic.command  # noqa: F401 - loaded once, not in each of the children
from sqlalchemy import event

from ejsync.runtime import SystemClock
from ejsync.store import connecting, database, upgrading
from tests.doubles.old_store import content
from tests.doubles.vault import sealed_store

prepare = connecting._prepare


def unsynced(connection, record):
    """A killed process loses nothing that it wrote: only a power cut would need the disk."""
    prepare(connection, record)
    connection.execute("PRAGMA synchronous=OFF")


def killed_at(step, path, hook):
    """Open the store in a child that is killed at a statement of its migration; tell whether it was."""
    child = os.fork()
    if child == 0:
        upgrade, counted = upgrading.upgrade, iter(range(step))

        def count(*_):
            if next(counted, None) is None:
                os.kill(os.getpid(), signal.SIGKILL)

        def armed(connection):
            event.listen(connection, hook, count)
            upgrade(connection)
            event.remove(connection, hook, count)

        upgrading.upgrade, connecting._prepare = armed, unsynced
        database.remove_traces = lambda *_: False  # what other children left in the backups is no part of a migration
        sealed_store(path, SystemClock()).close()
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in {0, -signal.SIGKILL}, code
    return code != 0


if __name__ == "__main__":
    for name, hook in zip(sys.argv[1::2], sys.argv[2::2], strict=True):
        place, step = Path(name), 0
        while killed_at(step, place, hook):
            print(place.name, content(place), flush=True)
            step += 1
        print(place.name, content(place), flush=True)
