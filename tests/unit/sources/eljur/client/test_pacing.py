"""Pacing of one host, under a clock that only moves when slept on."""

import threading
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ejsync.sources.eljur.client.pacing import (
    FAILING,
    HELD,
    SETTING,
    SLOW,
    THROTTLED,
    HeldError,
    Pace,
    Pacer,
    pacer_of,
)
from tests.doubles.clock import VirtualClock

PATIENCE_S = 20.0


@pytest.fixture
def pacer(clock):
    """A pacer that one school joined, with a pause of 300 ms."""
    made = Pacer(clock)
    made.join(0.3)
    return made


def ask(pacer, clock, *, took_s=0.2, method="getmarks", size_bytes=1000):
    """Send one request that is answered."""
    began = pacer.wait(PATIENCE_S)
    clock.elapsed_s += took_s
    pacer.answered(began, method, size_bytes)


def fail(pacer):
    """Send one request that is not answered."""
    pacer.failed(pacer.wait(PATIENCE_S))


def pause(pacer):
    """The present pause, without the noise of floats."""
    return round(pacer.pace().pause_s, 6)


def test_starts_are_a_pause_apart(pacer, clock):
    """The first request goes at once, each further one a pause after the one before."""
    starts = []
    for _ in range(3):
        pacer.wait(PATIENCE_S)
        starts.append(round(clock.monotonic(), 3))
    assert starts == [0.0, 0.3, 0.6]


def test_time_that_passed_is_not_waited_for_again(pacer, clock):
    """A request that comes later than its turn goes at once."""
    pacer.wait(PATIENCE_S)
    clock.sleep(5)
    pacer.wait(PATIENCE_S)
    assert clock.slept == [5]


