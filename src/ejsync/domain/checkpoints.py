"""Checkpoints: a signed statement that a school's audit log had these entries, in this order, and no others.

The format stands in `docs/audit-format.md`. Whoever keeps a checkpoint elsewhere finds out whether the log was cut,
written anew, or replaced by an older one.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import astuple, dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from ejsync.domain.audit import AuditEvent
from ejsync.domain.merkle import Frontier, leaf
from ejsync.errors import AuditBroken
from ejsync.wording import N_

ORIGIN = "ejsync audit v1"
RENEWED = "keys.renewed"
"""The entry behind which another key signs; its `former` is the public key of before."""
OTHER = N_("a checkpoint stands for other entries: the log was written anew, or is another one")
SHORTER = N_("a checkpoint stands for more entries: the end was cut off, or an older database was put back")
UNSIGNED = N_("a checkpoint's signature does not fit: it was altered, or another key signed it")
MISSING = N_("a checkpoint is missing, doubled or out of order")
_LINE = re.compile(
    r"([0-9A-Za-z][0-9A-Za-z._-]{0,63}) ([1-9][0-9]{0,14}) ([1-9][0-9]{0,14}) "
    r"([0-9a-f]{64}) ([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z) "
    r"([0-9a-f]{64}) ([0-9a-f]{128})",
    re.ASCII,
)


class Signer(Protocol):
    """Signs in the name of this installation."""

    @property
    def public(self) -> str:
        """The public key: 64 lower-case hex digits."""
        ...

    def sign(self, text: bytes) -> str:
        """Return the Ed25519 signature of a text as 128 lower-case hex digits."""
        ...


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The log of a school at one size.

    Attributes:
        number: 1 for the school's first checkpoint, then one more each, so that none can be left out unseen.
        size: how many entries it stands for, at least one.
        root: of the Merkle tree over them; like `key` and `signature` in lower-case hex digits.
        at: when it was signed, written as in audit entries.
    """

    school: str
    number: int
    size: int
    root: str
    at: str
    key: str
    signature: str = ""

    def text(self) -> bytes:
        """Return what is signed: six lines."""
        return f"{ORIGIN}\n{self.school}\n{self.number}\n{self.size}\n{self.root}\n{self.at}\n".encode()

    def document(self) -> dict[str, Any]:
        """Return the checkpoint by the names of its members."""
        return {name: getattr(self, name) for name in self.__slots__}

    def line(self) -> str:
        """Return the one line of ASCII in which a checkpoint travels and is kept elsewhere."""
        return " ".join(map(str, astuple(self)))

    @classmethod
    def read(cls, line: str) -> "Checkpoint":
        """Read such a line.

        Raises:
            ValueError: it is none.
        """
        found = _LINE.fullmatch(line)
        if found is None:
            raise ValueError("no checkpoint")
        school, number, size, *rest = found.groups()
        return cls(school, int(number), int(size), *rest)


def signed(school: str, number: int, frontier: Frontier, at: str, signer: Signer) -> Checkpoint:
    """Make a checkpoint of a log that has grown to a frontier."""
    draft = Checkpoint(school, number, frontier.size, frontier.root().hex(), at, signer.public)
    return replace(draft, signature=signer.sign(draft.text()))


def is_due(newest: Checkpoint | None, size: int, now: datetime, *, every: timedelta, entries: int) -> bool:
    """Tell whether a log of so many entries is to be signed: it has grown, and for long or by many entries.

    Args:
        every: after so much time.
        entries: or after so many entries.
    """
    if newest is None or size <= newest.size:
        return newest is None and size > 0
    age = now - datetime.fromisoformat(newest.at)
    return size - newest.size >= entries or not timedelta(0) <= age < every  # it is younger than now: a clock set back


def leaf_of(event: AuditEvent) -> bytes:
    """Return an entry's leaf: its `hash`, which seals everything else of it."""
    return leaf(bytes.fromhex(event.hash))


def in_order(school: str, checkpoints: Iterable[Checkpoint]) -> list[Checkpoint]:
    """Return all checkpoints that a log keeps of itself, if none is missing.

    Raises:
        AuditBroken: names the last entry of the first one that is out of order.
    """
    kept, size = list(checkpoints), 0
    for number, one in enumerate(kept, start=1):
        if one.number != number or one.size <= size:
            raise AuditBroken(school=school, seq=size + 1, reason=MISSING)
        size = one.size
    return kept


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom a log is believed.

    Attributes:
        key: the public key that is trusted; that of a time before may have signed what stands before an entry
            `keys.renewed` which names it, if the trusted key has signed that entry.
        fits: tells whether a checkpoint's signature is that of its own key.
    """

    key: str
    fits: Callable[[Checkpoint], bool]


def witnessed(
    school: str, events: Iterable[AuditEvent], checkpoints: Iterable[Checkpoint], trust: Trust
) -> Iterator[AuditEvent]:
    """Yield the entries of an unbroken log while it agrees with every checkpoint.

    Args:
        school: whose log it is.
        events: the log from its first entry, as `unbroken` yields it.
        checkpoints: its own, and those kept elsewhere.
        trust: whose signatures count.

    Raises:
        AuditBroken: names the first entry that may be a wrong one.
    """
    waiting = sorted(checkpoints, key=lambda one: one.size)
    for one in waiting:
        if one.school != school or not trust.fits(one):
            raise AuditBroken(school=school, seq=one.size, reason=UNSIGNED)
    former = [one for one in waiting if one.key != trust.key]
    ours = max((one.size for one in waiting if one.key == trust.key), default=0)
    frontier, agreed, renewed = Frontier(), 0, dict[str, int]()
    for event in events:
        frontier = frontier.grown([leaf_of(event)])
        while waiting and waiting[0].size == frontier.size:
            if waiting.pop(0).root != frontier.root().hex():
                raise AuditBroken(school=school, seq=agreed + 1, reason=OTHER)
            agreed = frontier.size
        if event.event == RENEWED and event.seq <= ours:
            renewed[str(event.details.get("former"))] = event.seq
        yield event
    if waiting:
        raise AuditBroken(school=school, seq=frontier.size + 1, reason=SHORTER)
    for one in former:
        if one.size >= renewed.get(one.key, 0):
            raise AuditBroken(school=school, seq=one.size, reason=UNSIGNED)
