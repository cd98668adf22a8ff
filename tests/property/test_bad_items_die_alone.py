"""Whatever a diary refuses batches for, whenever the process dies: bad items die, all others land once, in order."""

from contextlib import contextmanager, suppress
from dataclasses import replace
from math import ceil, log2
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ejsync.domain.records import Feed
from tests.doubles.lanes import lanes
from tests.doubles.records import lesson, lessons, mark, marks
from tests.doubles.sink import Killed
from tests.doubles.world import World

KILLS = st.lists(st.tuples(st.integers(1, 12), st.sampled_from(["before", "after", "push", "answer"])), max_size=4)


class Mortal:
    """A store in whose n-th transaction the process dies: before its commit, or right after it."""

    def __init__(self, store, left, when):
        self._store, self._left, self._when = store, left, when

    def __getattr__(self, name):
        return getattr(self._store, name)

    @contextmanager
    def begin(self, school):
        """A transaction, perhaps the last one."""
        self._left -= 1
        with self._store.begin(school) as tx:
            yield tx
            if not self._left and self._when == "before":
                raise Killed
        if not self._left and self._when == "after":
            raise Killed


def live(world, kills):
    """Deliver until nothing is left, dying where it is ordered."""
    store = world.store
    for left, when in kills:
        if when in {"push", "answer"}:
            world.ed.faults.extend([None] * (left % 4) + [{"push": "kill_before", "answer": "kill_after"}[when]])
        else:
            world.wiring = replace(world.wiring, store=Mortal(store, left, when))
        with suppress(Killed):
            world.deliver()
        world.ed.faults.clear()
        world.wiring = replace(world.wiring, store=store)
        world.restart()
    world.deliver()


@lanes(fast=10, full=30)
def test_bad_items_die_alone_whatever_happens(examples):
    """One to three bad items die, all others land once, parents first; unkilled, one costs ⌈log₂ n⌉ + 1 requests."""
    how = {"deadline": None, "derandomize": True, "suppress_health_check": list(HealthCheck), "print_blob": False}
    settings(max_examples=examples, **how)(given(**DRAWN)(die_alone))()


DRAWN = {
    "count": st.integers(1, 40),
    "places": st.sets(st.integers(0, 39), min_size=1, max_size=3),
    "kills": KILLS,
    "data": st.data(),
}


def die_alone(count, places, kills, data):
    """Deliver items of which some are bad, killed now and then, and look at what became of each."""
    parents = data.draw(st.integers(0, min(count, 8)), label="lessons")
    known = [lesson(number) for number in range(1, parents + 1)]
    known += [mark(lesson_id=str(number)) for number in range(count - parents)]
    bad = {known[place % count].key for place in places}
    with TemporaryDirectory() as folder:
        world = World(Path(folder), batch_items=40)
        world.consent("1001")
        world.read(lessons(["10А"], *known[:parents]), feed=Feed.TIMETABLE)
        world.read(marks(["1001"], *known[parents:]))
        world.ed.refuse_whole = {(record.kind.value, record.key) for record in known if record.key in bad}
        live(world, kills)
        dead = [item.key for row in world.batches("dead") for item in world.items(row.batch)]
        assert sorted(dead) == sorted(bad)
        assert {key for _, key in world.ed.live()} == {record.key for record in known} - bad
        assert set(world.ed.effects.values()) <= {1}
        assert world.batches("pending", "in_flight") == []
        assert world.waiting() == {}
        landed = [kind for kind, *_ in world.ed.effects]
        assert landed == sorted(landed), "a mark before a lesson"
        if not kills and len(bad) == 1:
            assert len(world.ed.requests) - 1 <= (ceil(log2(count)) + 1 if count > 1 else 0)
        world.close()
