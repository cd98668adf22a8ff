"""The tables by which delivery is watched."""

import pytest
from sqlalchemy import LargeBinary

from ejsync.store.delivery_tables import BreakerRow, ComparisonRow, DelayRow, StoreMarkRow
from ejsync.store.statements import table_of


@pytest.mark.parametrize("model", [DelayRow, ComparisonRow, StoreMarkRow])
def test_what_is_watched_of_a_school_is_its_own(model):
    """The school comes first in the key: one school's rows are never another's."""
    assert next(iter(table_of(model).primary_key.columns)).name == "school"


def test_a_breaker_is_of_a_host_for_all_schools():
    """Schools that send to one host share what is known of its health."""
    assert [column.name for column in table_of(BreakerRow).primary_key] == ["sink", "host"]


def test_nothing_of_a_person_is_kept_to_watch_delivery():
    """No column holds bytes, a key or a pupil."""
    names = {
        column.name
        for model in (BreakerRow, ComparisonRow, DelayRow, StoreMarkRow)
        for column in table_of(model).columns
        if isinstance(column.type, LargeBinary) or column.name in {"key", "pupil", "owner", "payload"}
    }
    assert names == set()
