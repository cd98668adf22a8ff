"""The moments of changes, all the way through: whatever happens on the way, families have waited since it was seen."""

from datetime import timedelta

import pytest

from ejsync.domain.delays import merged, told
from ejsync.domain.records import Feed
from ejsync.domain.windows import Window
from ejsync.pipeline.replay import approve, replay
from ejsync.pipeline.sync import sync_feed
from tests.doubles.records import final_mark, finals, lesson, lessons, mark, marks
from tests.doubles.world import STRICT, WANTED

OWNERS = ("pupil:1001",)


@pytest.fixture
def school(world):
    """A school with one consented pupil; asks what delays were counted."""
    world.consent("1001")

    def delays(feed=Feed.MARKS, sink="ed"):
        with world.store.read(world.wiring.school) as tx:
            found = tx.delays.since(world.clock.now().date() - timedelta(days=9))
        return told(merged([found.get((sink, feed), {})]))

    world.delays = delays
    return world


def read(world, *rows, feed=Feed.MARKS, reading=marks):
    """Read the marks of the pupil in a window that keeps account of him."""
    world.source.answers[feed] = [(Window(feed, "10А", "getmarks", owners=OWNERS), reading(["1001"], *rows))]
    return sync_feed(world.wiring, feed, WANTED)


def minutes(number):
    """Seconds."""
    return 60.0 * number


def test_a_delay_lasts_from_seeing_to_settlement(school):
    """What is seen at 8:00 and settled at 8:10 took ten minutes; nobody knows how long a first load stood there."""
    read(school, mark())
    school.clock.move(minutes=10)
    school.deliver()
    found = school.delays()
    assert (found.delivered, found.worst_s) == (1, minutes(10))
    assert found.p95_at_most_s == pytest.approx(minutes(10), rel=0.05)


def test_the_bound_is_the_read_before(school):
    """A mark set some time after the last read of its day took at most the time since that read."""
    read(school, mark())
    school.deliver()
    school.clock.move(minutes=30)
    read(school, mark(raw="4"), mark(lesson_id="78"))
    school.clock.move(minutes=10)
    school.deliver()
    found = school.delays()
    assert (found.delivered, found.worst_s) == (3, minutes(10))
    assert found.p95_at_most_s == pytest.approx(minutes(40), rel=0.05)


def test_a_retraction_has_its_delay_too(school):
    """That a mark is gone was hidden by the read that last showed it."""
    read(school, mark(), mark(column=1))
    school.deliver()
    school.clock.move(minutes=30)
    read(school, mark())
    school.clock.move(minutes=5)
    school.deliver()
    assert (school.delays().delivered, school.delays().worst_s) == (3, minutes(5))
    assert school.delays().p95_at_most_s == pytest.approx(minutes(35), rel=0.05)


def test_an_edit_of_what_waits_has_waited_as_long(school):
    """Two edits before the first delivery are one change, as old as the first."""
    read(school, mark())
    school.clock.move(minutes=20)
    read(school, mark(raw="4"))
    school.clock.move(minutes=10)
    school.deliver()
    assert (school.delays().delivered, school.delays().worst_s) == (1, minutes(30))


def test_an_edit_of_what_is_dead_has_waited_since_the_letter(school):
    """A mark that was refused and is corrected reaches families as late as it was first seen long ago."""
    school.ed.reject["mark", mark().key] = "poison"
    read(school, mark())
    school.deliver()
    assert school.delays().delivered == 0
    school.clock.move(minutes=20)
    school.ed.reject.clear()
    read(school, mark(raw="4"))
    school.deliver()
    assert (school.delays().delivered, school.delays().worst_s) == (1, minutes(20))


def test_an_edit_of_what_is_refused_while_it_travels_has_waited_since(school):
    """The letter dies after its successor was queued: the successor inherits its moments."""
    school.ed.faults.append("unavailable")
    school.ed.reject["mark", mark().key] = "poison"
    read(school, mark())
    school.deliver()
    school.clock.move(minutes=20)
    read(school, mark(raw="4"))
    seen = iter([None, school.ed.reject.clear])
    school.ed.on_request = lambda _items: (next(seen) or int)()
    school.deliver()
    assert school.seen() == {mark().key: "4"}
    assert (school.delays().delivered, school.delays().worst_s) == (1, minutes(20))


def test_a_replay_counts_from_the_first_sight(school):
    """A dead letter sent again took all the time that it lay there."""
    school.ed.reject["mark", mark().key] = "poison"
    read(school, mark())
    school.deliver()
    school.clock.move(minutes=45)
    school.ed.reject.clear()
    [died] = school.batches("dead", "partial")
    replay(school.wiring, died.batch)
    school.deliver()
    assert (school.delays().delivered, school.delays().worst_s) == (1, minutes(45))


def test_halves_carry_the_moments_of_the_whole(school):
    """Isolating one item that spoils a batch takes nothing from the clocks of the others."""
    rows = [mark(column=number) for number in range(5)]
    school.ed.refuse_whole.add(("mark", rows[2].key))
    read(school, *rows)
    school.clock.move(minutes=10)
    school.deliver()
    assert (school.delays().delivered, school.delays().worst_s) == (4, minutes(10))


def test_what_waits_for_approval_begins_to_be_late_with_it(school):
    """An hour in which an operator thought is no delay of delivery."""
    week = [lesson(number) for number in range(1, 7)]
    school.read(lessons(["10А"], *week), feed=Feed.TIMETABLE)
    school.deliver()
    school.guarded(STRICT)
    school.read(lessons(["10А"], week[0]), feed=Feed.TIMETABLE)
    school.clock.move(minutes=60)
    [held] = school.batches("held")
    approve(school.wiring, held.batch)
    school.clock.move(minutes=5)
    school.deliver()
    assert (school.delays(Feed.TIMETABLE).delivered, school.delays(Feed.TIMETABLE).worst_s) == (11, minutes(5))


def test_what_waits_for_a_consent_begins_to_be_late_with_it(world, school):
    """A day without consent is no delay; from the consent on families wait."""
    world.read(marks(["1002"], mark("1002")))
    world.clock.move(minutes=60)
    world.consent("1002")
    world.clock.move(minutes=5)
    world.deliver()
    assert (school.delays().delivered, school.delays().worst_s) == (1, minutes(5))


def test_an_answer_that_was_lost_ends_the_delay_when_it_comes(school):
    """The first attempt was applied and nobody heard of it: the delay lasts until it is known."""
    school.ed.faults.append("lost")
    read(school, mark())
    wait = (school.deliver().waits_until - school.clock.now()).total_seconds()
    school.clock.move(seconds=wait)
    school.deliver()
    assert (school.delays().delivered, school.delays().worst_s) == (1, pytest.approx(wait))


def test_final_results_have_delays_of_their_own(school):
    """Each feed is counted apart."""
    read(school, final_mark(), feed=Feed.FINALS, reading=finals)
    school.deliver()
    assert (school.delays(Feed.FINALS).delivered, school.delays().delivered) == (1, 0)
