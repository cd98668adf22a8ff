"""erasures: the tables fit the Protocols."""

import inspect

import pytest

from ejsync.pipeline import erasures

FAMILIES = {"erasures": erasures.Erasures, "retention": erasures.Retention}


@pytest.mark.parametrize("name", FAMILIES)
def test_a_table_has_every_method_of_its_protocol(name, world):
    """Under the same names, with the same parameters."""
    with world.tx() as tx:
        table = getattr(tx, name)
        for method, wanted in inspect.getmembers(FAMILIES[name], inspect.isfunction):
            if not method.startswith("_"):
                found = inspect.signature(getattr(table, method))
                assert list(found.parameters) == list(inspect.signature(wanted).parameters)[1:], method
