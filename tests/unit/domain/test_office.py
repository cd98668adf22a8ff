"""What the office holds, compared."""

from datetime import UTC, datetime

from ejsync.domain.office import Entry, OfficeImport, OfficeKind, OfficeRow, Standing, by_key, differing, standing

KIND = OfficeKind.CONTACT


def _entry(payload):
    return Entry(KIND, "k", "1", None, payload, 2)


def test_a_row_is_new_changed_or_the_same():
    """By its key it is found, by its payload it is judged."""
    assert standing(_entry(b"a"), {}) is Standing.NEW
    assert standing(_entry(b"a"), {"k": b"a"}) is Standing.SAME
    assert standing(_entry(b"b"), {"k": b"a"}) is Standing.CHANGED


def test_what_differs_is_named_by_its_field():
    """Fields that are equal are not told."""
    assert differing(b'{"a":1,"b":2}', b'{"a":1,"b":3,"c":null}') == ("b",)


def test_rows_by_key_and_an_imports_size():
    """Payloads by key; an import has as many rows as it counted."""
    at = datetime(2026, 9, 1, tzinfo=UTC)
    assert by_key([OfficeRow(KIND, "k", "1", None, b"p", at, 1)]) == {"k": b"p"}
    assert OfficeImport(1, KIND, at, "sha256:0", 1, 2, 3).rows == 6
