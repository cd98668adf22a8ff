"""The audit chain: append-only events, each sealed with the hash of the one before it; no personal data in them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from ejsync.domain.fingerprints import canonical
from ejsync.errors import AuditBroken
from ejsync.wording import N_

GENESIS = "0" * 64
ALTERED = N_("its content was altered")
CUT = N_("it is the last one, and none has the head that was kept: entries were cut off or written anew")


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One fact of one school: `hash` seals everything else, `previous` is the hash of the entry before."""

    school: str
    seq: int
    at: str
    event: str
    details: Mapping[str, Any]
    previous: str
    hash: str

    def document(self) -> dict[str, Any]:
        """Return the event as `contracts/audit/v1` shapes it."""
        return {**self._sealed(), "hash": self.hash}

    def _sealed(self) -> dict[str, Any]:
        return {
            "school": self.school,
            "seq": self.seq,
            "at": self.at,
            "event": self.event,
            "details": self.details,
            "previous": self.previous,
        }

    def expected_hash(self) -> str:
        """Work the hash out again: SHA-256 over the canonical JSON of every other field."""
        return sha256(canonical(self._sealed())).hexdigest()


def instant(moment: datetime) -> str:
    """Write an aware UTC instant with microseconds and `Z`."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def seal(before: tuple[int, str], school: str, at: datetime, event: str, details: Mapping[str, Any]) -> AuditEvent:
    """Append to a chain whose last entry is `before` (its number and hash; `(0, GENESIS)` for none)."""
    seq, previous = before
    draft = AuditEvent(school, seq + 1, instant(at), event, details, previous, "")
    return AuditEvent(school, seq + 1, draft.at, event, details, previous, draft.expected_hash())


def intact(event: AuditEvent) -> AuditEvent:
    """Return an entry whose own hash still fits it.

    Raises:
        AuditBroken: its content was altered.
    """
    if event.expected_hash() != event.hash:
        raise AuditBroken(school=event.school, seq=event.seq, reason=ALTERED)
    return event


def unbroken(school: str, events: Iterable[AuditEvent], after: tuple[int, str] = (0, GENESIS)) -> Iterator[AuditEvent]:
    """Yield the entries of a chain, each once it is verified.

    Args:
        school: whose chain it is.
        events: its entries from the first, or from the one behind `after` (its number and hash).
        after: the entry that they must follow.

    Raises:
        AuditBroken: names the first entry that does not verify.
    """
    before, previous = after
    for seq, event in enumerate(events, start=before + 1):
        if event.seq != seq:
            raise AuditBroken(school=school, seq=seq, reason=N_("the entry is missing"))
        if event.school != school:
            raise AuditBroken(school=school, seq=seq, reason=ALTERED)
        if event.previous != previous:
            raise AuditBroken(school=school, seq=seq, reason=N_("it does not follow the entry before"))
        previous = intact(event).hash
        yield event


def verify(school: str, events: Iterable[AuditEvent], kept: str | None = None) -> tuple[int, str]:
    """Walk a chain from its first entry and return the number and hash of its last.

    Args:
        school: whose chain it is.
        events: the chain, whole.
        kept: a head that an earlier walk returned: one entry must still have it. Without it nobody can tell that the
            last entries were cut off.

    Raises:
        AuditBroken: names the first entry that does not verify, or the last one if none has the head that was kept.
    """
    return last_of(school, unbroken(school, events), kept)


def last_of(school: str, events: Iterable[AuditEvent], kept: str | None = None) -> tuple[int, str]:
    """Walk entries that verify as they come, to the end; see `verify`.

    Raises:
        AuditBroken: none of them has the head that was kept.
    """
    seq, head, found = 0, GENESIS, kept in {None, GENESIS}
    for event in events:
        seq, head = event.seq, event.hash
        found = found or head == kept
    if not found:
        raise AuditBroken(school=school, seq=seq, reason=CUT)
    return seq, head
