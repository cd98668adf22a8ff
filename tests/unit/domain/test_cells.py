"""Cells: whoever is left in a cell keeps his column, whatever index he is shown under."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ejsync.domain.cells import cell_of, column_of
from ejsync.domain.changes import Fingerprinted, Known, difference
from ejsync.domain.fingerprints import Keyring, canonical
from ejsync.domain.kinship import recognise
from ejsync.domain.standing import Broken, Normalised
from tests.doubles.records import DAY, broken_mark, mark

KEYRING = Keyring.from_master(b"k" * 32)
CELL = cell_of(mark().key)


class Journal:
    """One cell as ElJur shows it, and what was made known of it by reading it."""

    def __init__(self, *raws):
        self.raws, self.known = list(raws), {}
        self.read()

    def read(self):
        """Read the cell once and return operation, kind, column and (if live) text of each change."""
        found = recognise(Normalised(tuple(self._entries()), ()), self.known, KEYRING, lambda _keys: {})
        return self._take(found)

    def _entries(self):
        for nm, raw in enumerate(self.raws):
            if raw:
                record = mark(raw=raw, column=nm)
                payload = canonical(record.data)
                yield Fingerprinted(record, payload, KEYRING.fingerprint(payload))

    def _take(self, normal):
        kept = {(entry.record.kind, entry.record.key): entry.record for entry in normal.entries}
        assert len(kept) == len(normal.entries), "two records under one key"
        assert all(record.data["column"] == column_of(record.key) for record in kept.values())
        gone = [row for key, row in self.known.items() if not row.gone and key not in kept]
        changes = difference(normal.entries, self.known, gone).all()
        for change in changes:
            self.known[change.kind, change.key] = Known(
                change.kind, change.key, change.owner, change.pupil, DAY,
                change.version, change.fingerprint, change.op == "retract",
            )  # fmt: skip
        return [
            (
                change.op.value,
                change.kind.value,
                column_of(change.key),
                (kept.get((change.kind, change.key)) or mark()).data["raw"],
            )
            for change in changes
        ]

    def standing(self):
        """Return the columns of what is live, in their order."""
        return sorted(column_of(key) for (_, key), row in self.known.items() if not row.gone)


def ops(changes):
    """Operation and column of each change."""
    return [(op, column) for op, _, column, _ in changes]


@pytest.mark.parametrize(
    ("raws", "removed"),
    [
        (("5", "4"), 0),
        (("5", "4"), 1),
        (("5", "4", "3"), 1),
        (("5", "5", "4"), 2),
        (("4", "5", "4"), 0),
        (("н", "5"), 0),
        (("5", "н", "оп"), 0),
    ],
)
def test_a_removed_mark_is_one_retraction_and_nothing_else(raws, removed):
    """Of any cell any one may be removed: nobody who is left is told to have changed, then or later."""
    journal = Journal(*raws)
    del journal.raws[removed]
    assert ops(journal.read()) == [("retract", removed)]
    for _ in range(3):
        assert journal.read() == []


def test_of_two_equal_marks_any_may_be_the_one_that_is_gone():
    """Two fives, one removed: one is retracted, the other stays as it is."""
    journal = Journal("5", "5")
    del journal.raws[0]
    assert [op for op, _ in ops(journal.read())] == ["retract"]
    assert journal.read() == []


def test_a_survivor_that_is_edited_keeps_its_column():
    """A mark that moved up and is edited later is updated, not exchanged."""
    journal = Journal("5", "4")
    del journal.raws[0]
    journal.read()
    journal.raws[0] = "3"
    assert journal.read() == [("upsert", "mark", 1, "3")]
    assert journal.read() == []


def test_a_new_mark_beside_a_survivor_gets_a_column_of_its_own():
    """What is new takes no column that is another's, and its place after him; then all stand still."""
    journal = Journal("5", "4")
    del journal.raws[0]
    journal.read()
    journal.raws.append("2")
    assert journal.read() == [("upsert", "mark", 2, "2")]
    assert journal.read() == []
    journal.raws.append("н")
    assert journal.read() == [("upsert", "absence", 3, "н")]
    assert (journal.read(), journal.standing()) == ([], [1, 2, 3])


