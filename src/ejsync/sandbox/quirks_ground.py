"""What all quirks stand on: an answer in the making, and the things in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

Json = dict[str, Any]

TABLES = frozenset({"students", "days", "items", "homework", "groups"})
"""Names under which an object is a table: its keys are ids, days, numbers or subjects."""
ABSENT = object()
"""Stands among spellings for no spelling at all."""


@dataclass(slots=True)
class Told:
    """An answer in the making: plain JSON, changed in place by one quirk after another."""

    method: str
    tree: Any
    state: int | str = 200
    rng: Random = field(default_factory=lambda: Random(0))

    def things(self) -> Iterator[Json]:
        """Every object with fields, outer ones first; tables are walked through."""
        return _things(self.tree, table=False)

    def often(self) -> bool:
        """Whether it strikes here: as often as not, so that neighbours differ."""
        return self.rng.random() < 0.5  # noqa: PLR2004 - a fair coin

    def spell(self, thing: Json, key: str, *spellings: object) -> None:
        """Write a field in one of some spellings."""
        chosen = self.rng.choice(spellings)
        if chosen is ABSENT:
            thing.pop(key, None)
        else:
            thing[key] = chosen


def _things(node: Any, *, table: bool) -> Iterator[Json]:
    if isinstance(node, dict):
        if node and not table:
            yield node
        for name, child in list(node.items()):
            yield from _things(child, table=not table and name in TABLES)
    elif isinstance(node, list):
        for child in list(node):
            yield from _things(child, table=False)
