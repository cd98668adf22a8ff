"""shelves: the table families fit the Protocols of the stages."""

import inspect

import pytest

from ejsync.pipeline import ledgers, shelves

SHELVES = {
    "records": shelves.Records,
    "outbox": shelves.Outbox,
    "batches": shelves.Batches,
    "quarantine": shelves.Quarantine,
    "consents": ledgers.Consents,
    "marks": ledgers.Marks,
    "readings": ledgers.Readings,
    "drift": ledgers.Drift,
    "office": ledgers.Office,
    "owed": ledgers.Owed,
    "delays": ledgers.Delays,
    "breakers": ledgers.Breakers,
    "comparisons": ledgers.Comparisons,
    "decisions": ledgers.Decisions,
    "store_marks": ledgers.StoreMarks,
}


@pytest.mark.parametrize("name", SHELVES)
def test_a_table_family_has_every_method_of_its_shelf(name, world):
    """Each family offers what its shelf promises, with the same parameters and defaults."""
    with world.tx() as tx:
        family = type(getattr(tx, name))
    for method, member in vars(SHELVES[name]).items():
        if inspect.isfunction(member) and not method.startswith("_"):
            promised, found = inspect.signature(member), inspect.signature(getattr(family, method))
            assert {p.name: p.default for p in promised.parameters.values()} == {
                p.name: p.default for p in found.parameters.values() if p.name in promised.parameters
            }, method