def test_a_new_mark_where_nothing_was_removed_has_its_index():
    """The column is ElJur's index as long as nothing was removed."""
    journal = Journal("5")
    journal.raws += ["4", "3"]
    assert ops(journal.read()) == [("upsert", 1), ("upsert", 2)]


def test_removing_and_editing_at_once_keeps_the_order():
    """The first removed and the last edited between two reads: the last is updated, the first retracted."""
    journal = Journal("5", "4", "3")
    journal.raws[:] = ["4", "2"]
    assert sorted(journal.read()) == [("retract", "mark", 0, "5"), ("upsert", "mark", 2, "2")]


def test_a_mark_that_becomes_an_absence_keeps_its_column():
    """The other kind comes in its place, beside a neighbour who is not touched."""
    journal = Journal("5", "4")
    journal.raws[1] = "н"
    assert sorted(journal.read()) == [("retract", "mark", 1, "5"), ("upsert", "absence", 1, "н")]


def test_a_mark_set_in_an_empty_place_before_another_gets_that_place():
    """A phantom before a mark is filled: the new one has the free index, the other is not touched."""
    journal = Journal("", "4")
    journal.raws[0] = "5"
    assert journal.read() == [("upsert", "mark", 0, "5")]
    assert journal.read() == []


def test_marks_that_change_places_are_no_news():
    """ElJur shows the same two marks in the other order: nobody is told anything."""
    journal = Journal("5", "4")
    journal.raws.reverse()
    assert journal.read() == []


RAWS = st.sampled_from(["5", "4", "3", "н", "оп"])
EDITS = st.lists(st.tuples(st.sampled_from(["add", "remove", "edit"]), st.integers(0, 4), RAWS), max_size=12)


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.lists(RAWS, max_size=4), EDITS)
def test_every_single_edit_is_told_as_just_that(raws, edits):
    """Add, remove, edit in any order, read after each: one edit is one change, and a second read finds none."""
    journal = Journal(*raws)
    for deed, place, raw in edits:
        expected = _edited(journal.raws, deed, place, raw)
        assert sorted(op for op, _ in ops(journal.read())) == expected
        assert journal.read() == []
        assert len(journal.standing()) == len(journal.raws)


def _edited(raws, deed, place, raw):
    """Edit the cell and return the operations that tell it."""
    if deed == "add":
        raws.append(raw)
        return ["upsert"]
    if place >= len(raws):
        return []
    if deed == "remove":
        del raws[place]
        return ["retract"]
    before, raws[place] = raws[place], raw
    if before == raw:
        return []
    turned = (before in {"н", "оп"}) != (raw in {"н", "оп"})
    return ["retract", "upsert"] if turned else ["upsert"]


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.lists(RAWS, max_size=4), st.lists(st.lists(RAWS, max_size=5), max_size=6))
def test_whatever_happens_between_two_reads_the_cell_comes_to_rest(raws, later):
    """Any cell after any other: as many records live as are shown, and the same answer read again changes nothing."""
    journal = Journal(*raws)
    for cell in later:
        journal.raws[:] = cell
        journal.read()
        assert len(journal.standing()) == len(cell)
        assert journal.read() == []


def test_a_mark_that_breaks_its_contract_protects_the_one_it_is():
    """In a cell whose first mark was removed, a broken row is taken for the survivor that nobody else is."""
    journal = Journal("5", "4", "3")
    del journal.raws[0]
    journal.read()
    well = list(journal._entries())[:1]
    odd = broken_mark(column=1)
    broken = Broken(odd.kind, odd.key, odd.owner, odd.pupil, None, "ed/v1/mark", ("/raw",), canonical(odd.data))
    found = recognise(Normalised(tuple(well), (broken,)), journal.known, KEYRING, lambda _keys: {})
    assert [entry.record.key for entry in found.entries] == [f"{CELL}/1"]
    assert [item.key for item in found.broken] == [f"{CELL}/2"]
    assert b'"column": 2' in found.broken[0].payload


@pytest.mark.parametrize(("key", "column"), [("1/77/d/3", 3), ("1/77/d/0~2", 0), ("1/77/d/None", None), ("x", None)])
def test_a_key_ends_in_its_column(key, column):
    """The column is the number at the end; a suffix that tells twins apart is none of it."""
    assert column_of(key) == column
