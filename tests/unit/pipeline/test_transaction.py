"""transaction: what the store offers is what the stages were promised."""

from dataclasses import fields

from ejsync.pipeline.ports import Transaction
from ejsync.store.database import SqlTransaction


def test_a_transaction_has_every_shelf():
    """A transaction offers exactly the shelves of the port, and what a source remembers."""
    promised = {name for name, member in vars(Transaction).items() if isinstance(member, property)}
    assert {field.name for field in fields(SqlTransaction)} == {*promised, "memory"}
