"""What `privacy report` tells."""

from types import SimpleNamespace

import pytest

from ejsync.cli.privacy_told import told_of
from ejsync.errors import NotFound
from tests.doubles.erasing import HIM, MATE, filled


def told(world, pupil):
    """The answer about one pupil."""
    return told_of(SimpleNamespace(store=world.store), world.wiring, pupil)


def test_nothing_of_another_pupil_stands_in_it(world):
    """Neither number nor pseudonym of a class-mate, whose records went in the same batches."""
    filled(world)
    found = str(told(world, HIM))
    assert MATE not in found
    assert world.wiring.keyring.pseudonym(MATE) not in found


def test_what_does_not_leave_is_told_with_its_ground(world):
    """After a withdrawal everything is withheld, and the retraction stands beside what was sent."""
    filled(world)
    assert told(world, HIM)["withheld"] == []
    world.withdraw(HIM)
    world.deliver()
    found = told(world, HIM)
    assert {one["ground"] for one in found["withheld"]} == {"withdrawn"}
    assert [one["what"] for one in found["left"]] == ["sent", "retracted"]
    assert found["left"][-1]["outcome"] == {"delivered": 4}


def test_an_unknown_pupil_is_told_so(world):
    """Nothing is held and the log does not know him."""
    with pytest.raises(NotFound):
        told(world, "4711")
