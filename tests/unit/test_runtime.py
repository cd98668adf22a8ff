"""Real time and real threads behind the ports."""

import threading
from datetime import UTC, timedelta

import pytest
import time_machine

from ejsync.runtime import InlineExecutor, PoolExecutor, SystemClock, Turns


@time_machine.travel("2026-11-16T08:00:00Z", tick=False)
def test_the_clock_is_aware_utc_and_can_be_shifted():
    """The instant is aware UTC; a shift moves it by whole days and leaves the monotonic clock alone."""
    now = SystemClock().now()
    assert (now.tzinfo, now.isoformat()) == (UTC, "2026-11-16T08:00:00+00:00")
    assert SystemClock(timedelta(days=-7)).now() == now - timedelta(days=7)


def test_monotonic_never_goes_back_and_sleep_waits(monkeypatch):
    """Waiting is the machine's own."""
    waited = []
    monkeypatch.setattr("time.sleep", waited.append)
    clock = SystemClock()
    before = clock.monotonic()
    clock.sleep(1.5)
    assert waited == [1.5]
    assert clock.monotonic() >= before


def test_inline_each_task_is_done_when_its_result_is_asked_for():
    """Nothing runs ahead: the reproducible way."""
    done = []
    for task, result in InlineExecutor().map_ordered(lambda task: done.append(task) or task * 2, [1, 2]):
        assert done == list(range(1, task))
        assert result() == task * 2


@pytest.fixture
def pool():
    """A pool of three threads."""
    made = PoolExecutor(3)
    yield made
    made.close()


def test_a_pool_keeps_the_order_and_raises_where_the_result_is_asked_for(pool):
    """Results come in the order of the tasks; an error comes out at its own task only."""

    def work(task):
        if task == 5:
            raise ZeroDivisionError
        return task * 2

    outcomes = []
    for task, result in pool.map_ordered(work, range(20), ahead=3):
        if task == 5:
            with pytest.raises(ZeroDivisionError):
                result()
        else:
            outcomes.append(result())
    assert outcomes == [task * 2 for task in range(20) if task != 5]


@pytest.mark.parametrize("ahead", [1, 2, 5])
def test_a_pool_never_runs_further_ahead_than_it_may(pool, ahead):
    """However many tasks there are, no more than `ahead` are begun and not dealt with: a kill costs no more."""
    begun = []
    for number, (_, result) in enumerate(pool.map_ordered(begun.append, range(100), ahead=ahead)):
        result()
        assert len(begun) <= number + ahead
    assert sorted(begun) == list(range(100))


def test_what_was_not_begun_is_called_off_with_its_consumer(pool):
    """Whoever stops asking leaves no tasks behind."""
    gate, begun = threading.Event(), []

    def work(task):
        begun.append(task)
        gate.wait(5)

    tasks = pool.map_ordered(work, range(100), ahead=3)
    next(tasks)
    tasks.close()
    gate.set()
    assert len(begun) <= 4


def test_no_tasks_are_no_work(pool):
    """Nothing in, nothing out."""
    assert list(pool.map_ordered(str, [], ahead=3)) == []


def test_turns_are_taken_one_at_a_time():
    """However many want a turn, soon or at leisure, no two hold it together."""
    turns, inside, most = Turns(), [], []

    def work(taking):
        for _ in range(50):
            with taking():
                inside.append(1)
                most.append(len(inside))
                inside.pop()

    threads = [threading.Thread(target=work, args=(one,)) for one in (turns.soon, turns.at_leisure) * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(most) == {1}
    assert not turns.wanted


def test_whoever_took_a_turn_at_leisure_sees_that_it_is_wanted():
    """It is wanted from the moment somebody waits for it until he has it; waiting at leisure is no wanting."""
    turns, seen, waiting = Turns(), [], threading.Event()

    def hurry():
        waiting.set()
        with turns.soon():
            seen.append(turns.wanted)

    with turns.at_leisure():
        assert not turns.wanted
        thread = threading.Thread(target=hurry)
        thread.start()
        waiting.wait(5)
        while not turns.wanted:
            pass
        assert seen == []
    thread.join()
    assert seen == [False]


def test_a_turn_is_given_back_whatever_happens():
    """An error inside a turn leaves nobody waiting."""
    turns = Turns()
    for taking in (turns.soon, turns.at_leisure):
        with pytest.raises(ZeroDivisionError), taking():
            raise ZeroDivisionError
    with turns.soon():
        assert not turns.wanted
