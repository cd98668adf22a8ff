"""release: a quarantined record goes on once it keeps its contract."""

from dataclasses import replace

import pytest

from ejsync.errors import ContractViolation, NotFound
from ejsync.pipeline.release import release
from tests.doubles.records import broken_mark, marks


class Lenient:
    """A checker whose contracts have been mended."""

    def faults(self, contract, data):
        """Everything is well now."""
        return ()


@pytest.fixture
def quarantined(world):
    """One broken mark, and its number."""
    world.consent("1001")
    world.read(marks(["1001"], broken_mark()))
    with world.tx() as tx:
        return tx.quarantine.find()[0].number


def test_what_is_still_broken_stays(world, quarantined):
    """A record that still breaks its contract is refused with the places, and stays where it is."""
    with pytest.raises(ContractViolation) as caught:
        release(world.wiring, quarantined)
    assert caught.value.pointers == ("/raw",)
    with world.tx() as tx:
        assert tx.quarantine.count() == 1


def test_what_is_well_now_goes_its_way(world, quarantined):
    """After its contract was mended the record is delivered as any other, and the release is witnessed."""
    counts = release(replace(world.wiring, contracts=Lenient()), quarantined)
    assert (counts["created"], counts["mended"], counts["queued"]) == (1, 1, 1)
    world.deliver()
    assert len(world.ed.live()) == 1
    assert [entry.details["number"] for entry in world.audit("quarantine.released")] == [quarantined]
    with world.tx() as tx:
        assert tx.quarantine.count() == 0


def test_an_unknown_number_is_told(world):
    """Nothing is quarantined under a number nobody gave."""
    with pytest.raises(NotFound):
        release(world.wiring, 99)