def test_threads_share_the_turns(clock):
    """However many threads ask, every turn is given once."""
    pacer = Pacer(clock)
    pacer.join(1.0)
    threads = [threading.Thread(target=pacer.wait, args=(PATIENCE_S,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert pacer._free_at >= 8.0


def test_schools_of_one_host_share_a_pacer(clock):
    """Two schools on one host are paced together, two hosts apart; the strictest school's pause counts for all."""
    one = pacer_of("https://region.invalid", clock, 0.3)
    other = pacer_of("https://other.invalid", clock, 0.1)
    assert pacer_of("https://region.invalid", clock, 0.8) is one
    assert pacer_of("https://region.invalid", clock, 0.2) is one
    assert (one.pace(), other.pace()) == (Pace(0.8, SETTING), Pace(0.1, SETTING))


def test_failures_double_the_pause_up_to_a_bound(pacer):
    """Each failure of a request begun after the last step doubles the pause, up to half a minute."""
    pauses = []
    for _ in range(9):
        fail(pacer)
        pauses.append(pause(pacer))
    assert pauses == [0.6, 1.2, 2.4, 4.8, 9.6, 19.2, 30.0, 30.0, 30.0]
    assert pacer.pace().because == FAILING


def test_good_answers_shrink_the_pause_step_by_step(pacer, clock):
    """Three good answers in a row take one step back, until the setting's own pause is reached, and never below it."""
    for _ in range(3):
        fail(pacer)
    pauses = []
    for _ in range(12):
        ask(pacer, clock)
        pauses.append(pause(pacer))
    assert pauses == [2.4, 2.4, 1.2, 1.2, 1.2, 0.6, 0.6, 0.6, 0.3, 0.3, 0.3, 0.3]
    assert pacer.pace() == Pace(0.3, SETTING)


def test_the_way_back_from_the_bound_begins_at_once(pacer, clock):
    """However often it failed at the bound, three good answers shrink the pause."""
    for _ in range(50):
        fail(pacer)
    for _ in range(3):
        ask(pacer, clock)
    assert pause(pacer) == 19.2


def test_a_failure_between_makes_good_answers_begin_again(pacer, clock):
    """Only good answers in a row count."""
    fail(pacer)
    for _ in range(4):
        ask(pacer, clock)
        ask(pacer, clock)
        fail(pacer)
    assert pause(pacer) == 9.6


def test_what_began_before_the_last_step_is_the_same_trouble(pacer, clock):
    """Sixteen requests that fail together take one step, not sixteen."""
    began = [pacer.wait(PATIENCE_S) for _ in range(16)]
    clock.elapsed_s += 1
    for one in began:
        pacer.failed(one)
    assert pause(pacer) == 0.6


def test_a_slow_answer_is_one_that_takes_much_longer_than_its_like(pacer, clock):
    """Over four times the usual time is slow; the usual follows a service that stays slow."""
    for _ in range(5):
        ask(pacer, clock, took_s=0.5)
    ask(pacer, clock, took_s=1.9)
    assert pacer.pace() == Pace(0.3, SETTING)
    ask(pacer, clock, took_s=4.0)
    assert (pause(pacer), pacer.pace().because) == (0.6, SLOW)
    for _ in range(12):
        ask(pacer, clock, took_s=4.0)
    assert pacer.pace() == Pace(0.3, SETTING)


def test_large_answers_are_not_slow_beside_small_ones(pacer, clock):
    """Method and size make the like of an answer, and the first five of a kind only teach what is usual."""
    for _ in range(6):
        ask(pacer, clock, took_s=0.2, method="getrules", size_bytes=900)
    for took_s in (9.0, 9.5, 10.0):
        ask(pacer, clock, took_s=took_s, size_bytes=4_000_000)
        ask(pacer, clock, took_s=took_s, method="getrules", size_bytes=4_000_000)
    assert pacer.pace() == Pace(0.3, SETTING)


def test_a_quick_service_may_hesitate(pacer, clock):
    """Up to a second no answer is slow, however quick its like are."""
    for _ in range(6):
        ask(pacer, clock, took_s=0.01)
    ask(pacer, clock, took_s=0.9)
    assert pacer.pace() == Pace(0.3, SETTING)


def test_a_quarter_of_a_minute_is_always_slow(pacer, clock):
    """An absolute bound counts from the first answer on, and for a service that was never quicker."""
    for step in range(1, 4):
        ask(pacer, clock, took_s=15.5)
        assert pause(pacer) == round(0.3 * 2**step, 3)


def test_a_host_that_wants_fewer_requests_gets_two_steps(pacer):
    """429 and 503 quadruple the pause even without saying how long to wait."""
    pacer.throttled(pacer.wait(PATIENCE_S), 0.0)
    assert (pause(pacer), pacer.pace().because) == (1.2, THROTTLED)


def test_nobody_starts_before_a_host_allows_it(pacer, clock):
    """Whoever asks, and whoever already had a turn, waits until `Retry-After` is over; the pace says so."""
    pacer.throttled(pacer.wait(PATIENCE_S), 7.0)
    assert pacer.pace() == Pace(7.0, HELD)
    assert pacer.wait(PATIENCE_S) == 7.0
    assert clock.monotonic() == 7.0


def test_a_turn_given_before_is_given_anew(pacer, clock, monkeypatch):
    """A thread that sleeps towards its turn while the host asks to wait does not start at its old turn."""
    began = pacer.wait(PATIENCE_S)
    sleep = clock.sleep

    def _sleep(seconds):
        sleep(seconds)
        if len(clock.slept) == 1:
            pacer.throttled(began, 5.0)

    monkeypatch.setattr(clock, "sleep", _sleep)
    assert pacer.wait(PATIENCE_S) == 5.3


def test_a_long_wait_is_told_instead_of_slept(pacer, clock):
    """A host that asks for more than the caller may wait is not asked at all, and takes no turn."""
    pacer.throttled(pacer.wait(PATIENCE_S), 600.0)
    with pytest.raises(HeldError) as caught:
        pacer.wait(PATIENCE_S)
    assert (caught.value.seconds, clock.slept) == (600.0, [])
    clock.elapsed_s = 600.0
    assert pacer.wait(PATIENCE_S) == 600.0


def test_an_absurd_wait_ends_after_an_hour(pacer):
    """No host can silence a school for good."""
    pacer.throttled(pacer.wait(PATIENCE_S), 1e9)
    assert pacer.pace() == Pace(3600.0, HELD)


def test_a_pause_of_nothing_grows_too(clock):
    """Where the settings want no pause, trouble brings one of a fifth of a second first."""
    pacer = Pacer(clock)
    fail(pacer)
    assert pause(pacer) == 0.2


def test_a_setting_beyond_the_bound_stays(clock):
    """A school that wants a minute between requests gets a minute, in good times and bad."""
    pacer = Pacer(clock)
    pacer.join(60.0)
    fail(pacer)
    assert pause(pacer) == 60.0


EVENTS = st.one_of(
    st.floats(0, 40).map(lambda took_s: ("answered", took_s)),
    st.floats(0, 40).map(lambda took_s: ("failed", took_s)),
    st.floats(0, 15).map(lambda asked_s: ("throttled", asked_s)),
)


@given(base_s=st.floats(0, 60), events=st.lists(EVENTS, max_size=40))
def test_whatever_comes_the_pace_keeps_its_bounds(base_s, events):
    """No two starts are closer than the setting, no pause is beyond its bound, and good answers lead back to it."""
    clock, starts = VirtualClock(), []
    pacer = Pacer(clock)
    pacer.join(base_s)
    for kind, seconds in events + [("answered", 0.0)] * 30:
        starts.append(began := pacer.wait(PATIENCE_S))
        if kind == "throttled":
            pacer.throttled(began, seconds)
            assert pacer.wait(PATIENCE_S) >= began + seconds - 1e-3
            continue
        clock.move(seconds=seconds)
        told = {"answered": lambda: pacer.answered(began, "getmarks", 1000), "failed": lambda: pacer.failed(began)}
        told[kind]()
        assert base_s <= pacer._pause_s() <= max(30.0, base_s)
    assert all(later - earlier >= base_s - 1e-9 for earlier, later in pairwise(starts))
    assert pacer.pace() == Pace(base_s, SETTING)
