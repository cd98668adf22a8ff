"""The tables of trust."""

from ejsync.store.statements import table_of
from ejsync.store.trust_tables import CheckpointRow


def test_a_checkpoint_is_named_by_school_and_number():
    """No school can have two checkpoints of one number."""
    assert [column.name for column in table_of(CheckpointRow).primary_key] == ["school", "number"]
