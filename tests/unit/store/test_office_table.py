"""What the office holds, on disk: imports append, live is the newest that is not undone."""

import pytest

from ejsync.domain.office import Entry, OfficeImport, OfficeKind
from ejsync.errors import NotFound

KIND = OfficeKind.CONTACT


def _entry(key, payload=b"{}", *, pupil="2001", school_class=None, kind=KIND):
    return Entry(kind, key, pupil, school_class, payload, 2)


def _add(world, *entries, kind=KIND):
    with world.tx() as tx:
        return tx.office.add(OfficeImport(0, kind, world.clock.now(), "sha256:0", len(entries), 0, 0), entries)


def _live(world, kind=KIND, **how):
    with world.tx() as tx:
        return {row.key: (row.number, row.payload) for row in tx.office.live(kind, **how)}


def test_the_newest_import_of_a_key_is_live_until_it_is_undone(world):
    """A later import takes a key over; undone, what was before is live again, and nothing was overwritten."""
    first = _add(world, _entry("a", b"1"), _entry("b", b"1"))
    second = _add(world, _entry("a", b"2"), _entry("c", b"2"))
    assert _live(world) == {"a": (second, b"2"), "b": (first, b"1"), "c": (second, b"2")}
    assert _live(world, without=second) == {"a": (first, b"1"), "b": (first, b"1")}
    with world.tx() as tx:
        assert tx.office.undo(second, world.clock.now()).undone_at == world.clock.now()
        assert [row.key for row in tx.office.rows(second)] == ["a", "c"]
    assert _live(world) == {"a": (first, b"1"), "b": (first, b"1")}


def test_an_older_import_can_be_undone_under_a_newer_one(world):
    """What the newer one holds stays as it is."""
    first, second = _add(world, _entry("a", b"1"), _entry("b", b"1")), _add(world, _entry("a", b"1"))
    with world.tx() as tx:
        tx.office.undo(first, world.clock.now())
    assert _live(world) == {"a": (second, b"1")}


def test_rows_of_a_class_are_its_own_and_those_of_the_pupils_named_across_kinds(world):
    """Another class's, and those of a pupil who is not named, are left out; the newest row of a key is told."""
    _add(world, _entry("2001/x"), _entry("2002/x", pupil="2002"))
    _add(world, _entry("2001/y", kind=OfficeKind.DEFERRAL), kind=OfficeKind.DEFERRAL)
    plan = _entry("10А/x", pupil=None, school_class="10А", kind=OfficeKind.CURRICULUM)
    other = _entry("5Б/x", pupil=None, school_class="5Б", kind=OfficeKind.CURRICULUM)
    _add(world, plan, other, kind=OfficeKind.CURRICULUM)
    _add(world, _entry("2001/x", b"2"))
    with world.tx() as tx:
        both = tx.office.of_class("10А", ["2001", "2003"])
        (found,) = tx.office.of_class("10А", [])
        assert tx.office.of_class("5Г", ["2003"]) == []
    assert [(row.kind, row.key, row.payload) for row in both] == [
        (KIND, "2001/x", b"2"),
        (OfficeKind.CURRICULUM, "10А/x", b"{}"),
        (OfficeKind.DEFERRAL, "2001/y", b"{}"),
    ]
    assert (found.key, found.school_class, found.pupil, found.at) == ("10А/x", "10А", None, world.clock.now())


def test_a_key_of_one_kind_is_not_that_of_another(world):
    """Kinds are lists of their own."""
    first = _add(world, _entry("a", b"1"))
    _add(world, _entry("a", b"2", kind=OfficeKind.DEFERRAL), kind=OfficeKind.DEFERRAL)
    assert _live(world) == {"a": (first, b"1")}


def test_a_school_sees_its_own_imports_only(world):
    """Another school's import is not there, and cannot be undone from here."""
    number = _add(world, _entry("a"))
    with world.store.begin("school-8") as tx:
        assert (tx.office.imports(), tx.office.live(KIND), tx.office.rows(number)) == ([], [], [])
        with pytest.raises(NotFound):
            tx.office.undo(number, world.clock.now())
    assert _live(world).keys() == {"a"}


def test_imports_are_listed_newest_first(world):
    """Each with its counts; one that is not there is said to be none."""
    numbers = [_add(world, _entry("a")), _add(world, _entry("b"))]
    with world.tx() as tx:
        assert [one.number for one in tx.office.imports()] == numbers[::-1]
        assert (tx.office.get(numbers[0]).rows, tx.office.get(numbers[0]).undone_at) == (1, None)
        with pytest.raises(NotFound):
            tx.office.get(99)
