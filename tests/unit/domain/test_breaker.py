"""The breaker of one host."""

from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest

from ejsync.domain.breaker import (
    OPENS_AFTER,
    PROBE_S,
    TRANSITIONS,
    Admission,
    Breaker,
    BreakerState,
    Signal,
    admission,
    after,
    hurried,
    probing,
)
from tests.doubles.clock import START

CLOSED = Breaker("ed", "https://ed.example", START)


def away(breaker, times=1, at=START, **fields):
    """Several requests that met nobody."""
    for _ in range(times):
        breaker = after(breaker, Signal.AWAY, at, error="EJ-401", **fields)
    return breaker


OPEN = away(CLOSED, OPENS_AFTER)
HALF_OPEN = probing(OPEN, START + timedelta(seconds=30))


@pytest.mark.parametrize(("state", "signal"), list(product(BreakerState, Signal)))
def test_every_signal_in_every_state_does_what_the_table_says(state, signal):
    """No state and no signal is left out, and the function agrees with the table."""
    before = {
        BreakerState.CLOSED: away(CLOSED, OPENS_AFTER - 1),
        BreakerState.OPEN: OPEN,
        BreakerState.HALF_OPEN: HALF_OPEN,
    }
    assert after(before[state], signal, START, error="EJ-401").state is TRANSITIONS[state, signal]


def test_it_takes_several_failures_in_a_row_to_open():
    """One answer to any school in between begins the count anew; what concerns one school alone does not count."""
    nearly = away(CLOSED, OPENS_AFTER - 1)
    assert admission(nearly, START) is Admission.FREE
    assert after(nearly, Signal.OWN, START) == nearly
    answered = after(nearly, Signal.ANSWERED, START)
    assert away(answered, OPENS_AFTER - 1).state is BreakerState.CLOSED
    assert (OPEN.state, OPEN.error) == (BreakerState.OPEN, "EJ-401")


def test_the_rest_doubles_from_half_a_minute_to_ten_minutes():
    """30 s, 1, 2, 4, 8 minutes, then ten: each time a probe has met nobody again."""
    breaker, at, rests = OPEN, START, []
    for _ in range(8):
        rests.append((breaker.retry_at - at).total_seconds())
        assert admission(breaker, breaker.retry_at - timedelta(seconds=1)) is Admission.WAIT
        at = breaker.retry_at
        assert admission(breaker, at) is Admission.PROBE
        breaker = away(probing(breaker, at), at=at)
    assert rests == [30, 60, 120, 240, 480, 600, 600, 600]


@pytest.mark.parametrize(("asked_s", "rest_s"), [(None, 30), (5.0, 30), (900.0, 900), (1e9, 86_400)])
def test_a_rest_is_never_shorter_than_what_the_host_asks_for(asked_s, rest_s):
    """`Retry-After` is obeyed for all schools, up to a day."""
    opened = after(away(CLOSED, OPENS_AFTER - 1), Signal.AWAY, START, error="EJ-402", asked_s=asked_s)
    assert opened.retry_at == START + timedelta(seconds=rest_s)


def test_stragglers_do_not_make_the_rest_longer_but_may_ask_for_more():
    """Requests under way when it opened are no further evidence; what one of them asks for counts all the same."""
    assert away(OPEN, 7) == OPEN
    assert away(OPEN, asked_s=900.0).retry_at == START + timedelta(seconds=900)


def test_while_one_asks_for_all_the_others_wait_but_not_for_ever():
    """A probe whose process died is given up after two minutes; then the next one asks."""
    at = HALF_OPEN.since
    assert admission(HALF_OPEN, at) is Admission.WAIT
    assert admission(HALF_OPEN, at + timedelta(seconds=PROBE_S - 1)) is Admission.WAIT
    assert admission(HALF_OPEN, at + timedelta(seconds=PROBE_S)) is Admission.PROBE


def test_a_probe_that_met_trouble_of_its_own_lets_another_school_ask_at_once():
    """A refused token says nothing of the host: it stays open, but is due."""
    told = after(HALF_OPEN, Signal.OWN, START + timedelta(seconds=31))
    assert (told.state, told.failures) == (BreakerState.OPEN, OPEN.failures)
    assert admission(told, START + timedelta(seconds=31)) is Admission.PROBE


def test_an_answer_forgets_everything():
    """Closed again, it stands as if nothing had been."""
    at = START + timedelta(minutes=1)
    assert after(HALF_OPEN, Signal.ANSWERED, at) == replace(CLOSED, since=at)


def test_a_person_may_ask_once_in_spite_of_it():
    """An open breaker is due at once; a closed one and a probe under way stay as they are."""
    assert admission(hurried(OPEN, START), START) is Admission.PROBE
    assert hurried(CLOSED, START) == CLOSED
    assert hurried(HALF_OPEN, START) == HALF_OPEN


def test_a_clock_set_back_does_not_keep_it_open():
    """A rest that began in the future is over."""
    assert admission(OPEN, START - timedelta(hours=5)) is Admission.PROBE
