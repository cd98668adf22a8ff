"""Pacing of one host."""

import threading

from ejsync.sources.eljur.client.pacing import Pacer, pacer_of


def test_starts_are_a_pause_apart(clock):
    """The first request goes at once, each further one a pause after the one before."""
    pacer, starts = Pacer(clock), []
    for _ in range(3):
        pacer.wait(0.3)
        starts.append(round(clock.monotonic(), 3))
    assert starts == [0.0, 0.3, 0.6]


def test_time_that_passed_is_not_waited_for_again(clock):
    """A request that comes later than its turn goes at once."""
    pacer = Pacer(clock)
    pacer.wait(0.3)
    clock.sleep(5)
    pacer.wait(0.3)
    assert clock.slept == [5]


def test_threads_share_the_turns(clock):
    """However many threads ask, every turn is given once."""
    pacer = Pacer(clock)
    threads = [threading.Thread(target=pacer.wait, args=(1.0,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert pacer._free_at >= 8.0


def test_schools_of_one_host_share_a_pacer(clock):
    """Two schools on one host are paced together, two hosts apart."""
    one = pacer_of("https://region.invalid", clock)
    assert pacer_of("https://region.invalid", clock) is one
    assert pacer_of("https://other.invalid", clock) is not one


def test_postponing_holds_everybody(clock):
    """After the host asked to wait, nobody starts before."""
    pacer = Pacer(clock)
    pacer.postpone(5.0)
    pacer.wait(0.3)
    assert clock.monotonic() == 5.0
