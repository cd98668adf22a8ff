"""ledgers: the tables that keep account fit the Protocols of the stages."""

import inspect

import pytest

from ejsync.pipeline import ledgers

LEDGERS = {
    "consents": ledgers.Consents,
    "marks": ledgers.Marks,
    "readings": ledgers.Readings,
    "drift": ledgers.Drift,
}


@pytest.mark.parametrize("name", LEDGERS)
def test_a_table_family_has_every_method_of_its_ledger(name, world):
    """Each family offers what its Protocol promises, with the same parameters and defaults."""
    with world.tx() as tx:
        family = type(getattr(tx, name))
    for method, member in vars(LEDGERS[name]).items():
        if inspect.isfunction(member) and not method.startswith("_"):
            promised, found = inspect.signature(member), inspect.signature(getattr(family, method))
            assert {p.name: p.default for p in promised.parameters.values()} == {
                p.name: p.default for p in found.parameters.values() if p.name in promised.parameters
            }, method
