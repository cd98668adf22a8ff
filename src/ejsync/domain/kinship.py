"""Kinship: under which key a shown record is known, where ElJur's own counting or naming has moved under it.

Two things of a key are ElJur's to change without anything being gone: the index of a mark within its cell (`nm`: a
removed mark renumbers those after it) and the name of a subject. Whoever is shown under such a key is compared with
those who are known and were not recognised, and keeps the key of the one that is his. Nothing is asked of the store
while every record that is known stands where it stood.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ejsync.domain.cells import CELLED, Cell, Shown, cell_of, column_of
from ejsync.domain.changes import Fingerprinted, Known
from ejsync.domain.fingerprints import Keyring, canonical
from ejsync.domain.records import Kind
from ejsync.domain.standing import Broken, Normalised

KindKey = tuple[Kind, str]
Kept = dict[KindKey, str]
"""The key that a record keeps, by the kind and key it is shown under."""
PayloadsOf = Callable[[Iterable[KindKey]], Mapping[KindKey, bytes]]

NAMED = {
    Kind.HOMEWORK: ("date", "group", "index"),
    Kind.FINAL_MARK: ("school_year", "period"),
}
"""Kinds whose key holds a subject's name, and what else tells one of an owner's records from another."""


def recognise(
    normal: Normalised, known: Mapping[KindKey, Known], keyring: Keyring, payloads_of: PayloadsOf
) -> Normalised:
    """Return the records of a reading under the keys by which they are known.

    Args:
        known: what is known inside what the page spoke about completely, gone rows too.
        payloads_of: looks stored payloads up; called only where a name may have changed.
    """
    marks = {(entry.record.kind, entry.record.key): entry.fingerprint for entry in normal.entries}
    live = {key: row for key, row in known.items() if not row.gone}
    loose = [row for key, row in live.items() if marks.get(key) != row.fingerprint and row.kind in {*CELLED, *NAMED}]
    if not loose:
        return normal
    shown = [*map(_of_entry, normal.entries), *map(_of_broken, normal.broken)]
    kept = _in_cells(shown, live, loose, keyring) | _under_names(shown, live, loose, payloads_of)
    return _rekeyed(normal, kept, keyring) if kept else normal


def _of_entry(entry: Fingerprinted) -> Shown:
    record = entry.record
    return Shown(record.kind, record.key, record.owner, record.data, entry.fingerprint)


def _of_broken(item: Broken) -> Shown:
    return Shown(item.kind, item.key, item.owner, json.loads(item.payload), None)


def _in_cells(shown: Sequence[Shown], live: Mapping[KindKey, Known], loose: Sequence[Known], keyring: Keyring) -> Kept:
    """Find the marks and absences of cells in which somebody who is known stands no longer where he stood."""
    disturbed = {cell_of(row.key) for row in loose if row.kind in CELLED and column_of(row.key) is not None} - {""}
    rows: defaultdict[str, list[Shown]] = defaultdict(list)
    standing: defaultdict[str, list[Known]] = defaultdict(list)
    for item in shown:
        if item.kind in CELLED and (cell := cell_of(item.key)) in disturbed:
            rows[cell].append(item)
    for row in live.values():
        if row.kind in CELLED and (cell := cell_of(row.key)) in rows:
            standing[cell].append(row)
    found = (Cell(rows[cell], standing[cell], keyring).keys() for cell in rows)
    return {name: key for keys in found for name, key in keys}


@dataclass(slots=True)
class _Names:
    """The records of one kind and owner that were not recognised, by key: as shown, and as known with what is stored.

    Attributes:
        present: the subjects that are shown.
    """

    shown: dict[str, Shown]
    known: dict[str, tuple[Known, Mapping[str, Any]]]
    present: set[str]
    kept: Kept = field(default_factory=dict)

    def take(self, item: Shown, row: Known) -> None:
        """Let a shown record keep the key of a known one."""
        self.kept[item.kind, item.key] = row.key
        del self.shown[item.key], self.known[row.key]

    def gone_names(self) -> list[tuple[Known, Mapping[str, Any]]]:
        """Return those known whose subject is shown no more: only such a name can have been changed."""
        return [(row, data) for row, data in self.known.values() if _subject(data) not in self.present]


def _under_names(
    shown: Sequence[Shown], live: Mapping[KindKey, Known], loose: Sequence[Known], payloads_of: PayloadsOf
) -> Kept:
    """Find records whose key holds a subject's name that was changed, now or before."""
    strange = {(item.kind, item.owner) for item in shown if item.kind in NAMED and (item.kind, item.key) not in live}
    lost = [row for row in loose if (row.kind, row.owner) in strange]
    stored = payloads_of([(row.kind, row.key) for row in lost]) if lost else {}
    groups = list(
        _groups(shown, live, [(row, json.loads(stored[row.kind, row.key])) for row in lost if not row.is_shut])
    )
    for group in groups:
        _take_same(group)
    renamed = {pair for group in groups for pair in _take_renamed(group)}
    for group in groups:
        _take_by_renaming(group, renamed)
    return {name: key for group in groups for name, key in _kept(group, live)}


