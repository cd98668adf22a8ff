"""The tables of what reading remembers: whose rows they are, and that nothing personal is spelled out in them."""

import pytest
from sqlalchemy import LargeBinary

from ejsync.store.reading_tables import DriftRow, MemoryRow, PageRow, ReadingRow, ReadOrderRow
from ejsync.store.statements import table_of

TABLES = (DriftRow, MemoryRow, PageRow, ReadingRow, ReadOrderRow)


@pytest.mark.parametrize("model", TABLES)
def test_every_row_is_one_school_s(model):
    """The school comes first in every key: one school's rows are never another's."""
    assert next(iter(table_of(model).primary_key.columns)).name == "school"


def test_only_sealed_memory_holds_bytes():
    """Pages are remembered by their digests and drift by its places: no content stands here but sealed."""
    found = [
        (model, column.name)
        for model in TABLES
        for column in table_of(model).columns
        if isinstance(column.type, LargeBinary)
    ]
    assert found == [(MemoryRow, "sealed")]
