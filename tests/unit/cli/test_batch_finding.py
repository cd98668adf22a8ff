"""Batches that an operator names."""

import pytest

from ejsync.cli.batch_finding import chosen, locate, named
from ejsync.domain.decisions import ALL, Selection
from ejsync.errors import NotFound
from tests.doubles.records import mark, marks


class Exchange:
    """Just as much of an exchange as finding batches needs: one school and its store."""

    def __init__(self, world):
        self.store, self._wiring = world.wiring.store, world.wiring

    def school(self, name):
        """The one school, whatever is asked."""
        return [self._wiring]


@pytest.fixture
def refused(world):
    """A school with one delivered batch and one whose only item the diary refused."""
    world.consent("1001")
    world.read(marks(["1001"], mark()))
    world.deliver()
    world.clock.move(minutes=1)
    world.ed.reject["mark", mark(lesson_id="78").key] = "poison"
    world.read(marks(["1001"], mark(), mark(lesson_id="78")))
    world.deliver()
    return world


def test_a_batch_is_found_by_the_beginning_of_its_id(refused):
    """A batch is found by its id and by a beginning of it that no other has; what nobody has is named as missing."""
    exchange = Exchange(refused)
    [dead] = refused.batches("dead")
    assert locate(exchange, None, dead.batch)[1] == dead
    assert named(exchange, None, [dead.batch[:12]])[0][1] == dead
    with pytest.raises(NotFound) as caught:
        locate(exchange, None, "no-such-batch")
    assert caught.value.name == "no-such-batch"


def test_what_is_chosen_is_found_oldest_first(refused):
    """Of a delivered and a refused batch both are found without a choice, and one by its dead letters."""
    exchange = Exchange(refused)
    assert [row.state for _, row in chosen(exchange, None, lambda _: ALL)] == ["delivered", "dead"]
    assert [row.state for _, row in chosen(exchange, None, lambda _: Selection(dead=True))] == ["dead"]
    assert chosen(exchange, None, lambda _: Selection(dead=True, sink="other")) == []


def test_a_batch_named_twice_is_one_batch(refused):
    """An id and its beginning name the same batch, which is decided about once."""
    [dead] = refused.batches("dead")
    assert [row for _, row in named(Exchange(refused), None, [dead.batch, dead.batch[:12]])] == [dead]
