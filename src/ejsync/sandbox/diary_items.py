"""What the diary decides about one item: the version rule, as a pure function.

| held                        | the item brings          | verdict                      |
|-----------------------------|--------------------------|------------------------------|
| nothing                     | any version              | applied                      |
| a version, or its tombstone | a greater version        | applied                      |
| the same version            | the same fingerprint     | unchanged                    |
| the same version            | another fingerprint      | rejected, `version_conflict` |
| a greater version           |                          | stale                        |

A tombstone has no fingerprint, as a retraction has none: a retraction that comes twice is unchanged.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

Status: TypeAlias = Literal["applied", "unchanged", "stale", "rejected"]


@dataclass(frozen=True, slots=True)
class Item:
    """One change as the sender states it; a retraction has neither fingerprint nor data."""

    kind: str
    key: str
    version: int
    fingerprint: str | None
    data: Mapping[str, Any] | None

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Item:
        """Read an item of a batch that has passed the batch schema."""
        # JSON Schema takes 1.0 for an integer; the database must not.
        version = int(document["version"])
        return cls(document["kind"], document["key"], version, document["fingerprint"], document["data"])

    @property
    def pupil(self) -> str | None:
        """The pupil whose data this is, or None where it is nobody's in particular."""
        pupil = self.data.get("pupil") if self.data is not None else None
        return pupil if isinstance(pupil, str) else None


@dataclass(frozen=True, slots=True)
class Held:
    """What is known of a key: its version, and its fingerprint unless it is a tombstone."""

    version: int
    fingerprint: str | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one item, without its position."""

    status: Status
    held_version: int | None = None
    code: str | None = None
    pointer: str | None = None

    def as_result(self, position: int) -> dict[str, object]:
        """The verdict as the receipt states it."""
        return {
            "position": position,
            "status": self.status,
            "code": self.code,
            "pointer": self.pointer,
            "held_version": self.held_version,
        }


def judge(item: Item, *, held: Held | None) -> Verdict:
    """Apply the version rule to one item that breaks no contract."""
    if held is None or item.version > held.version:
        return Verdict("applied", item.version)
    if item.version < held.version:
        return Verdict("stale", held.version)
    if item.fingerprint == held.fingerprint:
        return Verdict("unchanged", held.version)
    return Verdict("rejected", held.version, "version_conflict")


def refusal(code: str, *, pointer: str | None = None, held: Held | None = None) -> Verdict:
    """A rejection that has nothing to do with versions."""
    return Verdict("rejected", held.version if held else None, code, pointer)
