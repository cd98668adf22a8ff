"""Cells of the journal: which of the marks known in a cell is the one that is shown under another index.

A cell is what a pupil has in one subject's journal on one day, marks and absences together. ElJur counts them anew
whenever one is removed (fact sheet, 4.3), so the index a mark is shown under (`nm`) says where it stands, not which one
it is. Its *column* is the index it was first seen under, and stays.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ejsync.domain.changes import Known
from ejsync.domain.fingerprints import Keyring, canonical
from ejsync.domain.records import Kind

CELLED = frozenset({Kind.MARK, Kind.ABSENCE})
"""Kinds that share the cells of the journal."""
_UNREADABLE = 10**9


@dataclass(frozen=True, slots=True)
class Shown:
    """A record as a page shows it; one that breaks its contract has no fingerprint."""

    kind: Kind
    key: str
    owner: str
    data: Mapping[str, Any]
    fingerprint: str | None


def cell_of(key: str) -> str:
    """Return the cell that the key of a mark or an absence names."""
    return key.rpartition("/")[0]


def column_of(key: str) -> int | None:
    """Return the column that a key ends in; None where ElJur's index was no number."""
    number = key.rpartition("/")[2].partition("~")[0]
    return int(number) if number.isdecimal() else None


def _place(key: str) -> tuple[int, int]:
    """Order keys of one cell: by column, and of several under one column (`0`, `0~2`) by their suffix."""
    column, twin = column_of(key), key.rpartition("~")[2]
    return _UNREADABLE if column is None else column, int(twin) if "~" in key and twin.isdecimal() else 1


class Cell:
    """One cell as it is shown and as it is known.

    Whoever looks alike but for the index is the same; then those of one kind are paired in their order; at last a mark
    that became an absence, or the other way round, takes the other's place. What is new gets a column of its own.
    """

    def __init__(self, shown: Sequence[Shown], known: Sequence[Known], keyring: Keyring) -> None:
        self._rows = sorted(shown, key=lambda item: _place(item.key))
        self._free = sorted(known, key=lambda row: _place(row.key))
        self._known = {(row.kind, row.key) for row in known}
        self._keyring = keyring
        self._keys: dict[int, str] = {}

    def keys(self) -> Iterator[tuple[tuple[Kind, str], str]]:
        """Yield kind and key of each record as shown, and the key that is its own."""
        for alike in (self._unmoved, self._same, self._edited, self._turned):
            self._pair(alike)
        self._number_new()
        for position, item in enumerate(self._rows):
            yield (item.kind, item.key), self._keys[position]

    def _pair(self, alike: Callable[[Shown, Known], bool]) -> None:
        """Pair whom a rule makes kin; of several, the first that keeps the order of the cell."""
        before = (-1, 0)
        for position, item in enumerate(self._rows):
            if position not in self._keys:
                kin = [row for row in self._free if alike(item, row)]
                if not kin:
                    continue
                found = next((row for row in kin if _place(row.key) > before), kin[0])
                self._free.remove(found)
                self._keys[position] = found.key
            before = _place(self._keys[position])

    def _unmoved(self, item: Shown, row: Known) -> bool:
        return (item.kind, item.key, item.fingerprint) == (row.kind, row.key, row.fingerprint)

    def _same(self, item: Shown, row: Known) -> bool:
        if item.kind is not row.kind or item.fingerprint is None:
            return False
        return self._keyring.fingerprint(canonical({**item.data, "column": column_of(row.key)})) == row.fingerprint

    def _edited(self, item: Shown, row: Known) -> bool:
        return item.kind is row.kind

    def _turned(self, item: Shown, row: Known) -> bool:
        return (item.kind, row.key) not in self._known

    def _number_new(self) -> None:
        taken = {key for _, key in self._known}
        for position, item in enumerate(self._rows):
            if position in self._keys:
                continue
            key = item.key
            if key in taken:
                highest = max(column for other in taken if (column := column_of(other)) is not None)
                key = f"{cell_of(key)}/{highest + 1}"
            taken.add(key)
            self._keys[position] = key
