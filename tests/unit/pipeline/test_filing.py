"""filing: sheets of the office enter whole, are witnessed, and can be taken back."""

import pytest

from ejsync.domain.office import Entry, OfficeKind
from ejsync.domain.office_people import Term
from ejsync.errors import BadInput, NotFound
from ejsync.pipeline.filing import file_in, school_of, taken_back, undo
from tests.doubles import records
from tests.doubles.office import PEOPLE, SUBJECTS, TERMS, furnish

KIND = OfficeKind.CONTACT


def _entry(key, payload=b"{}", pupil="900177"):
    return Entry(KIND, key, pupil, None, payload, 2)


def _file(world, *entries, origin="sha256:0"):
    return file_in(world.wiring, KIND, entries, origin=origin)


def _live(world):
    with world.tx() as tx:
        return {row.key: row.payload for row in tx.office.live(KIND)}


def test_the_school_is_what_the_journal_told(world):
    """People, classes, periods that are not switched off, subjects of lessons first and then of marks."""
    furnish(world)
    world.consent("2001")
    world.read(records.marks(["2001"], records.mark("2001", subject="Химия")))
    with world.tx() as tx:
        school = school_of(world.wiring, tx)
        assert set(school.people.values()) == set(PEOPLE)
        assert (school.classes, school.years) == (frozenset(SUBJECTS), {"10А": 2026, "5Б": 2026})
        assert school.terms("10А") == TERMS
        assert school.terms("10А")[0] == Term(2026, "p1", "1 четверть")
        assert school.subject_called("химия", "10А") == "Химия"
        assert school.subject_called("химия", "5Б") is None


def test_an_import_counts_what_is_new_changed_and_the_same(world):
    """All rows are kept, and the counts say how they compared then."""
    assert (_file(world, _entry("a", b"1"), _entry("b", b"1")).new) == 2
    made = _file(world, _entry("a", b"2"), _entry("b", b"1"), _entry("c", b"1"))
    assert (made.new, made.changed, made.same, made.rows) == (1, 1, 1, 3)
    assert _live(world) == {"a": b"2", "b": b"1", "c": b"1"}


def test_a_sheet_in_which_nothing_is_new_leaves_no_import(world):
    """The same file once more changes nothing and is not witnessed."""
    _file(world, _entry("a"))
    assert _file(world, _entry("a")) is None
    assert len(world.audit("office.imported")) == 1


def test_undoing_brings_back_what_was_before(world):
    """What was new ends, what was changed is as it was; a second undoing is refused."""
    _file(world, _entry("a", b"1"))
    second = _file(world, _entry("a", b"2"), _entry("b", b"2"))
    with world.tx() as tx:
        gone, back = taken_back(tx, second.number)
    assert ([row.key for row in gone], [row.payload for row in back]) == (["b"], [b"1"])
    assert undo(world.wiring, second.number).undone_at == world.clock.now()
    assert _live(world) == {"a": b"1"}
    with pytest.raises(BadInput):
        undo(world.wiring, second.number)
    with pytest.raises(NotFound):
        undo(world.wiring, 99)


def test_import_and_undoing_are_witnessed_without_personal_data(world):
    """Kind, file's digest, counts, pupils under pseudonyms; neither ids nor keys nor payloads."""
    made = _file(world, _entry("900177/mother/email", b'{"address":"family@example.org"}'), origin="sha256:1")
    undo(world.wiring, made.number)
    (imported,), (undone,) = world.audit("office.imported"), world.audit("office.undone")
    pseudonym = world.wiring.keyring.pseudonym("900177")
    assert imported.details == {
        "import": made.number, "kind": "contact", "origin": "sha256:1",
        "counts": {"new": 1, "changed": 0, "same": 0}, "pupils": [pseudonym], "classes": [],
    }  # fmt: skip
    assert undone.details["counts"] == {"gone": 1, "back": 0}
    assert undone.details["pupils"] == [pseudonym]
    assert "900177" not in f"{imported.details}{undone.details}"


def test_classes_are_witnessed_by_name(world):
    """A class is no person."""
    entry = Entry(OfficeKind.CURRICULUM, "10А/x", None, "10А", b"{}", 2)
    file_in(world.wiring, OfficeKind.CURRICULUM, [entry], origin="test")
    assert world.audit("office.imported")[0].details["classes"] == ["10А"]


def test_an_import_that_fails_leaves_nothing(world, monkeypatch):
    """Rows, counts and witness move together or not at all."""
    from ejsync.store.audit_table import AuditTable

    def fail(*_):
        raise RuntimeError

    monkeypatch.setattr(AuditTable, "append", fail)
    with pytest.raises(RuntimeError):
        _file(world, _entry("a"))
    monkeypatch.undo()
    assert _live(world) == {}
    with world.tx() as tx:
        assert tx.office.imports() == []
