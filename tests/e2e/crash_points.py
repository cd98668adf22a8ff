"""Named places at which a living instance ends itself by SIGKILL; they are patched in here and nowhere in the product.

A transaction is named by each thing it wrote into the audit (`silent` where it wrote nothing), so that the names
follow what the instance does, not how its modules are cut.
"""

import os
import signal
import threading
from collections import Counter
from contextlib import contextmanager
from importlib import import_module

from sqlalchemy import Engine, event

from ejsync.sinks.ed.client import EdSink
from ejsync.sources.eljur.client import EljurSource
from ejsync.store import SqlStore, StoreMemory
from ejsync.store.audit_table import AuditTable
from ejsync.store.heads import HeadFile

COMMITS = (
    "silent", "instance.started", "window.read", "feed.read", "sink.joined", "batch.claimed", "batch.settled",
    "batch.failed", "batch.recovered",
)  # fmt: skip
CALLS = {
    "lease": (SqlStore, "acquire"),
    "fetch": (EljurSource, "fetch"),
    "push": (EdSink, "push"),
    "memory": (StoreMemory, "keep"),
    "head": (HeadFile, "advance"),
}
POINTS = (
    *(f"{side} commit of {name}" for name in COMMITS for side in ("before", "after")),
    *(f"{side} {name}" for name in CALLS for side in ("before", "after")),
    "audit entry written",
    "statement",
)
"""Every place; `statement` is any SQL statement at all."""

ERASING = {
    "keys": ("ejsync.vault", "Vault", "strike"),
    "diary": ("ejsync.sinks.ed.client", "EdSink", "erase"),
    "sweep": ("ejsync.reports.acting", "Paperwork", "sweep"),
    "withdrawals": ("ejsync.store.withdrawals", "WithdrawalFile", "forget"),
    "copy": ("ejsync.store.sweeping", "", "scrub_copy"),
    "act": ("ejsync.reports.acting", "Paperwork", "write_act"),
    "file": ("ejsync.reports.acting", "", "_written"),
    "flush": ("ejsync.reports.acting", "Paperwork", "flush"),
}
"""What an erasure calls outside of its transactions, in its order: module, class and method."""
OF_AN_ERASURE = (
    *(f"{side} commit of silent" for side in ("before", "after")),
    *(f"{side} {name}" for name in ("keys",) for side in ("before", "after")),
    *(f"{side} commit of erasure.begun" for side in ("before", "after")),
    *(f"{side} commit of batch.claimed" for side in ("before", "after")),
    *(f"{side} commit of batch.settled" for side in ("before", "after")),
    *(f"{side} diary" for side in ("before", "after")),
    *(f"{side} commit of erasure.{name}" for name in ("told", "deleted") for side in ("before", "after")),
    *(f"{side} {name}" for name in ("withdrawals", "copy", "sweep") for side in ("before", "after")),
    *(f"{side} commit of erasure.swept" for side in ("before", "after")),
    *(f"{side} {name}" for name in ("file", "act") for side in ("before", "after")),
    *(f"{side} commit of erasure.witnessed" for side in ("before", "after")),
    *(f"{side} flush" for side in ("before", "after")),
    *(f"{side} commit of erasure.done" for side in ("before", "after")),
)
"""Every place of an erasure without a working instance, in the order in which it is passed."""


class Fuse:
    """Ends this process when one place is passed for the nth time, and says so on a pipe first.

    Args:
        point: one of `POINTS`, or nothing for a life that only others end.
        nth: how often it must be passed.
        told: file descriptor that learns what ended the process.
    """

    def __init__(self, point, nth, told):
        self._point, self._left, self._told = point, nth, told
        self._lock = threading.Lock()

    def passed(self, point):
        """Note that a place is passed."""
        if point != self._point:
            return
        with self._lock:
            self._left -= 1
            if self._left == 0:
                os.write(self._told, point.encode())
                os.kill(os.getpid(), signal.SIGKILL)


def lay(fuse):
    """Patch every place of this process, which must be a child that nobody needs afterwards."""
    writing = threading.local()
    begin, append = SqlStore.begin, AuditTable.append

    @contextmanager
    def begun(store, school):
        witnessed = writing.now = []
        with begin(store, school) as tx:
            yield tx
            for name in witnessed or ["silent"]:
                fuse.passed(f"before commit of {name}")
        for name in witnessed or ["silent"]:
            fuse.passed(f"after commit of {name}")

    def appended(table, name, details, at):
        seq = append(table, name, details, at)
        writing.now.append(name)
        fuse.passed("audit entry written")
        return seq

    SqlStore.begin, AuditTable.append = begun, appended
    for name, (owner, method) in CALLS.items():
        setattr(owner, method, _framed(fuse, name, getattr(owner, method)))
    event.listen(Engine, "before_cursor_execute", lambda *_: fuse.passed("statement"))


def lay_erasing(fuse):
    """Patch the places of an erasure too; apart from the others, because setting pages is slow to load."""
    lay(fuse)
    for name, (module, owner, method) in ERASING.items():
        found = import_module(module)
        found = getattr(found, owner) if owner else found
        setattr(found, method, _framed(fuse, name, getattr(found, method)))


def _framed(fuse, name, work):
    def framed(*arguments, **named):
        fuse.passed(f"before {name}")
        try:
            return work(*arguments, **named)
        finally:
            fuse.passed(f"after {name}")

    return framed


def tallied(deaths):
    """Return how often each place ended a life; raises AssertionError for a place that is not known."""
    counted = Counter(deaths)
    assert counted.keys() <= {*POINTS, "at random"}, counted.keys() - {*POINTS}
    return counted