def _groups(
    shown: Sequence[Shown], live: Mapping[KindKey, Known], lost: Sequence[tuple[Known, Mapping[str, Any]]]
) -> Iterator[_Names]:
    known: defaultdict[tuple[Kind, str], list[tuple[Known, Mapping[str, Any]]]] = defaultdict(list)
    for row, data in lost:
        known[row.kind, row.owner].append((row, data))
    for (kind, owner), rows in known.items():
        own = [item for item in shown if item.kind is kind and item.owner == owner]
        loose = {row.key for row, _ in rows}
        unsettled = {item.key: item for item in own if item.key in loose or (kind, item.key) not in live}
        yield _Names(unsettled, {row.key: (row, data) for row, data in rows}, {_subject(item.data) for item in own})


def _subject(data: Mapping[str, Any]) -> str:
    # Keys have no `ё` either: it comes and goes as people write.
    return str(data.get("subject")).replace("ё", "е").replace("Ё", "Е")


def _identity(kind: Kind, data: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(data.get(name)) for name in NAMED[kind])


def _take_same(group: _Names) -> None:
    """Recognise who is shown as he was stored: under his own key, or under one that holds the name he had once."""
    for own in True, False:
        waiting: defaultdict[tuple[str, ...], list[Known]] = defaultdict(list)
        for row, data in group.known.values():
            waiting[row.key if own else "", _subject(data), *_identity(row.kind, data)].append(row)
        for item in tuple(group.shown.values()):
            if kin := waiting[item.key if own else "", _subject(item.data), *_identity(item.kind, item.data)]:
                group.take(item, kin.pop(0))


def _take_renamed(group: _Names) -> set[tuple[str, str]]:
    """Recognise who differs in his subject alone, if nobody else does; returns the old and new names."""
    names = set()
    contents = [(_but_subject(item.data), item) for item in group.shown.values() if item.fingerprint is not None]
    gone = [(_but_subject(data), row, _subject(data)) for row, data in group.gone_names()]
    alike = Counter(content for content, _ in contents), Counter(content for content, _, _ in gone)
    for content, item in contents:
        if alike[0][content] == alike[1][content] == 1:
            row, old = next((row, old) for its, row, old in gone if its == content)
            names.add((old, _subject(item.data)))
            group.take(item, row)
    return names


def _but_subject(data: Mapping[str, Any]) -> bytes:
    return canonical({**data, "subject": None})


def _take_by_renaming(group: _Names, renamed: set[tuple[str, str]]) -> None:
    """Recognise who was edited or stands in doubt, where others have shown that his subject has a new name."""
    gone = group.gone_names() if renamed else []
    for item in tuple(group.shown.values()) if gone else ():
        found = [(row, data) for row, data in gone if row.key in group.known and _follows(item, data, renamed)]
        rivals = sum(_follows(other, data, renamed) for _, data in found for other in group.shown.values())
        if len(found) == rivals == 1:
            group.take(item, found[0][0])


def _follows(item: Shown, data: Mapping[str, Any], renamed: set[tuple[str, str]]) -> bool:
    same = _identity(item.kind, data) == _identity(item.kind, item.data)
    return same and (_subject(data), _subject(item.data)) in renamed


def _kept(group: _Names, live: Mapping[KindKey, Known]) -> Iterator[tuple[KindKey, str]]:
    """Yield the keys that were found; who was not recognised and finds his own key taken gets one beside it."""
    taken = set(group.kept.values())
    yield from group.kept.items()
    for item in group.shown.values():
        key, twin = item.key, 1
        while key in taken or (twin > 1 and (item.kind, key) in live):
            twin += 1
            key = f"{item.key}~{twin}"
        taken.add(key)
        yield (item.kind, item.key), key


def _rekeyed(normal: Normalised, kept: Kept, keyring: Keyring) -> Normalised:
    return Normalised(
        tuple(_entry_under(entry, kept, keyring) for entry in normal.entries),
        tuple(_broken_under(item, kept) for item in normal.broken),
    )


def _entry_under(entry: Fingerprinted, kept: Kept, keyring: Keyring) -> Fingerprinted:
    record = entry.record
    key = kept.get((record.kind, record.key), record.key)
    if key == record.key:
        return entry
    data = _with_column(record.data, key) if record.kind in CELLED else record.data
    payload = canonical(data)
    return Fingerprinted(replace(record, key=key, data=data), payload, keyring.fingerprint(payload))


def _broken_under(item: Broken, kept: Kept) -> Broken:
    key = kept.get((item.kind, item.key), item.key)
    if key == item.key:
        return item
    data = json.loads(item.payload)
    # A column that is itself what broke the contract stays, so that whoever looks sees what came.
    moved = item.kind in CELLED and isinstance(data.get("column"), int)
    payload = json.dumps(_with_column(data, key)).encode() if moved else item.payload
    return replace(item, key=key, payload=payload)


def _with_column(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    return {**data, "column": column_of(key)}
