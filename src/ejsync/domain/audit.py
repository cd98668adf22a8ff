"""The audit chain: append-only events, each sealed with the hash of the one before it; no personal data in them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from ejsync.domain.fingerprints import canonical
from ejsync.errors import AuditBroken
from ejsync.wording import N_

GENESIS = "0" * 64


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


def verify(school: str, events: Iterable[AuditEvent]) -> tuple[int, str]:
    """Walk a chain from its first entry and return the number and hash of its last.

    Raises:
        AuditBroken: names the first entry that does not verify.
    """
    seq, previous = 0, GENESIS
    for event in events:
        seq += 1
        if event.seq != seq:
            raise AuditBroken(school=school, seq=seq, reason=N_("the entry is missing"))
        if event.previous != previous:
            raise AuditBroken(school=school, seq=seq, reason=N_("it does not follow the entry before"))
        if event.expected_hash() != event.hash:
            raise AuditBroken(school=school, seq=seq, reason=N_("its content was altered"))
        previous = event.hash
    return seq, previous
