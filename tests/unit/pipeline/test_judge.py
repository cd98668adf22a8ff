"""judge: a reading in the light of its cycle and of the hours before."""

from dataclasses import replace

import pytest

from ejsync.domain.changes import Op
from ejsync.domain.records import Feed, Kind
from ejsync.domain.windows import Window
from ejsync.pipeline.detect import detect
from ejsync.pipeline.judge import judge
from ejsync.pipeline.normalise import normalise
from tests.doubles.records import mark, marks, pupil, roster, school_class
from tests.doubles.world import STRICT

WINDOW = Window(Feed.MARKS, "10А", "getmarks")
MANY = [mark(lesson_id=str(number)) for number in range(6)]
LOST = ("class:10А", Op.RETRACT, Kind.MARK)


@pytest.fixture
def judged(world):
    """Judge a reading of one pupil's marks without taking it in."""
    world.consent("1001")
    world.read(roster(school_class(), pupil("1001")), feed=Feed.ROSTER)
    world.read(marks(["1001"], *MANY))
    world.guarded(STRICT)

    def go(*records, alarmed=()):
        reading, known = marks(["1001"], *records, believable=True), set(alarmed)
        with world.tx() as tx:
            found = detect(world.wiring, tx, WINDOW, reading.coverages, normalise(world.wiring, reading.records))
            return judge(world.wiring, tx, WINDOW, found, alarmed=known).masses, known

    return go


def test_a_mass_alarms_its_class(judged):
    """Three of six marks are a mass of the pupil's class, which is watched from now on; one is neither."""
    assert judged(*MANY[:3]) == ({LOST}, {"class:10А"})
    assert judged(*MANY[:5]) == (set(), set())


def test_of_an_alarmed_class_everything_gone_is_a_mass(judged):
    """One mark more of a class of which a mass was held goes with it; of another class's alarm it knows nothing."""
    assert judged(*MANY[:5], alarmed={"class:10А"})[0] == {LOST}
    assert judged(*MANY[:5], alarmed={"class:11А"})[0] == set()


def test_first_sights_and_returns_are_no_masses(world, judged):
    """Marks that are new, or come back, however many."""
    assert judged(*MANY, *(mark(lesson_id=f"new-{number}") for number in range(20)))[0] == set()
    world.guarded(replace(STRICT, retracted_share=1.0))
    world.read(marks(["1001"], believable=True))
    world.guarded(STRICT)
    assert judged(*MANY)[0] == set()


def test_without_a_memory_each_read_is_judged_alone(world, judged):
    """Two marks twice are no mass, but with a memory the second two are."""
    world.read(marks(["1001"], *MANY[:4], believable=True))
    assert judged(*MANY[:2])[0] == set()
    world.guarded(replace(STRICT, memory_hours=1))
    assert judged(*MANY[:2])[0] == {LOST}
    world.clock.move(minutes=61)
    assert judged(*MANY[:2])[0] == set()
