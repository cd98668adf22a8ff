"""Tables of the office."""

from ejsync.store.office_tables import OfficeImportTableRow, OfficeTableRow


def test_a_row_is_found_by_import_and_key():
    """Of one import no key has two rows; which imports there are is a table of its own."""
    assert [column.name for column in OfficeTableRow.__table__.primary_key] == ["import_id", "key"]
    assert OfficeImportTableRow.__tablename__ == "office_import"
