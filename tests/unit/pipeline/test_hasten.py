"""hasten: a person's wish to send now against the waiting times of errors."""

import pytest

from ejsync.pipeline.hasten import impatient
from tests.doubles.records import lesson, lessons


def _failed(world, *faults):
    """Let one batch fail once for each fault."""
    world.ed.faults.extend(faults)
    world.read(lessons(["10А"], lesson()))
    return world.deliver()


def _hastened(world):
    with world.wiring.store.begin(world.wiring.school) as tx:
        return impatient(world.wiring, tx, "ed")


@pytest.mark.parametrize("fault", ["auth", "away"])
def test_what_waits_because_of_an_error_goes_at_once(world, fault):
    """A mended token is tried now, with the same bytes under the same key."""
    assert _failed(world, fault).waits_until is not None
    assert world.deliver().batches == 0
    assert _hastened(world) == 1
    report = world.deliver()
    assert (report.batches, report.waits_until) == (1, None)
    first, second = world.ed.requests
    assert (first.key, first.body) == (second.key, second.body)


def test_a_diary_that_asked_to_wait_is_left_in_peace(world):
    """Its own waiting time stands, whoever asks."""
    waits = _failed(world, "throttled:600").waits_until
    assert _hastened(world) == 0
    report = world.deliver()
    assert (report.batches, report.waits_until) == (0, waits)


def test_a_sink_that_is_well_is_left_alone(world):
    """Where nothing waits there is nothing to hasten."""
    assert _hastened(world) == 0
    with world.tx() as tx:
        assert tx.marks.sink("ed").retry_at is None
